// RFC 6454 §6.2: an origin is serialised as scheme "://" host [ ":" port ]. Of a host, only the characters that stand in a
// serialised one: the URL parser would also take userinfo, a path, percent-encoding or a backslash, and make something of it.
const SERIALIZED = /^https?:\/\/[\w.:[\]-]+$/i;

/**
 * Whether a page of this origin belongs to the site that it connects to: same scheme, same host, same port
 * (RFC 6454 §5), where the Host field and `secure` (whether the connection is TLS) tell what the site is.
 *
 * Anything that is not the origin of a page from an HTTP server is false: `null`, several origins, userinfo, a path.
 * Behind a proxy that ends TLS, pass the `secure` and the Host that the page's user sees.
 */
export function isSameOrigin(origin: string, host: string, secure: boolean): boolean {
	const site = normalizeOrigin(`${secure ? "https" : "http"}://${host}`);
	return site !== null && normalizeOrigin(origin) === site;
}

/**
 * Whether the origin is one of those listed, each in serialised form such as `https://example.com`. Schemes and hosts
 * compare without regard to case, and a default port may be written or not. There are no wildcards.
 *
 * An entry that is not `http` or `https` (`null`, `file://`, `chrome-extension://…`) matches the same text only. Think
 * twice about `null`: every sandboxed frame has that origin, whatever site it belongs to.
 */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
	const normalized = normalizeOrigin(origin);
	return allowed.some((entry) => entry === origin || (normalized !== null && normalizeOrigin(entry) === normalized));
}

/** As the URL Standard writes it: lower case, without a default port. `null`: not the origin of an HTTP server. */
function normalizeOrigin(origin: string): string | null {
	return SERIALIZED.test(origin) ? (URL.parse(origin)?.origin ?? null) : null;
}
