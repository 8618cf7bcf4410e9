const encoder: TextEncoder = /* @__PURE__ */ new TextEncoder();

/** The text in UTF-8; a lone surrogate becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
	return encoder.encode(text);
}

/** Writes the text, which has to fit, into `target` at `at` and gives the position behind it. */
export function encodeUtf8Into(text: string, target: Uint8Array, at: number): number {
	return at + encoder.encodeInto(text, target.subarray(at)).written;
}

/**
 * Writes the text, if it is all ASCII, into `target` at `at`. Otherwise it gives false, and what it wrote is for the
 * caller to write over.
 */
export function encodeAsciiInto(text: string, target: Uint8Array, at: number): boolean {
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit >= 0x80) return false;
		target[at + i] = unit;
	}
	return true;
}
