const FIN = 0x80;
/** RFC 7692 §6: the message is compressed. */
export const RSV1 = 0x40;
/** RFC 6455 §11.8. */
const OPCODES = { text: 0x1, binary: 0x2, close: 0x8 } as const;

type FrameKind = keyof typeof OPCODES;

/** A client's frame that is a whole message, or a Close frame. */
export function clientFrame(kind: FrameKind, payload: Uint8Array, seed: number): Buffer {
	const key = maskingKey(seed);
	return Buffer.concat([frameHeader(kind, payload.length, true), key, masked(payload, key)]);
}

export function maskingKey(seed: number): Buffer {
	const key = Buffer.alloc(4);
	key.writeUInt32BE(seed >>> 0);
	return key;
}

export function masked(payload: Uint8Array, key: Uint8Array): Buffer {
	const bytes = Buffer.from(payload);
	for (let i = 0; i < bytes.length; i++) bytes[i]! ^= key[i & 3]!;
	return bytes;
}

/** RFC 6455 §5.2: the bytes of a frame that is a whole message, before the masking key and the payload. */
export function frameHeader(kind: FrameKind, length: number, isMasked: boolean): Buffer {
	const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
	const bytes = Buffer.alloc(size);
	bytes[0] = FIN | OPCODES[kind];
	bytes[1] = (isMasked ? 0x80 : 0) | (size === 2 ? length : size === 4 ? 126 : 127);
	if (size === 4) bytes.writeUInt16BE(length, 2);
	if (size === 10) bytes.writeBigUInt64BE(BigInt(length), 2);
	return bytes;
}

/** The first byte of a server's frame, and where its payload lies; null: the header is not complete. */
export function readHeader(bytes: Buffer, at: number): { first: number; start: number; end: number } | null {
	if (bytes.length < at + 2) return null;
	const length = bytes[at + 1]!;
	const start = at + (length < 126 ? 2 : length === 126 ? 4 : 10);
	if (bytes.length < start) return null;
	const size =
		length < 126 ? length : length === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
	return { first: bytes[at]!, start, end: start + size };
}

/** RFC 6455 §11.8: the first byte of a ping that is a whole frame. */
const PING = 0x89;

/** The bytes of the pings that a server's bytes begin with. */
export function pingSize(bytes: Buffer): number {
	let at = 0;
	for (let header = readHeader(bytes, at); header?.first === PING; header = readHeader(bytes, at)) at = header.end;
	return at;
}
