/**
 * Up to this many bytes a loop over ASCII is faster than `TextDecoder`, which also needs a view: up to about 36 bytes on Node 24,
 * 16 on Bun 1.4, and more than 200 on Deno 2. Measured by bench/micro/text.ts.
 */
export const SHORT_TEXT = 32;

// §8.1 requires that invalid bytes are rejected and not replaced. A byte order mark is part of the text.
const decoder: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes the text in `bytes[from, to)` with the given decoder, if there is one. null: it is not UTF-8. */
export function decodeWith(
	decodeText: ((bytes: Uint8Array) => string | null) | null,
	bytes: Uint8Array,
	from: number,
	to: number,
): string | null {
	return decodeText === null ? decodeUtf8(bytes, from, to) : decodeText(bytes.subarray(from, to));
}

/** Decodes the text in `bytes[from, to)`. null: it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, from: number, to: number): string | null {
	if (to - from <= SHORT_TEXT) {
		const text = decodeAscii(bytes, from, to);
		if (text !== null) return text;
	}
	try {
		return decoder.decode(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
	} catch {
		return null;
	}
}

/**
 * Reusable lists of character codes, one for each length. One call of `fromCharCode` with a list creates a flat string.
 * Concatenating characters creates a tree of parts, which the engine must flatten at the first use.
 */
const lists: number[][] = [];

/** Decodes the short text in `bytes[from, to)`. null: it contains bytes that are not ASCII. */
export function decodeAscii(bytes: Uint8Array, from: number, to: number): string | null {
	const length = to - from;
	lists[length] ??= new Array<number>(length).fill(0);
	const list = lists[length];
	for (let i = 0; i < length; i++) {
		const byte = bytes[from + i];
		if (byte >= 0x80) return null;
		list[i] = byte;
	}
	return String.fromCharCode.apply(null, list);
}
