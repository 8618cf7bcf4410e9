/** Milliseconds between two heartbeats. */
export const BEAT_INTERVAL = 1000;

/** A peer that was silent for so many milliseconds is gone: three heartbeats are missing. */
const GONE_AFTER: number = 3.5 * BEAT_INTERVAL;

/** A peer that is gone is remembered for so many milliseconds: a process that was only stopped goes on where it was. */
const REMEMBER_FOR = 60 * BEAT_INTERVAL;

/** Another backplane. */
export interface Peer {
	readonly id: string;
	/** Its first heartbeat was seen, so all of its messages came after that. */
	readonly isKnownFromStart: boolean;
	/** The number of its last heartbeat. */
	beat: number;
	/** The `losses` of its last heartbeat. */
	losses: number;
	heardAt: number;
	isGone: boolean;
	/** It has said that it leaves: its silence means nothing. */
	hasLeft: boolean;
}

interface Heard {
	readonly from: string;
	readonly number: number;
	readonly losses: number;
}

interface Heartbeat {
	readonly peer: Peer;
	readonly isComplete: boolean;
	readonly hasLost: boolean;
}

/** The other backplanes that are heard. */
export class Peers {
	readonly #peers = new Map<string, Peer>();

	get(id: string): Peer | undefined {
		return this.#peers.get(id);
	}

	/** Those that answer questions. */
	present(): readonly Peer[] {
		return [...this.#peers.values()].filter(({ isGone, hasLeft }) => !isGone && !hasLeft);
	}

	/**
	 * A heartbeat came, or `isAnswer`: a peer has told the number of its last one. `isComplete`: everything that it has
	 * announced until now was seen. `hasLost`: it can't tell what it should have announced.
	 */
	heard({ from: id, number: beat, losses }: Heard, isAnswer: boolean, now: number): Heartbeat {
		const known = this.#peers.get(id);
		if (known === undefined) {
			const isKnownFromStart = beat === (isAnswer ? 0 : 1);
			const peer = { id, isKnownFromStart, beat, losses, heardAt: now, isGone: false, hasLeft: false };
			this.#peers.set(id, peer);
			return { peer, isComplete: isKnownFromStart, hasLost: losses > 0 };
		}
		const isComplete = beat <= known.beat + (isAnswer ? 0 : 1);
		const hasLost = losses > known.losses;
		known.losses = Math.max(known.losses, losses);
		known.beat = Math.max(known.beat, beat);
		known.heardAt = now;
		known.isGone = false;
		return { peer: known, isComplete, hasLost };
	}

	/** Finds those whose heartbeats have stopped, and those that can be forgotten. */
	check(now: number): { gone: readonly Peer[]; forgotten: readonly Peer[] } {
		const gone: Peer[] = [];
		const forgotten: Peer[] = [];
		for (const peer of this.#peers.values()) {
			const silent = now - peer.heardAt;
			if (silent >= GONE_AFTER && !peer.isGone && !peer.hasLeft) {
				peer.isGone = true;
				gone.push(peer);
			} else if (silent >= REMEMBER_FOR) {
				this.#peers.delete(peer.id);
				forgotten.push(peer);
			}
		}
		return { gone, forgotten };
	}

	/** The connection was interrupted: who is there must be found out anew. */
	clear(): void {
		this.#peers.clear();
	}
}
