/** Octets that wait to be written, in order. */
export class PieceQueue {
	private pieces: Uint8Array[] = [];
	private taken: number = 0;
	/** Octets in the queue. */
	octets: number = 0;

	push(piece: Uint8Array): void {
		this.pieces.push(piece);
		this.octets += piece.length;
	}

	next(): Uint8Array | null {
		const piece = this.pieces[this.taken++];
		if (piece === undefined) {
			this.clear();
			return null;
		}
		this.octets -= piece.length;
		return piece;
	}

	clear(): void {
		this.pieces = [];
		this.taken = 0;
		this.octets = 0;
	}
}
