// RFC 6454 §6.2: an origin is serialised as scheme "://" host [ ":" port ]. Only characters of a serialised host are allowed
// here: the URL parser would also accept and convert userinfo, a path, percent-encoding or a backslash.
const SERIALIZED = /^https?:\/\/[\w.:[\]-]+$/i;

/**
 * Whether a page of this origin belongs to the site that it connects to: same scheme, same host, same port (RFC 6454 §5).
 * The Host field and `secure` (whether the connection is TLS) identify the site.
 *
 * Anything that is not the origin of a page from an HTTP server is false: `null`, several origins, userinfo, a path. Behind
 * a proxy that ends TLS, pass the `secure` and the Host that the user of the page sees.
 */
export function isSameOrigin(origin: string, host: string, secure: boolean): boolean {
	const site = normalizeOrigin(`${secure ? "https" : "http"}://${host}`);
	return site !== null && normalizeOrigin(origin) === site;
}

/**
 * Whether the origin is in the list. Entries are in serialised form, such as `https://example.com`. Schemes and hosts
 * compare without regard to case, and a default port may be omitted. There are no wildcards.
 *
 * An entry that is not `http` or `https` (`null`, `file://`, `chrome-extension://…`) matches the same text only. Be careful
 * with `null`: every sandboxed frame has that origin, of any site.
 */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
	const normalized = normalizeOrigin(origin);
	return allowed.some((entry) => entry === origin || (normalized !== null && normalizeOrigin(entry) === normalized));
}

/** The origin in the form of the URL Standard: lower case, without a default port. `null`: not the origin of an HTTP server. */
function normalizeOrigin(origin: string): string | null {
	return SERIALIZED.test(origin) ? (URL.parse(origin)?.origin ?? null) : null;
}
