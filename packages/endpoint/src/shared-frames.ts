/** Smaller frames are copied for each receiver: see `LARGE_PAYLOAD` of framing. */
const SHARED_FROM = 4097;

/**
 * The frames that wait for more than one connection. Each connection counts them in full, and they are in memory once. While no
 * connection is behind, none is noted.
 */
export class SharedFrames {
	/** Bytes that are counted more often than they are there. */
	excess: number = 0;
	/** For how many connections each waits. */
	readonly #waiting = new Map<Uint8Array, number>();

	/** The frame waits for one connection more. false: it is copied for each. */
	add(frame: Uint8Array): boolean {
		if (frame.length < SHARED_FROM) return false;
		const count = this.#waiting.get(frame) ?? 0;
		if (count > 0) this.excess += frame.length;
		this.#waiting.set(frame, count + 1);
		return true;
	}

	/** It waits for one connection less. */
	remove(frame: Uint8Array): void {
		const count = this.#waiting.get(frame) ?? 0;
		if (count > 1) {
			this.excess -= frame.length;
			this.#waiting.set(frame, count - 1);
		} else this.#waiting.delete(frame);
	}
}
