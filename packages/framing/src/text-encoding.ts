const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();

/** Encodes the text in UTF-8. A lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
	return encoder.encode(text);
}

/** Writes the text into `target` at `at` and returns the position after it. The text must fit. */
export function encodeUtf8Into(text: string, target: Uint8Array, at: number): number {
	return at + encoder.encodeInto(text, target.subarray(at)).written;
}

/**
 * Writes the text into `target` at `at` if it contains only ASCII. Otherwise it returns false, and the caller must overwrite the
 * bytes that were written.
 */
export function encodeAsciiInto(text: string, target: Uint8Array, at: number): boolean {
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit >= 0x80) return false;
		target[at + i] = unit;
	}
	return true;
}
