import { createHash } from "node:crypto";

/** Reads the head of a request that it believes to be a WebSocket handshake, and answers it. */
export class BareHandshake {
	private head: string = "";

	/** Null: more is needed. `rest`: what followed the head. */
	receive(chunk: Uint8Array): { response: string; rest: Buffer } | null {
		this.head += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1");
		const { head } = this;
		const end = head.indexOf("\r\n\r\n");
		if (end === -1) return null;
		const key = /^sec-websocket-key: *(.+?) *$/im.exec(head)?.[1] ?? "";
		const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
		return {
			response: `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
			rest: Buffer.from(head.slice(end + 4), "latin1"),
		};
	}
}
