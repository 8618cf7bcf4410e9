import { createHash } from "node:crypto";
import { latin1 } from "../arbitraries/bytes.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** What a server has to answer to a key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
	return createHash("sha1").update(`${key}${GUID}`).digest("base64");
}

/** The key in a request's head. */
export function keyIn(request: string): string {
	const key = /^sec-websocket-key:[ \t]*(.*?)[ \t]*\r$/im.exec(request)?.[1];
	if (key === undefined) throw new Error(`no Sec-WebSocket-Key in ${JSON.stringify(request)}`);
	return key;
}

/** The 101 that belongs to a request, with further field lines. */
export function switching(request: string, ...fields: readonly string[]): Uint8Array {
	return latin1(
		[
			"HTTP/1.1 101 Switching Protocols",
			"Upgrade: websocket",
			"Connection: Upgrade",
			`Sec-WebSocket-Accept: ${acceptKey(keyIn(request))}`,
			...fields,
			"\r\n",
		].join("\r\n"),
	);
}
