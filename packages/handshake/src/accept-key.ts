import { encodeBase64 } from "./base64.ts";
import { sha1 } from "./sha1.ts";

// RFC 6455 §1.3: "a GUID that is unlikely to be used by network endpoints that do not understand the WebSocket Protocol"
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

// 16 bytes are 22 characters of base64 and two of padding. The 22nd character has four unused bits. RFC 4648 §3.5 lets the
// recipient decide whether they must be zero. Here they may be set: the example in RFC 6455 §4.1 item 7 sets them
// ("AQIDBAUGBwgJCgsMDQ4PEC=="), and the key is hashed as text, so it is not ambiguous.
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Whether the text is a Sec-WebSocket-Key: 16 bytes in base64. */
export function isKey(text: string): boolean {
	return KEY.test(text);
}

/** Creates a new Sec-WebSocket-Key (RFC 6455 §4.1 item 7). `random` fills an array of 16 bytes with unpredictable values. */
export function createKey(random: (into: Uint8Array) => void): string {
	const nonce = new Uint8Array(16);
	random(nonce);
	return encodeBase64(nonce);
}

// RFC 6455 §4.2.2 item 5.4: the key as a string, not base64-decoded, then the GUID, then SHA-1, then base64.
/** Computes the Sec-WebSocket-Accept for a Sec-WebSocket-Key. The key is used exactly as in its field. */
export function computeAccept(key: string): string {
	const text = key + GUID;
	const bytes = new Uint8Array(text.length);
	for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
	return encodeBase64(sha1(bytes));
}
