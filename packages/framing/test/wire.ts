import type { Role } from "../src/index.ts";

/** Bytes from hex digits; blanks and line ends are for the reader. */
export function hex(digits: string): Uint8Array<ArrayBuffer> {
	const dense = digits.replace(/\s+/g, "");
	if (!/^([0-9a-f]{2})*$/i.test(dense)) throw new Error(`not hex: ${digits}`);
	return Uint8Array.from(dense.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function concat(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		whole.set(piece, at);
		at += piece.length;
	}
	return whole;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(text);
}

/** A frame as it may stand on the wire, sound or not. */
export interface WireFrame {
	readonly fin: boolean;
	readonly rsv: number;
	readonly opcode: number;
	readonly payload: Uint8Array;
}

export const MASKING_KEY: Uint8Array = hex("37 fa 21 3d");

/** Written for the tests alone and without a thought of speed, so that it shares no mistake with the package. */
export function encodeFrame(frame: WireFrame, key: Uint8Array | null): Uint8Array<ArrayBuffer> {
	const { fin, rsv, opcode, payload } = frame;
	const head = new DataView(new ArrayBuffer(14));
	const mask = key === null ? 0 : 0x80;
	head.setUint8(0, (fin ? 0x80 : 0) + rsv * 16 + opcode);
	let size = 2;
	if (payload.length < 126) head.setUint8(1, mask + payload.length);
	else if (payload.length < 65536) {
		head.setUint8(1, mask + 126);
		head.setUint16(2, payload.length);
		size = 4;
	} else {
		head.setUint8(1, mask + 127);
		head.setBigUint64(2, BigInt(payload.length));
		size = 10;
	}
	const header = new Uint8Array(head.buffer, 0, size);
	if (key === null) return concat([header, payload]);
	return concat([header, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}

/** The frames as the peer of an endpoint in this role sends them. */
export function encodeFor(role: Role, frames: readonly WireFrame[]): Uint8Array<ArrayBuffer> {
	return concat(frames.map((frame) => encodeFrame(frame, role === "server" ? MASKING_KEY : null)));
}

export function data(opcode: number, payload: Uint8Array | string, fin = true, rsv = 0): WireFrame {
	return { fin, rsv, opcode, payload: typeof payload === "string" ? utf8(payload) : payload };
}
