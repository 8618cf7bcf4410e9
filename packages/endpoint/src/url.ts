import { isHost } from "@barewire/http1";
import { urlMistake, WRITE_URL } from "./url-mistake.ts";

/** What a WebSocket URI says, in the parts that a client needs. */
export interface WebSocketUrl {
	readonly ok: true;
	/** RFC 6455 §3: whether the connection runs over TLS. */
	readonly secure: boolean;
	/** The name or address to dial, lower case, an IPv6 address without its brackets. */
	readonly hostname: string;
	readonly port: number;
	/** The value of the Host field: the port is left out when it is the default. */
	readonly host: string;
	/** The request-target, RFC 6455 §3's resource name: path and query. */
	readonly target: string;
}

/** The default ports: RFC 6455 §3, RFC 9110 §4.2. `http` and `https` stand for `ws` and `wss`, as in browsers. */
const PORTS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
	["ws:", 80],
	["wss:", 443],
	["http:", 80],
	["https:", 443],
]);

/** Reads a WebSocket URI (RFC 6455 §3) as the URL Standard reads it: a program means what a page means by the same text. */
export function parseWebSocketUrl(text: string): WebSocketUrl | { readonly ok: false; readonly message: string } {
	const url = URL.parse(text);
	const defaultPort = PORTS.get(url?.protocol ?? "");
	if (url === null) return fail(text, urlMistake(text));
	if (defaultPort === undefined) return fail(text, WRITE_URL);
	// RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used". An empty
	// one shows in `href` alone.
	if (url.href.includes("#")) return fail(text, "leave the fragment out");
	if (url.username !== "" || url.password !== "") {
		return fail(text, "send user and password by the `headers` option, in an Authorization field");
	}
	// The URL Standard lets a host have characters that no Host field has, such as quotes.
	if (!isHost(url.host)) return fail(text, "the host must be a name or an address");
	// Port 0 cannot be connected to.
	if (url.port === "0") return fail(text, "the port must be from 1 to 65535");
	return {
		ok: true,
		secure: defaultPort === 443,
		hostname: url.hostname.replace(/^\[|\]$/g, ""),
		port: url.port === "" ? defaultPort : Number(url.port),
		host: url.host,
		target: url.pathname + url.search,
	};
}

function fail(text: string, reason: string): { readonly ok: false; readonly message: string } {
	return { ok: false, message: `${quoted(text)} is not a WebSocket URL: ${reason}` };
}

/** So much of a text that is no URL is quoted. */
const MAX_QUOTED = 200;

/**
 * The text for a message, which may come into a log: without what may be a password, in front of an "@", or a token, in a query or
 * a fragment. Where an "@" comes behind a "?" or a "#", both may be either.
 */
function quoted(text: string): string {
	const scheme = /^[a-z]+:\/\//i.exec(text)?.[0] ?? "";
	const end = text.search(/[?#]/);
	const at = text.lastIndexOf("@");
	let shown = end === -1 ? text : `${text.slice(0, end + 1)}…`;
	if (at !== -1) shown = `${scheme}…${shown.slice(at)}`;
	return JSON.stringify(shown.length <= MAX_QUOTED ? shown : `${shown.slice(0, MAX_QUOTED)}…`);
}
