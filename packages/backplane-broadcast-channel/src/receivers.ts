/** A receiver that owes an answer for so many milliseconds has ended, or does not run. It is not waited for. */
const GIVEN_UP_AFTER = 10_000;

interface Receiver {
	/** The bytes that it has read, of all that were sent. */
	read: number;
	heardAt: number;
}

/**
 * How far the others have read. A `BroadcastChannel` takes everything at once and tells nothing, so a worker that is busy
 * would let its queue grow without end: the receivers tell how much they have read.
 */
export class Receivers {
	readonly #receivers = new Map<string, Receiver>();
	/** The bytes that were sent. */
	#sent: number = 0;

	/** Counts bytes as sent. Returns the sum of all. */
	send(size: number): number {
		this.#sent += size;
		return this.#sent;
	}

	/** One has begun, or has told that it is there: what was sent before is not for it. */
	add(id: string, now: number): void {
		if (!this.#receivers.has(id)) this.#receivers.set(id, { read: this.#sent, heardAt: now });
	}

	/** One has told how much it has read. */
	read(id: string, sum: number, now: number): void {
		this.#receivers.set(id, { read: sum, heardAt: now });
	}

	remove(id: string): void {
		this.#receivers.delete(id);
	}

	/** The bytes that the slowest one has not read. */
	unread(now: number): number {
		let most = 0;
		for (const [id, receiver] of this.#receivers) {
			const unread = this.#sent - receiver.read;
			// The time counts from when there is something to read.
			if (unread <= 0) receiver.heardAt = now;
			else if (now - receiver.heardAt > GIVEN_UP_AFTER) this.#receivers.delete(id);
			else most = Math.max(most, unread);
		}
		return most;
	}
}
