import { type Extension, encodeMessage } from "@barewire/framing";

/** The masking key of RFC 6455 §5.7, with which every client of these tests masks. */
export const MASKING_KEY: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** Bytes written in hex; blanks are left out. */
export function hex(bytes: string): Uint8Array {
	return Uint8Array.from(bytes.replaceAll(/\s/g, "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One byte for each character. */
export function bytesOf(text: string): Uint8Array {
	return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character for each byte. */
export function textOf(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array {
	const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** A whole frame of a server: FIN, no mask. */
export function serverFrame(opcode: number, payload: Uint8Array | string = ""): Uint8Array {
	const frame = encodeMessage(typeof payload === "string" ? bytesOf(payload) : payload);
	frame[0] = 0x80 | opcode;
	return frame;
}

/** The same frame of a client. */
export function clientFrame(opcode: number, payload: Uint8Array | string = ""): Uint8Array {
	const bytes = typeof payload === "string" ? bytesOf(payload) : payload;
	const frame = serverFrame(opcode, bytes);
	const header = frame.slice(0, frame.length - bytes.length);
	header[1] = header[1]! | 0x80;
	return concat([header, Uint8Array.from(MASKING_KEY), bytes.map((byte, at) => byte ^ MASKING_KEY[at % 4]!)]);
}

/** A Close frame's payload. */
export function closePayload(code: number, reason = ""): Uint8Array {
	return concat([Uint8Array.of(code >> 8, code & 0xff), bytesOf(reason)]);
}

/** Any head or body text with CRLF line ends. */
export function http(...lines: string[]): string {
	return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The opening handshake of RFC 6455 §1.3. */
export const UPGRADE: string = http(
	"GET /chat HTTP/1.1",
	"Host: server.example.com",
	"Upgrade: websocket",
	"Connection: Upgrade",
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	"Sec-WebSocket-Version: 13",
);

/** What it is answered with. */
export const SWITCHING: string = http(
	"HTTP/1.1 101 Switching Protocols",
	"upgrade: websocket",
	"connection: Upgrade",
	"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
);

/** An extension that makes bytes upper case, in both directions, and counts how often it was released. */
export function upper(): Extension & { released: number; shared: string | null } {
	const upperCase = (piece: Uint8Array): Uint8Array => piece.map((byte) => byte & 0xdf);
	return {
		name: "x-upper",
		rsv: 0b100,
		shared: "always",
		released: 0,
		decode: upperCase,
		outgoingRsv: () => 0b100,
		encode: upperCase,
		encodeShared: upperCase,
		snapshot: () => ({ ok: true, state: null }),
		release() {
			this.released++;
		},
	};
}
