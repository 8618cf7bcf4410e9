import { copyBytes, joinBytes, KEEP_FROM, NO_BYTES } from "./bytes.ts";

const FIRST_TAIL_SIZE = 128;
/** A tail that is full at this size is left as it is and another one begun, instead of copying it into a larger one. */
const MAX_TAIL_SIZE = 64 * 1024;

/**
 * The pieces of an unfinished message. The memory it takes is bounded by the bytes it holds, about twice as many,
 * however small the pieces are and whatever length the peer has announced: a large piece is kept where it lies,
 * if it makes up at least half of its buffer, and all others are copied into a tail that grows by doubling.
 *
 * The complete message is put together by `join`, in one go or by slices: a large one is mostly memory that was never used
 * before, and its pages cost the system more than the copying.
 */
export class MessageAssembly {
	/** Bytes held. */
	size = 0;
	/** Together with the tail, and with what is put together already, all that is kept alive. */
	readonly pieces: Uint8Array[] = [];
	tail: Uint8Array = NO_BYTES;
	#tailFill = 0;
	/** Of which pieces the buffer is needed no more once they are copied: no later piece lies in it, nor anything else. */
	readonly #isLastOfBuffer: boolean[] = [];
	/** Which piece was the latest that was kept where it lies, if one was. */
	#latest = 0;
	/** Bytes of the buffers of all `pieces`. */
	#kept = 0;
	/** The complete message, of which so many bytes are put together, from so many pieces. null: it is not complete. */
	#whole: Uint8Array | null = null;
	#joined = 0;
	#joinedPieces = 0;

	/** Bytes of memory that are kept alive. What is not put together yet of the whole message was never touched: it takes none. */
	get memory(): number {
		return this.#kept + this.tail.length + this.#joined;
	}

	/** `join` has begun and has not given the message. */
	get isJoining(): boolean {
		return this.#whole !== null;
	}

	/** Adds `bytes[from, to)`, which nobody else may write to from now on. Nobody else has a view of the buffer (see `ownBytes`). */
	add(bytes: Uint8Array, from: number, to: number): void {
		const size = to - from;
		if (size === 0) return;
		this.size += size;
		const { buffer } = bytes;
		if (size >= KEEP_FROM && size * 2 >= buffer.byteLength) {
			this.#closeTail();
			this.#latest = this.pieces.length;
			this.#keep(bytes.subarray(from, to));
		} else {
			this.#copyToTail(bytes, from, to);
		}
		if (to < KEEP_FROM || to < buffer.byteLength) return;
		// A chunk of pings that ends with one byte of the message must not live as long as the message.
		if (this.pieces[this.#latest]?.buffer === buffer) this.#isLastOfBuffer[this.#latest] = true;
		else free(buffer);
	}

	/**
	 * The message is complete: puts at most `most` further bytes of it together, and gives it, in memory of its own, once
	 * all are. null: call it again. Pieces are let go as soon as they are copied, and chunks that are used up with them are freed:
	 * views of them are empty then.
	 */
	join(most: number): Uint8Array | null {
		if (this.#whole === null) this.#closeTail();
		this.#whole ??= new Uint8Array(this.size);
		const end = Math.min(this.size, this.#joined + most);
		while (this.#joined < end) {
			const piece = this.pieces[this.#joinedPieces];
			const taken = Math.min(piece.length, end - this.#joined);
			this.#whole.set(taken === piece.length ? piece : piece.subarray(0, taken), this.#joined);
			this.#joined += taken;
			if (taken === piece.length) this.#letGo(piece.buffer);
			else this.pieces[this.#joinedPieces] = piece.subarray(taken);
		}
		return end === this.size ? this.#whole : null;
	}

	#letGo(buffer: ArrayBufferLike): void {
		this.#kept -= buffer.byteLength;
		this.pieces[this.#joinedPieces] = NO_BYTES;
		if (this.#isLastOfBuffer[this.#joinedPieces]) free(buffer);
		this.#joinedPieces++;
	}

	/** All that is held, joined in memory of its own. Nothing is changed. */
	copy(): Uint8Array {
		const joined = this.#whole === null ? NO_BYTES : this.#whole.subarray(0, this.#joined);
		return joinBytes([joined, ...this.pieces, this.tail.subarray(0, this.#tailFill)]);
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
		if (this.#tailFill === MAX_TAIL_SIZE) {
			this.#isLastOfBuffer[this.pieces.length] = true;
			this.#closeTail();
		}
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
