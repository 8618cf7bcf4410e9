import { NO_OCTETS } from "./octets.ts";

/** From this many taken entries on, the front of the array is cut off, once it is the larger half. */
const COMPACT_FROM = 256;

/** Chunks in the order they came. Taking one costs the same however many wait: `Array.shift` moves all the others. */
export class OctetQueue {
	readonly #chunks: Uint8Array[] = [];
	#head = 0;

	push(chunk: Uint8Array): void {
		this.#chunks.push(chunk);
	}

	/** The oldest chunk; null when there is none. */
	shift(): Uint8Array | null {
		const chunks = this.#chunks;
		const head = this.#head;
		if (head === chunks.length) return null;
		const chunk = chunks[head];
		chunks[head] = NO_OCTETS;
		this.#head = head + 1;
		if (this.#head === chunks.length || (this.#head >= COMPACT_FROM && this.#head * 2 >= chunks.length)) {
			chunks.splice(0, this.#head);
			this.#head = 0;
		}
		return chunk;
	}
}
