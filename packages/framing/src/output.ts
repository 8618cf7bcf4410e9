import { ByteQueue } from "./byte-queue.ts";
import { copyBytes, joinBytes, NO_BYTES } from "./bytes.ts";
import { commitToSlab, reserveInSlab, slab } from "./slab.ts";
import { requireAttached } from "./transferred.ts";

/** The memory of a waiting piece in addition to its bytes: a view object of about 120 to 180 bytes, depending on the engine. */
const PIECE_OVERHEAD = 128;

/** Smaller pieces are joined into pieces of up to this many bytes, because passing on a piece costs more than copying it. */
const JOINED_SIZE = 4096;

/** The output of a writer, in order. Adjacent ranges of the slab become one piece. An empty output holds no memory. */
export class Output {
	/** Bytes not yet taken. */
	buffered = 0;
	#pieces: ByteQueue | null = null;
	/** The range of a slab that may still grow. It comes after `pieces`. */
	#slab: Uint8Array = NO_BYTES;
	#from = 0;
	#to = 0;

	/** Approximate memory in bytes. */
	get memory(): number {
		return this.buffered + (this.#pieces === null ? 0 : this.#pieces.size * PIECE_OVERHEAD);
	}

	/** Commits `slab[from, to)` of the current slab, which is completely written, and adds it. */
	addFromSlab(from: number, to: number): void {
		commitToSlab(to);
		if (this.#slab !== slab || this.#to !== from) {
			this.#closeRange();
			this.#slab = slab;
			this.#from = from;
		}
		this.#to = to;
		this.buffered += to - from;
	}

	/** Adds bytes by reference; at least one. */
	add(piece: Uint8Array): void {
		this.#closeRange();
		this.#pieces ??= new ByteQueue();
		this.#pieces.push(piece);
		this.buffered += piece.length;
	}

	/** The waiting pieces: arrays added by reference, and ranges of slabs. */
	get pieces(): readonly Uint8Array[] {
		return this.#pieces?.all() ?? [];
	}

	/** Returns all waiting bytes in separate memory. Nothing is taken. */
	copy(): Uint8Array {
		const { pieces } = this;
		pieces.forEach(requireAttached);
		return joinBytes([...pieces, this.#slab.subarray(this.#from, this.#to)]);
	}

	/** The next piece. null: none waits. An empty piece has lost its buffer, because its owner has transferred it. */
	next(): Uint8Array | null {
		let piece = this.#pieces === null ? null : this.#pieces.shift();
		if (piece === null) {
			this.#pieces = null;
			if (this.#from === this.#to) return null;
			piece = this.#slab.subarray(this.#from, this.#to);
			this.#forgetRange();
		} else if (piece.length > 0) piece = this.#joined(piece);
		this.buffered -= piece.length;
		return piece;
	}

	/**
	 * Joins the piece with the following small pieces, which are typical of messages sent to many peers. A piece whose buffer was
	 * transferred is not joined.
	 */
	#joined(first: Uint8Array): Uint8Array {
		const pieces = this.#pieces!;
		const fits = (size: number): boolean => {
			const next = pieces.first;
			return next !== null && next.length > 0 && size + next.length <= JOINED_SIZE;
		};
		if (!fits(first.length)) return first;
		const at = reserveInSlab(JOINED_SIZE);
		copyBytes(slab, at, first, 0, first.length);
		let to = at + first.length;
		while (fits(to - at)) {
			const next = pieces.shift()!;
			copyBytes(slab, to, next, 0, next.length);
			to += next.length;
		}
		commitToSlab(to);
		return slab.subarray(at, to);
	}

	#closeRange(): void {
		if (this.#from === this.#to) return;
		this.#pieces ??= new ByteQueue();
		this.#pieces.push(this.#slab.subarray(this.#from, this.#to));
		this.#forgetRange();
	}

	#forgetRange(): void {
		this.#slab = NO_BYTES;
		this.#from = 0;
		this.#to = 0;
	}
}
