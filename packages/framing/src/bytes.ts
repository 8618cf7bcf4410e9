/** The chunk of a reader that has none. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Below this many bytes a loop copies faster than `set`, a call into the engine: 10 ns, about 16 bytes by hand on
 * Node 24 and Deno 2, 32 on Bun 1.4. Found by bench/micro/framing.ts.
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

/** The pieces in one array of its own. */
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

/** What is shorter is copied: an object and a view cost more than its bytes. */
export const KEEP_FROM: number = 1000;

/**
 * `bytes[from, to)` for the application, which may transfer the buffer and can see all of it. So it is a view only where nothing
 * else in the buffer is needed any more, and where it makes up at least half of it; what was there before is wiped. Otherwise it is
 * a copy, and a buffer that is not needed any more is freed: as garbage it would lie about for long. It is never of a subclass, such as
 * Buffer. Nobody else may have a view of the buffer.
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
