const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// RFC 4648 §4: 24 bits make four characters. In the last group a missing byte is undefined, and the shifts treat it as 0.
// Characters that contain only such zeros are replaced with padding.
/** Encodes the bytes in base64. */
export function encodeBase64(bytes: Uint8Array): string {
	let text = "";
	for (let index = 0; index < bytes.length; index += 3) {
		const group = (bytes[index] << 16) | (bytes[index + 1] << 8) | bytes[index + 2];
		for (let shift = 18; shift >= 0; shift -= 6) text += ALPHABET[(group >> shift) & 63];
	}
	const padding = (3 - (bytes.length % 3)) % 3;
	return text.slice(0, text.length - padding) + "=".repeat(padding);
}
