import { type Authority, defaultPort, parseAuthority } from "./authority.ts";

// RFC 6454 §6.2: an origin is serialised as scheme "://" host [ ":" port ], or as "null".
const ORIGIN = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/;

/**
 * Whether a page of this origin belongs to the site that it connects to: same scheme, same host, same port
 * (RFC 6454 §5), where the Host field and `secure` (whether the connection is TLS) tell what the site is.
 *
 * Anything that is not a serialised origin is false: `null`, several origins, userinfo, a path. Behind a proxy that
 * ends TLS, pass the `secure` and the Host that the page's user sees.
 */
export function isSameOrigin(origin: string, host: string, secure: boolean): boolean {
	const authority = parseAuthority(host);
	return authority !== null && normalizeOrigin(origin) === serializeOrigin(secure ? "https" : "http", authority);
}

/**
 * Whether the origin is one of those listed, each in serialised form such as `https://example.com`. Schemes and hosts
 * compare without regard to case, and a default port may be written or not. There are no wildcards.
 *
 * An entry that is no such origin (`null`, `file://`) matches the same text only. Think twice about `null`: every
 * sandboxed frame has that origin, whatever site it belongs to.
 */
export function isAllowedOrigin(origin: string, allowed: readonly string[]): boolean {
	const normalized = normalizeOrigin(origin);
	return allowed.some((entry) => entry === origin || (normalized !== null && normalizeOrigin(entry) === normalized));
}

/** The origin with lower-case letters and its port written out. `null`: not a serialised origin with a host. */
function normalizeOrigin(origin: string): string | null {
	const [, scheme, rest] = ORIGIN.exec(origin) ?? [];
	const authority = parseAuthority(rest ?? "");
	return scheme === undefined || authority === null ? null : serializeOrigin(scheme.toLowerCase(), authority);
}

function serializeOrigin(scheme: string, authority: Authority): string {
	return `${scheme}://${authority.host}:${authority.port ?? defaultPort(scheme) ?? ""}`;
}
