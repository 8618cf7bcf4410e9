import { head } from "./http-text.ts";

/** A handshake in its parts; each can be replaced, left out ("") or given twice. */
export const PARTS = {
	line: "GET /chat HTTP/1.1",
	host: "Host: server.example.com",
	upgrade: "Upgrade: websocket",
	connection: "Connection: Upgrade",
	// RFC 6455 §1.3
	key: "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
	version: "Sec-WebSocket-Version: 13",
	more: "",
};

export type Changes = Partial<Record<keyof typeof PARTS, string>>;

/** The handshake with other parts; several lines in one part are separated by CRLF. */
export function asking(changes: Changes = {}): string {
	return head(...Object.values({ ...PARTS, ...changes }).filter((part) => part !== ""));
}

/** The 101 that belongs to the key of §1.3. */
export function switching(...fields: readonly string[]): string {
	return head(
		"HTTP/1.1 101 Switching Protocols",
		"upgrade: websocket",
		"connection: Upgrade",
		"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
		...fields,
	);
}
