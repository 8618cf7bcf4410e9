/**
 * Up to this many octets a loop over ASCII beats `TextDecoder`, for which a view has to be made as well. Found by
 * bench/micro/text.ts.
 */
export const SHORT_TEXT = 24;

// §8.1 wants invalid octets refused rather than replaced, and a byte order mark is text like any other.
const decoder: TextDecoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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

/** The text in `bytes[from, to)`; null: not all of it is ASCII. */
export function decodeAscii(bytes: Uint8Array, from: number, to: number): string | null {
	let text = "";
	for (let i = from; i < to; i++) {
		const octet = bytes[i];
		if (octet >= 0x80) return null;
		text += String.fromCharCode(octet);
	}
	return text;
}
