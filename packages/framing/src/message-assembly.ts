import { copyBytes, joinBytes, KEEP_FROM, NO_BYTES } from "./bytes.ts";

const FIRST_TAIL_SIZE = 128;
/** A tail that is full at this size is kept, and a new one is started, to avoid copying it into a larger one. */
const MAX_TAIL_SIZE = 64 * 1024;

/**
 * The pieces of an unfinished message. The memory is limited to about twice the number of bytes held. It does not depend on the
 * size of the pieces or on the length that the peer has announced. A large piece that makes up at least half of its buffer is kept
 * without copying. All other pieces are copied into a tail that grows by doubling.
 *
 * `join` puts the complete message together, in one call or in slices. A large message needs mostly new memory, and the operating
 * system spends more time on new pages than on the copying.
 */
export class MessageAssembly {
	/** Bytes held. */
	size = 0;
	/** These pieces, the tail, and the bytes that are already joined are all memory that is kept alive. */
	readonly pieces: Uint8Array[] = [];
	tail: Uint8Array = NO_BYTES;
	#tailFill = 0;
	/**
	 * For each piece: whether its buffer can be freed after the piece is copied, because no later piece and no other data uses the buffer.
	 */
	readonly #isLastOfBuffer: boolean[] = [];
	/** The index of the latest piece that was kept without copying, if there is one. */
	#latest = 0;
	/** The total size of the buffers of all `pieces`. */
	#kept = 0;
	/** The memory for the complete message, and the number of bytes and pieces that are already joined. null: the message is not complete. */
	#whole: Uint8Array | null = null;
	#joined = 0;
	#joinedPieces = 0;

	/** Bytes of memory that are kept alive. The part of the whole message that is not joined yet was never written, so it uses no memory. */
	get memory(): number {
		return this.#kept + this.tail.length + this.#joined;
	}

	/** `join` has begun and has not returned the message. */
	get isJoining(): boolean {
		return this.#whole !== null;
	}

	/** Adds `bytes[from, to)`. No other code may write to these bytes from now on, or have a view of the buffer (see `ownBytes`). */
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
		// A chunk of pings that ends with one byte of the message must not stay in memory as long as the message.
		if (this.pieces[this.#latest]?.buffer === buffer) this.#isLastOfBuffer[this.#latest] = true;
		else free(buffer);
	}

	/**
	 * The message is complete. Joins at most `most` further bytes, and returns the message in separate memory when all bytes are
	 * joined. null: call it again. Each piece is released as soon as it is copied. Chunks that are no longer used are freed: views of
	 * them are then empty.
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

	/** The message will not be completed. Frees its memory at once, except buffers that other code may still use. */
	drop(): void {
		// The pieces that are joined were freed.
		for (let i = this.#joinedPieces; i < this.pieces.length; i++)
			if (this.#isLastOfBuffer[i]) free(this.pieces[i].buffer);
		if (this.#whole !== null) free(this.#whole.buffer);
	}

	/** Returns all held bytes, joined in separate memory. Does not change the state. */
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

	/** `needed`: the number of bytes to add. A tail must not be much larger than the bytes it holds. */
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
 * Garbage collection would free the buffer late: engines delay collecting memory outside of their heaps (`bench --only slow`). A
 * transfer frees it at once.
 */
function free(buffer: ArrayBufferLike): void {
	(buffer as ArrayBuffer).transfer(0);
}
