import { NO_BYTES } from "./bytes.ts";

/** A queue of chunks. The cost of taking a chunk does not depend on the length of the queue. `Array.shift` would move all other chunks. */
export class ByteQueue {
	readonly #chunks: Uint8Array[] = [];
	#head = 0;

	push(chunk: Uint8Array): void {
		this.#chunks.push(chunk);
	}

	/** The oldest chunk, which is not removed. null: there is none. */
	get first(): Uint8Array | null {
		return this.#chunks[this.#head] ?? null;
	}

	/** Removes and returns the oldest chunk. null: there is none. */
	shift(): Uint8Array | null {
		const chunks = this.#chunks;
		if (chunks.length === 0) return null;
		const chunk = chunks[this.#head];
		chunks[this.#head++] = NO_BYTES;
		// The empty front of the array is removed when it is more than half of the array. So each chunk is moved at most once on average.
		if (this.#head * 2 > chunks.length) {
			chunks.splice(0, this.#head);
			this.#head = 0;
		}
		return chunk;
	}

	/** The number of waiting chunks. */
	get size(): number {
		return this.#chunks.length - this.#head;
	}

	/** All waiting chunks, the oldest first. */
	all(): Uint8Array[] {
		return this.#chunks.slice(this.#head);
	}
}
