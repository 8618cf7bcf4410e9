import { requireAttached } from "@barewire/framing";

/** A longer piece goes out by itself: copying it would cost more than the system call that it saves. */
const LONGEST_JOINED = 16 * 1024;

/** Room for the short pieces that leave together. */
const JOINED_SIZE = 64 * 1024;

/**
 * Bytes that wait for a runtime whose `write` takes a part of them only. For adapters: push what is to be sent, write
 * what `next` gives, tell with `taken` how much of it went.
 */
export class SendQueue {
	#pieces: Uint8Array[] = [];
	/** How much of the first piece went already. */
	#offset: number = 0;
	#bytes: number = 0;

	/** How many bytes wait. */
	get length(): number {
		return this.#bytes;
	}

	/** Keeps the bytes, by reference. */
	push(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.#pieces.push(bytes);
		this.#bytes += bytes.length;
	}

	/**
	 * The bytes to write next; none when nothing waits. Short pieces are joined in the buffer that `room` gives: whether it
	 * may be used again at once, or only when the write is done, is for the runtime's `write` to say.
	 *
	 * It and `taken` throw when the buffer of a waiting piece was transferred to somebody else: the peer can no longer get
	 * what it was promised, and a queue that went on would never end.
	 */
	next(room: (size: number) => Uint8Array): Uint8Array {
		const first = this.#pieces[0];
		if (first === undefined) return new Uint8Array(0);
		const count = this.#joinable(sizeOf(first) - this.#offset);
		const rest = this.#offset === 0 ? first : first.subarray(this.#offset);
		return count === 1 ? rest : this.#join(rest, count, room);
	}

	/** So many of the bytes that `next` gave are out. */
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

	/** Forgets all that waits. */
	clear(): void {
		this.#pieces = [];
		this.#offset = 0;
		this.#bytes = 0;
	}

	/** How many pieces leave together, the first of them with so many bytes. */
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
