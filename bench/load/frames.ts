/** A client's frame that is a whole message. */
export function clientFrame(kind: "text" | "binary", payload: Uint8Array, seed: number): Buffer {
	const key = maskingKey(seed);
	return Buffer.concat([frameHeader(kind, payload.length, true), key, masked(payload, key)]);
}

export function maskingKey(seed: number): Buffer {
	const key = Buffer.alloc(4);
	key.writeUInt32BE(seed >>> 0);
	return key;
}

export function masked(payload: Uint8Array, key: Uint8Array): Buffer {
	const octets = Buffer.from(payload);
	for (let i = 0; i < octets.length; i++) octets[i]! ^= key[i & 3]!;
	return octets;
}

/** RFC 6455 §5.2: the octets of a frame that is a whole message, before the masking key and the payload. */
export function frameHeader(kind: "text" | "binary", length: number, isMasked: boolean): Buffer {
	const size = length < 126 ? 2 : length < 65536 ? 4 : 10;
	const octets = Buffer.alloc(size);
	octets[0] = kind === "text" ? 0x81 : 0x82;
	octets[1] = (isMasked ? 0x80 : 0) | (size === 2 ? length : size === 4 ? 126 : 127);
	if (size === 4) octets.writeUInt16BE(length, 2);
	if (size === 10) octets.writeBigUInt64BE(BigInt(length), 2);
	return octets;
}
