/** A frame of a server: unmasked. */
export interface ServerFrame {
	readonly opcode: number;
	readonly payload: Buffer;
}

/** The frames behind the head of the 101; an unfinished one at the end is left out. */
export function framesBehindHead(bytes: Uint8Array): ServerFrame[] {
	const octets = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const head = octets.indexOf("\r\n\r\n");
	const frames: ServerFrame[] = [];
	let at = head < 0 ? octets.length : head + 4;
	while (at + 2 <= octets.length) {
		const short = octets.readUInt8(at + 1);
		const size = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (at + size > octets.length) break;
		const length =
			short < 126 ? short : short === 126 ? octets.readUInt16BE(at + 2) : Number(octets.readBigUInt64BE(at + 2));
		if (at + size + length > octets.length) break;
		frames.push({ opcode: octets.readUInt8(at) & 0xf, payload: octets.subarray(at + size, at + size + length) });
		at += size + length;
	}
	return frames;
}
