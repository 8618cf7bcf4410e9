import { NO_BYTES } from "./bytes.ts";

/** Keeps copies of the latest appended bytes, up to a limit, in a ring buffer that grows only as needed. */
export class LatestBytes {
	readonly #limit: number;
	/** Until the ring has its full size, the oldest byte is the first one. */
	#ring: Uint8Array = NO_BYTES;
	/** The number of used bytes in the ring, and the position of the next byte. */
	#size = 0;
	#next = 0;

	constructor(limit: number) {
		this.#limit = limit;
	}

	get size(): number {
		return this.#size;
	}

	append(bytes: Uint8Array): void {
		const latest = bytes.length > this.#limit ? bytes.subarray(bytes.length - this.#limit) : bytes;
		if (latest.length === 0) return;
		const wanted = Math.min(this.#limit, this.#size + latest.length);
		if (wanted > this.#ring.length) this.#grow(wanted);
		const untilEnd = this.#ring.length - this.#next;
		if (latest.length <= untilEnd) this.#ring.set(latest, this.#next);
		else {
			this.#ring.set(latest.subarray(0, untilEnd), this.#next);
			this.#ring.set(latest.subarray(untilEnd), 0);
		}
		this.#next = (this.#next + latest.length) % this.#ring.length;
		this.#size = wanted;
	}

	/** Drops all bytes except the latest `size` bytes. */
	keep(size: number): void {
		if (size >= this.#size) return;
		this.#ring = this.copy().slice(this.#size - size);
		this.#size = size;
		this.#next = 0;
	}

	/** Returns all bytes, the oldest first, in separate memory. */
	copy(): Uint8Array {
		const copy = new Uint8Array(this.#size);
		const oldest = this.#size < this.#ring.length ? 0 : this.#next;
		const first = this.#ring.subarray(oldest, this.#size);
		copy.set(first);
		copy.set(this.#ring.subarray(0, this.#size - first.length), first.length);
		return copy;
	}

	#grow(wanted: number): void {
		const grown = new Uint8Array(Math.min(this.#limit, Math.max(wanted, this.#ring.length * 2)));
		grown.set(this.#ring.subarray(0, this.#size));
		this.#ring = grown;
		this.#next = this.#size;
	}
}
