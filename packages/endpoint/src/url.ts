import { isHost } from "@barewire/http1";
import { urlMistake, WRITE_URL } from "./url-mistake.ts";

/** The parts of a WebSocket URI that a client needs. */
export interface WebSocketUrl {
	readonly ok: true;
	/** RFC 6455 §3: whether the connection runs over TLS. */
	readonly secure: boolean;
	/** The name or address to connect to, in lower case, an IPv6 address without brackets. */
	readonly hostname: string;
	readonly port: number;
	/** The value of the Host field: a default port is omitted. */
	readonly host: string;
	/** The request-target, called resource name in RFC 6455 §3: path and query. */
	readonly target: string;
}

/** The default ports: RFC 6455 §3, RFC 9110 §4.2. `http` and `https` mean `ws` and `wss`, as in browsers. */
const PORTS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
	["ws:", 80],
	["wss:", 443],
	["http:", 80],
	["https:", 443],
]);

/** Parses a WebSocket URI (RFC 6455 §3) with the rules of the URL Standard, so that a text means the same as in a web page. */
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
	// The URL Standard allows characters in a host that a Host field can't have, such as quotes.
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

/** At most this much of an invalid URL is quoted. */
const MAX_QUOTED = 200;

/**
 * The text for an error message, which may be logged. It omits what may be a password (before an "@"), or a token (in a
 * query or a fragment). If an "@" follows a "?" or a "#", each part may be either.
 */
function quoted(text: string): string {
	const scheme = /^[a-z]+:\/\//i.exec(text)?.[0] ?? "";
	const end = text.search(/[?#]/);
	const at = text.lastIndexOf("@");
	let shown = end === -1 ? text : `${text.slice(0, end + 1)}…`;
	if (at !== -1) shown = `${scheme}…${shown.slice(at)}`;
	return JSON.stringify(shown.length <= MAX_QUOTED ? shown : `${shown.slice(0, MAX_QUOTED)}…`);
}
