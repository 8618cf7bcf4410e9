import type { OutgoingHttpHeaders } from "node:http";
import type { HandshakeFailure } from "@barewire/handshake";

const KEY = "Missing or invalid Sec-WebSocket-Key header";
const VERSION = "Missing or invalid Sec-WebSocket-Version header";
const PROTOCOL = "Invalid Sec-WebSocket-Protocol header";

/** What ws calls a rule that the client has broken. Others, which ws does not look at, keep barewire's own words. */
const TEXTS: Readonly<Record<string, string>> = {
	"method-not-get": "Invalid HTTP method",
	"missing-upgrade": "Invalid Upgrade header",
	"missing-key": KEY,
	"repeated-key": KEY,
	"malformed-key": KEY,
	"missing-version": VERSION,
	"repeated-version": VERSION,
	"unsupported-version": VERSION,
	"malformed-protocols": PROTOCOL,
	"duplicate-protocol": PROTOCOL,
	"malformed-extensions": "Invalid or unacceptable Sec-WebSocket-Extensions header",
};

/** What a client is answered whose handshake breaks a rule: with the status and the text that ws has for it. */
export function refusalOf({ kind, message }: HandshakeFailure): {
	readonly code: number;
	readonly message: string;
	readonly fields: OutgoingHttpHeaders;
} {
	const text = TEXTS[kind] ?? message;
	return {
		// RFC 9110 §15.5.6: "the method received in the request-line is known by the origin server but not supported by the target resource".
		code: kind === "method-not-get" ? 405 : 400,
		message: text,
		// RFC 6455 §4.4: a server that does not speak the client's version names the one that it does.
		fields: text === VERSION ? { "Sec-WebSocket-Version": "13" } : {},
	};
}
