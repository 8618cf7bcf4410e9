/** Bytes that wait to be written, in order. */
export class PieceQueue {
	/** All that is kept alive. */
	readonly pieces: Uint8Array[] = [];
	#taken: number = 0;
	/** Bytes in the queue. */
	bytes: number = 0;

	push(piece: Uint8Array): void {
		this.pieces.push(piece);
		this.bytes += piece.length;
	}

	next(): Uint8Array | null {
		const piece = this.pieces[this.#taken];
		if (piece === undefined) return null;
		this.bytes -= piece.length;
		this.#taken++;
		// `shift` would move the whole queue for every piece; this moves each piece at most once on average, and a queue
		// that never runs empty does not keep what it has given out.
		if (this.#taken * 2 > this.pieces.length) {
			this.pieces.splice(0, this.#taken);
			this.#taken = 0;
		}
		return piece;
	}
}
