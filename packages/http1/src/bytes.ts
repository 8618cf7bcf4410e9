const DECODER: TextDecoder = /* @__PURE__ */ new TextDecoder();
const ENCODER: TextEncoder = /* @__PURE__ */ new TextEncoder();

/** The number of arguments per call. Every engine accepts this many. */
const BATCH = 4_096;

/** The bytes from `start` to `end` as text, one character per byte (U+0000 to U+00FF). */
export function decodeBytes(bytes: Uint8Array, start: number, end: number): string {
	const range = bytes.subarray(start, end);
	// The native decoder is several times faster than a loop, but it decodes UTF-8 ("latin1" is windows-1252, which differs between
	// 0x80 and 0x9F). A valid sequence above 0x7F gives fewer characters than bytes, and an invalid one gives U+FFFD. If neither is
	// found, all bytes are ASCII and the text is correct.
	const text = DECODER.decode(range);
	if (text.length === range.length && !text.includes("\uFFFD")) return text;
	let slow = "";
	for (let at = 0; at < range.length; at += BATCH) slow += String.fromCharCode(...range.subarray(at, at + BATCH));
	return slow;
}

/** The opposite of `decodeBytes`. The text has no character above U+00FF. */
export function encodeBytes(text: string): Uint8Array {
	// In UTF-8 the number of bytes equals the number of characters only if all characters are ASCII.
	const ascii = ENCODER.encode(text);
	if (ascii.length === text.length) return ascii;
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
