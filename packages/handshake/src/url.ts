import { defaultPort, parseAuthority } from "./authority.ts";

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

const URL_PARTS = /^([A-Za-z]+):\/\/([^/?]*)(.*)$/;

// RFC 3986 §3.3 and §3.4 allow these in a path and a query, besides percent-encoded octets. All other characters that
// come this far are written as percent-encoded UTF-8.
const TO_ENCODE = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+/g;

/**
 * Reads a WebSocket URI (RFC 6455 §3). `http` and `https` stand for `ws` and `wss`, as in browsers' WebSocket API.
 *
 * Stricter than the URL Standard where two readers might disagree about the same text: no whitespace, control
 * character or backslash, no userinfo, a host of letters and digits (write an international name as `xn--…`), and `%`
 * only before two hexadecimal digits. Dot segments stay as they are.
 */
export function parseWebSocketUrl(url: string): WebSocketUrl | { readonly ok: false; readonly message: string } {
	const [, scheme = "", authorityText = "", resource = ""] = URL_PARTS.exec(url) ?? [];
	const schemePort = defaultPort(scheme.toLowerCase());
	if (schemePort === null) return fail("write ws://host/path or wss://host/path");

	// RFC 6455 §3: "Fragment identifiers are meaningless in the context of WebSocket URIs and MUST NOT be used"
	if (url.includes("#")) return fail("leave the fragment out");
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
	if (/[\s\\\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})/.test(url) || !url.isWellFormed()) {
		return fail("percent-encode whitespace, control characters, backslash and %");
	}
	if (authorityText.includes("@")) return fail("send an Authorization field instead of user and password");
	const authority = parseAuthority(authorityText);
	const port = authority?.port ?? schemePort;
	// Port 0 is nobody's.
	if (authority === null || port === 0) return fail("the host or port is malformed");

	const target = resource.replace(TO_ENCODE, encodeURIComponent);
	return {
		ok: true,
		secure: schemePort === 443,
		hostname: authority.host.replace(/^\[|\]$/g, ""),
		port,
		host: port === schemePort ? authority.host : `${authority.host}:${port}`,
		// RFC 6455 §3: "/" if the path component is empty
		target: target.startsWith("/") ? target : `/${target}`,
	};
}

function fail(reason: string): { readonly ok: false; readonly message: string } {
	return { ok: false, message: `not a WebSocket URL: ${reason}` };
}
