/** The chunk of a reader without a chunk. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Below this many bytes a loop copies faster than `set`, which is a call into the engine. The call takes 10 ns; in this time a loop
 * copies about 16 bytes on Node 24 and Deno 2, and 32 on Bun 1.4. Measured by bench/micro/framing.ts.
 */
const SET_FROM = 16;

/** Copies `source[from, to)` to `target` at `at`. */
export function copyBytes(target: Uint8Array, at: number, source: Uint8Array, from: number, to: number): void {
	if (to - from < SET_FROM) {
		for (let i = from, j = at; i < to; i++, j++) target[j] = source[i];
	} else {
		target.set(from === 0 && to === source.length ? source : source.subarray(from, to), at);
	}
}

/** Copies the pieces into one new array. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
	let size = 0;
	for (const piece of pieces) size += piece.length;
	const whole = new Uint8Array(size);
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}

/** The 32-bit integer at `bytes[at, at + 4)` in network byte order. It is signed: `>>> 0` makes it unsigned. */
export function readInt32(bytes: Uint8Array, at: number): number {
	return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Writes the low 32 bits of `value` in network byte order. */
export function writeInt32(bytes: Uint8Array, at: number, value: number): void {
	bytes[at] = value >>> 24;
	bytes[at + 1] = value >>> 16;
	bytes[at + 2] = value >>> 8;
	bytes[at + 3] = value;
}

/** A shorter piece is copied: an object and a view cost more than its bytes. */
export const KEEP_FROM: number = 1000;

/**
 * Returns `bytes[from, to)` for the application. The application can transfer the buffer and can read all of it. So the result is a
 * view only if nothing else in the buffer is still needed and if it makes up at least half of the buffer; the bytes before it are
 * overwritten with zeros. Otherwise the result is a copy, and a buffer that is no longer needed is freed, because garbage
 * collection would free it late. The result is never a subclass such as Buffer. No other code may have a view of the buffer.
 */
export function ownBytes(bytes: Uint8Array, from: number, to: number): Uint8Array {
	const isLast = to >= KEEP_FROM && to === bytes.buffer.byteLength;
	if (isLast && from * 2 <= to) {
		bytes.fill(0, 0, from);
		return new Uint8Array(bytes.buffer, from);
	}
	const own = new Uint8Array(bytes.subarray(from, to));
	if (isLast) (bytes.buffer as ArrayBuffer).transfer(0);
	return own;
}
