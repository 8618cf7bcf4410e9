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
	if (url === null) return fail(urlMistake(text));
	if (defaultPort === undefined) return fail(WRITE_URL);
	// RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used". An empty
	// one shows in `href` alone.
	if (url.href.includes("#")) return fail("leave the fragment out");
	if (url.username !== "" || url.password !== "") {
		return fail("send user and password by the `headers` option, in an Authorization field");
	}
	// The URL Standard lets a host have characters that no Host field has, such as quotes.
	if (!isHost(url.host)) return fail("the host must be a name or an address");
	// Port 0 is nobody's.
	if (url.port === "0") return fail("the port must be from 1 to 65535");
	return {
		ok: true,
		secure: defaultPort === 443,
		hostname: url.hostname.replace(/^\[|\]$/g, ""),
		port: url.port === "" ? defaultPort : Number(url.port),
		host: url.host,
		target: url.pathname + url.search,
	};
}

function fail(reason: string): { readonly ok: false; readonly message: string } {
	return { ok: false, message: `not a WebSocket URL: ${reason}` };
}
