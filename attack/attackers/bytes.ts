import { constants, deflateRawSync } from "node:zlib";
import { clientFrame, RSV1 } from "../../bench/load/frames.ts";

/** RFC 6455 §11.8. */
export const OPCODE = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export const FIN = 0x80;
export const MASKED = 0x80;
/** RFC 7692 §7.2.1: the four bytes that a sync flush leaves at the end, and that are not sent. */
const TAIL_SIZE = 4;

/** RFC 6455 §4.1: the opening handshake. */
export function handshake(port: number, target: string, compression: boolean = false): string {
	return [
		`GET ${target} HTTP/1.1`,
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
		...(compression ? ["Sec-WebSocket-Extensions: permessage-deflate"] : []),
		"\r\n",
	].join("\r\n");
}

/** A client's frame with a first byte of any kind and a payload that is short; its masking key is 0. */
export function shortFrame(first: number, payload: string | Uint8Array = ""): Buffer {
	const bytes = Buffer.from(payload as string);
	return Buffer.concat([Buffer.from([first, MASKED | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** A client's header that announces any length, in 64 bits; its masking key is 0. */
export function announce(first: number, length: bigint): Buffer {
	const header = Buffer.alloc(14);
	header[0] = first;
	header[1] = MASKED | 127;
	header.writeBigUInt64BE(length, 2);
	return header;
}

/** The same bytes so many times. */
export function repeated(bytes: Uint8Array, times: number): Buffer {
	return Buffer.alloc(bytes.length * times, bytes);
}

/** A compressed message that inflates to so many zeros. */
export function bomb(size: number): Buffer {
	const { Z_SYNC_FLUSH: finishFlush } = constants;
	const deflated = deflateRawSync(Buffer.alloc(size), { level: 9, finishFlush });
	const frame = clientFrame("binary", deflated.subarray(0, -TAIL_SIZE), 1);
	frame[0]! |= RSV1;
	return frame;
}
