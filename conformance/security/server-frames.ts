/** A frame of a server: unmasked. */
export interface ServerFrame {
	readonly opcode: number;
	readonly payload: Buffer;
}

/** The frames behind the head of the 101; an unfinished one at the end is left out. */
export function framesBehindHead(received: Uint8Array): ServerFrame[] {
	const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
	const head = bytes.indexOf("\r\n\r\n");
	const frames: ServerFrame[] = [];
	let at = head < 0 ? bytes.length : head + 4;
	while (at + 2 <= bytes.length) {
		const short = bytes.readUInt8(at + 1);
		const size = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (at + size > bytes.length) break;
		const length =
			short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
		if (at + size + length > bytes.length) break;
		frames.push({ opcode: bytes.readUInt8(at) & 0xf, payload: bytes.subarray(at + size, at + size + length) });
		at += size + length;
	}
	return frames;
}
