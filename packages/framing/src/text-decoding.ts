/**
 * Up to this many bytes a loop over ASCII beats `TextDecoder`, for which a view has to be made as well: on Node 24 up to
 * about 36, on Bun 1.4 to 16, on Deno 2 beyond 200. Found by bench/micro/text.ts.
 */
export const SHORT_TEXT = 32;

// §8.1 wants invalid bytes refused rather than replaced, and a byte order mark is text like any other.
const decoder: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text in `bytes[from, to)` by the given decoder, if there is one; null: it is not UTF-8. */
export function decodeWith(
	decodeText: ((bytes: Uint8Array) => string | null) | null,
	bytes: Uint8Array,
	from: number,
	to: number,
): string | null {
	return decodeText === null ? decodeUtf8(bytes, from, to) : decodeText(bytes.subarray(from, to));
}

/** The text in `bytes[from, to)`; null: it is not UTF-8. */
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
 * Character codes on their way into a string, one list for each length. One call of `fromCharCode` with a list makes
 * a flat string at once; adding character to character makes a tree of parts, to be flattened at its first use.
 */
const lists: number[][] = [];

/** The text in `bytes[from, to)`, a short one; null: not all of it is ASCII. */
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
