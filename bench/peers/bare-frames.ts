/** Below this many bytes a loop over bytes costs less than a view of words. */
const WORDS_FROM = 100;

/**
 * Turns a client's frames into the same frames of a server, in place, chunk by chunk: payloads are unmasked and moved
 * up by the four bytes of each masking key that falls out. Only a header that is cut by a chunk's end is kept.
 */
export function turnFrames(): (chunk: Buffer) => Buffer {
	let cut: Buffer | null = null;
	let remaining = 0;
	let key = 0;

	return (received) => {
		const chunk = cut === null ? received : Buffer.concat([cut, received]);
		cut = null;
		let from = 0;
		let to = 0;
		while (from < chunk.length) {
			if (remaining === 0) {
				const header = headerSize(chunk, from);
				if (header > chunk.length - from) {
					// A copy of a few bytes: the chunk may be read into again.
					cut = Buffer.from(chunk.subarray(from));
					break;
				}
				remaining = payloadLength(chunk, from);
				key = chunk.readInt32LE(from + header - 4);
				chunk.copyWithin(to, from, from + header - 4);
				chunk[to + 1] &= 0x7f;
				from += header;
				to += header - 4;
			}
			const size = Math.min(remaining, chunk.length - from);
			key = unmask(chunk, from, to, size, key);
			from += size;
			to += size;
			remaining -= size;
		}
		return chunk.subarray(0, to);
	};
}

function headerSize(chunk: Buffer, at: number): number {
	if (at + 1 >= chunk.length) return Number.POSITIVE_INFINITY;
	const length = chunk[at + 1]! & 0x7f;
	return length < 126 ? 6 : length === 126 ? 8 : 14;
}

function payloadLength(chunk: Buffer, at: number): number {
	const length = chunk[at + 1]! & 0x7f;
	if (length < 126) return length;
	return length === 126 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2));
}

/** Unmasks `size` bytes at `from` and puts them at `to`, which is not behind it; gives the key for what follows. */
function unmask(chunk: Buffer, from: number, to: number, size: number, key: number): number {
	let done = 0;
	if (size >= WORDS_FROM && ((from - to) & 3) === 0) {
		const head = -(chunk.byteOffset + from) & 3;
		unmaskBytes(chunk, from, to, head, key);
		const rotated = rotate(key, head);
		const count = (size - head) >> 2;
		const source = new Int32Array(chunk.buffer, chunk.byteOffset + from + head, count);
		const target = new Int32Array(chunk.buffer, chunk.byteOffset + to + head, count);
		for (let i = 0; i < count; i++) target[i] = source[i]! ^ rotated;
		done = head + count * 4;
	}
	unmaskBytes(chunk, from + done, to + done, size - done, rotate(key, done));
	return rotate(key, size);
}

function unmaskBytes(chunk: Buffer, from: number, to: number, size: number, key: number): void {
	for (let i = 0; i < size; i++) chunk[to + i] = chunk[from + i]! ^ (key >>> ((i & 3) << 3));
}

/** The key, whose first byte is the lowest, for what follows `bytes` bytes. */
function rotate(key: number, bytes: number): number {
	const bits = (bytes & 3) << 3;
	return (key >>> bits) | (key << (32 - bits));
}
