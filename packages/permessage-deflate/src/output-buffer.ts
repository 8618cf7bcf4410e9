/**
 * What a codec makes of one message is mostly shorter than this, and is made in one array that all codecs share, as they
 * are synchronous. Only what comes out is then allocated, at its size (bench/micro/deflate.ts).
 */
export const SCRATCH_SIZE: number = 64 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

const EMPTY: Bytes = /* @__PURE__ */ new Uint8Array(0);

let scratch: Bytes = EMPTY;

/** Where a codec writes. Between `begin` and `take` or `drop` nobody else may use one. */
export class OutputBuffer {
	/** Where to write next: `bytes[fill…]`. */
	bytes: Bytes = EMPTY;
	fill = 0;
	#most = 0;

	/** For `most` bytes at most. It is full for the first time when it has no more than `first`. */
	begin(most: number, first: number = most): void {
		if (scratch.length === 0) scratch = new Uint8Array(SCRATCH_SIZE);
		this.#most = most;
		const size = Math.min(most, first);
		this.bytes = size < SCRATCH_SIZE ? scratch.subarray(0, size) : scratch;
		this.fill = 0;
	}

	/** Twice the room, or as much as there may be at the most. */
	grow(): void {
		this.bytes = this.#resized(Math.min(this.#most, this.bytes.length * 2));
	}

	/** What has been written, in memory of its own. */
	take(): Uint8Array {
		const taken = this.#resized(this.fill);
		this.drop();
		return taken;
	}

	/** Lets go of what has been written. */
	drop(): void {
		this.bytes = EMPTY;
	}

	#resized(size: number): Bytes {
		const { bytes } = this;
		// A transfer frees the former memory at once instead of leaving it to be collected.
		if (bytes.buffer !== scratch.buffer) return new Uint8Array(bytes.buffer.transfer(size));
		const copy = new Uint8Array(size);
		copy.set(bytes.subarray(0, Math.min(size, this.fill)));
		return copy;
	}
}
