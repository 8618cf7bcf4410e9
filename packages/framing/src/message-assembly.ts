import { copyBytes, joinBytes, KEEP_FROM, NO_BYTES } from "./bytes.ts";

const FIRST_TAIL_SIZE = 128;
/** A tail that is full at this size is left as it is and another one begun, instead of copying it into a larger one. */
const MAX_TAIL_SIZE = 64 * 1024;

/**
 * The pieces of an unfinished message. The memory it takes is bounded by the bytes it holds, about twice as many,
 * however small the pieces are and whatever length the peer has announced: a large piece is kept where it lies,
 * if it makes up at least half of its buffer, and all others are copied into a tail that grows by doubling.
 */
export class MessageAssembly {
	/** Bytes held. */
	size = 0;
	/** Together with the tail, all that is kept alive. */
	readonly pieces: Uint8Array[] = [];
	tail: Uint8Array = NO_BYTES;
	#tailFill = 0;
	/** Buffers of chunks that are used up with this message. */
	#used: ArrayBufferLike[] = [];
	/** The buffer of the latest piece that was kept where it lies. */
	#latest: ArrayBufferLike | null = null;
	/** Bytes of the buffers of all `pieces`. */
	#kept = 0;

	/** Bytes of memory that are kept alive. */
	get memory(): number {
		return this.#kept + this.tail.length;
	}

	/** Adds `bytes[from, to)`, which nobody else may write to from now on. Nobody else has a view of the buffer (see `ownBytes`). */
	add(bytes: Uint8Array, from: number, to: number): void {
		const size = to - from;
		if (size === 0) return;
		this.size += size;
		const { buffer } = bytes;
		if (size >= KEEP_FROM && size * 2 >= buffer.byteLength) {
			this.#closeTail();
			this.#keep(bytes.subarray(from, to));
			this.#latest = buffer;
		} else {
			this.#copyToTail(bytes, from, to);
		}
		if (to < KEEP_FROM || to < buffer.byteLength) return;
		// A chunk of pings that ends with one byte of the message must not live as long as the message.
		if (this.#latest === buffer) this.#used.push(buffer);
		else free(buffer);
	}

	/** The message in memory of its own. Chunks that are used up with it are freed: views of them are empty then. */
	join(): Uint8Array {
		this.#closeTail();
		const whole = joinBytes(this.pieces);
		this.#used.forEach(free);
		return whole;
	}

	/** The same in memory of its own, and nothing is changed. */
	copy(): Uint8Array {
		return joinBytes([...this.pieces, this.tail.subarray(0, this.#tailFill)]);
	}

	#copyToTail(bytes: Uint8Array, from: number, to: number): void {
		let at = from;
		while (at < to) {
			if (this.#tailFill === this.tail.length) this.#growTail(to - at);
			const end = Math.min(to, at + this.tail.length - this.#tailFill);
			copyBytes(this.tail, this.#tailFill, bytes, at, end);
			this.#tailFill += end - at;
			at = end;
		}
	}

	/** `needed`: how many bytes are there to be added. A tail that is made for more must not outweigh what it holds. */
	#growTail(needed: number): void {
		if (this.#tailFill === MAX_TAIL_SIZE) this.#closeTail();
		const size = Math.max(FIRST_TAIL_SIZE, this.#tailFill * 2, this.#tailFill + needed);
		const larger = new Uint8Array(Math.min(MAX_TAIL_SIZE, size));
		larger.set(this.tail);
		this.tail = larger;
	}

	#closeTail(): void {
		if (this.#tailFill > 0) this.#keep(this.tail.subarray(0, this.#tailFill));
		this.tail = NO_BYTES;
		this.#tailFill = 0;
	}

	#keep(piece: Uint8Array): void {
		this.pieces.push(piece);
		this.#kept += piece.buffer.byteLength;
	}
}

/**
 * As garbage it would lie about for long: engines are in no hurry to collect what lies outside of their heaps
 * (`bench --only slow`). A transfer frees it at once.
 */
function free(buffer: ArrayBufferLike): void {
	(buffer as ArrayBuffer).transfer(0);
}
