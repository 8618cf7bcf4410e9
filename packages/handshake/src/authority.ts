/** A host and its port. RFC 3986 §3.2, without userinfo. */
export interface Authority {
	/** Lower case; an IPv6 address keeps its brackets. */
	readonly host: string;
	/** `null`: none is written, so the scheme's default holds. */
	readonly port: number | null;
}

// RFC 3986 §3.2.2: host = IP-literal / IPv4address / reg-name. Of reg-name's characters only those that names in use
// have. No percent-encoding: "%65xample.com" would have to be decoded before it could be compared or dialled.
// Whether the digits in brackets are an address is for whoever dials it. No two parts can match the same character in
// two ways, so the match takes linear time.
const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::([0-9]{0,5}))?$/;

/** Reads `host [":" port]`, the value of a Host field (RFC 9110 §7.2). `null`: it is none. */
export function parseAuthority(text: string): Authority | null {
	const match = AUTHORITY.exec(text);
	if (match === null) return null;
	// RFC 3986 §3.2.3: port = *DIGIT, so "example.com:" means the default.
	const port = match[2] ? Number(match[2]) : null;
	return port !== null && port > 65535 ? null : { host: match[1]!.toLowerCase(), port };
}

/** The default port of a lower-case scheme; `null` for schemes without one here. RFC 6455 §3, RFC 9110 §4.2. */
export function defaultPort(scheme: string): number | null {
	if (scheme === "http" || scheme === "ws") return 80;
	if (scheme === "https" || scheme === "wss") return 443;
	return null;
}
