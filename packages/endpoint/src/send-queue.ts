import { requireAttached } from "@barewire/framing";

/** A longer piece is written by itself: copying it would cost more than the system call that it saves. */
const LONGEST_JOINED = 16 * 1024;

/** The buffer size for short pieces that are written together. */
const JOINED_SIZE = 64 * 1024;

/**
 * Bytes that wait, for a runtime whose `write` may take only a part of them. For adapters: push the bytes to send, write
 * what `next` returns, and report by `taken` how many were written.
 */
export class SendQueue {
	#pieces: Uint8Array[] = [];
	/** How much of the first piece was written already. */
	#offset: number = 0;
	#bytes: number = 0;

	/** The number of waiting bytes. */
	get length(): number {
		return this.#bytes;
	}

	/** Adds the bytes by reference. */
	push(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.#pieces.push(bytes);
		this.#bytes += bytes.length;
	}

	/**
	 * The bytes to write next; empty if nothing waits. Short pieces are joined in the buffer that `room` returns. Whether
	 * that buffer may be reused at once, or only when the write is done, depends on the runtime's `write`.
	 *
	 * `next` and `taken` throw if the buffer of a waiting piece was transferred: the peer can't get the announced bytes any
	 * more, and the queue would never become empty.
	 */
	next(room: (size: number) => Uint8Array): Uint8Array {
		const first = this.#pieces[0];
		if (first === undefined) return new Uint8Array(0);
		const count = this.#joinable(sizeOf(first) - this.#offset);
		const rest = this.#offset === 0 ? first : first.subarray(this.#offset);
		return count === 1 ? rest : this.#join(rest, count, room);
	}

	/** `count` of the bytes that `next` returned were written. */
	taken(count: number): void {
		this.#bytes -= count;
		let left = this.#offset + count;
		let out = 0;
		for (let piece = this.#pieces[0]; piece !== undefined && left >= sizeOf(piece); piece = this.#pieces[out]) {
			left -= piece.length;
			out++;
		}
		if (out > 0) this.#pieces.splice(0, out);
		this.#offset = left;
	}

	/** Discards everything that waits. */
	clear(): void {
		this.#pieces = [];
		this.#offset = 0;
		this.#bytes = 0;
	}

	/** How many pieces are written together, if the first of them has this many bytes. */
	#joinable(first: number): number {
		let size = first;
		let count = 1;
		if (size > LONGEST_JOINED) return count;
		for (; count < this.#pieces.length; count++) {
			const length = sizeOf(this.#pieces[count]);
			if (length > LONGEST_JOINED || size + length > JOINED_SIZE) break;
			size += length;
		}
		return count;
	}

	#join(first: Uint8Array, count: number, room: (size: number) => Uint8Array): Uint8Array {
		let size = first.length;
		for (let i = 1; i < count; i++) size += this.#pieces[i].length;
		const whole = room(size);
		whole.set(first, 0);
		let at = first.length;
		for (let i = 1; i < count; i++) {
			const piece = this.#pieces[i];
			whole.set(piece, at);
			at += piece.length;
		}
		return whole.length === size ? whole : whole.subarray(0, size);
	}
}

function sizeOf(piece: Uint8Array): number {
	requireAttached(piece);
	return piece.length;
}
