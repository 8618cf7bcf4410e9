import type { Position } from "./wire.ts";

/** A channel on which nothing was published for so long is forgotten after this, or at most twice this, in milliseconds. */
const FORGET_AFTER = 60_000;

/** So many changed positions are kept until a heartbeat can announce them. */
const MAX_CHANGED = 65_536;

/** A position of this backplane. */
interface Own {
	readonly channel: string;
	readonly epoch: number;
	number: number;
}

/**
 * Numbers the messages that this backplane publishes, for each channel from 1. Applications make topics as they like, so a
 * channel that is quiet is forgotten; it begins with 1 again in a later epoch. Whoever listened knows the last number by
 * then, because a heartbeat has told it.
 */
export class Numbering {
	#recent = new Map<string, Own>();
	#older: ReadonlyMap<string, Own> = new Map();
	#epoch: number = 0;
	#changed = new Set<Own>();
	#forgetAt: number = 0;
	/** How often changes were dropped because there were too many. The others then have to assume the worst. */
	losses: number = 0;

	/** The position of the next message. */
	next(channel: string): Position {
		let own = this.#recent.get(channel);
		if (own === undefined) {
			own = this.#older.get(channel) ?? { channel, epoch: ++this.#epoch, number: 0 };
			this.#recent.set(channel, own);
		}
		own.number++;
		if (this.#changed.size >= MAX_CHANGED) {
			this.#changed.clear();
			this.losses++;
		}
		this.#changed.add(own);
		return own;
	}

	/** null: nothing was published on the channel, or it is forgotten. */
	of(channel: string): Position | null {
		return this.#recent.get(channel) ?? this.#older.get(channel) ?? null;
	}

	/** The positions that have changed since the last call. */
	takeChanged(): readonly Position[] {
		if (this.#changed.size === 0) return [];
		const changed = [...this.#changed];
		this.#changed = new Set();
		return changed;
	}

	/** Called now and then. */
	forgetOld(now: number): void {
		if (now < this.#forgetAt) return;
		this.#forgetAt = now + FORGET_AFTER;
		this.#older = this.#recent;
		this.#recent = new Map();
	}
}
