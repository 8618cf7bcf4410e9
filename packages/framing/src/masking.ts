import { writeInt32 } from "./bytes.ts";

// RFC 6455 §5.3: "Octet i of the transformed data ("transformed-octet-i") is the XOR of octet i of the original data
// ("original-octet-i") with octet at index i modulo 4 of the masking key". The same operation unmasks.
//
// A masking key is stored as one 32-bit integer in network byte order. A payload in pieces is masked with the key rotated by the
// number of bytes already masked, so the position within the key is not stored.

/**
 * From this many bytes on, masking 32-bit words is faster than masking bytes, although it needs a view: from about 100 bytes on
 * Node 24 and Deno 2, from about 200 on Bun 1.4. Measured by bench/micro/masking.ts.
 */
export const WORDS_FROM = 128;

// These four bytes convert a key to a word in the byte order of the machine.
const keyBytes: Uint8Array = /* @__PURE__ */ new Uint8Array(4);
const keyWord: Int32Array = /* @__PURE__ */ new Int32Array(keyBytes.buffer);

/** The key for the bytes that follow `bytes` bytes masked with `key`. */
export function rotateMaskingKey(key: number, bytes: number): number {
	const bits = (bytes & 3) << 3;
	// In ECMAScript a shift by 32 is a shift by 0. So for bits = 0 the key does not change, which is correct.
	return (key << bits) | (key >>> (32 - bits));
}

/** Masks or unmasks `bytes[from, to)` in place. */
export function applyMask(bytes: Uint8Array, from: number, to: number, key: number): void {
	if (to - from < WORDS_FROM) maskBytes(bytes, from, to, key);
	else maskWords(bytes, from, to, key);
}

export function maskBytes(bytes: Uint8Array, from: number, to: number, key: number): void {
	const k0 = key >>> 24;
	const k1 = (key >>> 16) & 0xff;
	const k2 = (key >>> 8) & 0xff;
	const k3 = key & 0xff;
	let at = from;
	for (const end = to - 3; at < end; at += 4) {
		bytes[at] ^= k0;
		bytes[at + 1] ^= k1;
		bytes[at + 2] ^= k2;
		bytes[at + 3] ^= k3;
	}
	if (at < to) bytes[at] ^= k0;
	if (at + 1 < to) bytes[at + 1] ^= k1;
	if (at + 2 < to) bytes[at + 2] ^= k2;
}

/** For at least four bytes. The bytes before and after the words are masked one by one. */
export function maskWords(bytes: Uint8Array, from: number, to: number, key: number): void {
	// A view of words must start at a multiple of four of its buffer.
	const head = -(bytes.byteOffset + from) & 3;
	maskBytes(bytes, from, from + head, key);
	const start = from + head;
	const rotated = rotateMaskingKey(key, head);
	// Four words per iteration take a third less time than one word, from 1 KiB on (Node 24): bench/micro/masking.ts.
	const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, ((to - start) >>> 4) << 2);
	writeInt32(keyBytes, 0, rotated);
	const word = keyWord[0];
	const { length } = words;
	for (let at = 0; at < length; at += 4) {
		words[at] ^= word;
		words[at + 1] ^= word;
		words[at + 2] ^= word;
		words[at + 3] ^= word;
	}
	maskBytes(bytes, start + length * 4, to, rotated);
}
