import { NO_BYTES } from "./bytes.ts";

/** Chunks in the order they came. Taking one costs the same however many wait: `Array.shift` moves all the others. */
export class ByteQueue {
	readonly #chunks: Uint8Array[] = [];
	#head = 0;

	push(chunk: Uint8Array): void {
		this.#chunks.push(chunk);
	}

	/** The oldest chunk, which stays; null when there is none. */
	get first(): Uint8Array | null {
		return this.#chunks[this.#head] ?? null;
	}

	/** The oldest chunk; null when there is none. */
	shift(): Uint8Array | null {
		const chunks = this.#chunks;
		if (chunks.length === 0) return null;
		const chunk = chunks[this.#head];
		chunks[this.#head++] = NO_BYTES;
		// The front of the array is cut off once it is the larger half: each chunk is moved once at the most, on average.
		if (this.#head * 2 > chunks.length) {
			chunks.splice(0, this.#head);
			this.#head = 0;
		}
		return chunk;
	}

	/** How many wait. */
	get size(): number {
		return this.#chunks.length - this.#head;
	}

	/** All that wait, the oldest first. */
	all(): Uint8Array[] {
		return this.#chunks.slice(this.#head);
	}
}
