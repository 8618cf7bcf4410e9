/** Bytes of text in which each character is one byte. */
export function latin1(text: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Buffer.from(text, "latin1"));
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Buffer.from(text, "utf8"));
}

export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
	const dense = hex.replaceAll(" ", "");
	if (!/^([0-9a-f]{2})*$/.test(dense)) throw new Error(`not hex: ${hex}`);
	return new Uint8Array(Buffer.from(dense, "hex"));
}

export function toHex(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}
