import type { HttpFailureKind } from "./failure.ts";
import type { HttpVersion } from "./head.ts";
import { isToken } from "./syntax.ts";
import { parseVersion } from "./version.ts";

/** A request line's three parts. RFC 9112 §3. */
export interface RequestLine {
	readonly method: string;
	readonly target: string;
	readonly version: HttpVersion;
}

// Visible ASCII without `#`. RFC 3986 has fewer characters, but browsers send `|`, `^` and `{` as they are, and programs `"`, `<`
// and `>`; none of them ends or splits a line. A fragment never goes on the wire, and not all agree that it is none of the path.
const TARGET = /^[!"$-~]+$/;

// RFC 9112 §3.2.2: absolute-form. Userinfo is not let in (RFC 9110 §4.2.4).
const ABSOLUTE = /^[A-Za-z][\dA-Za-z+.-]*:\/\/([^/?@]+)(?:[/?]|$)/;

// RFC 9110 §7.2: Host = uri-host [ ":" port ]; RFC 3986 §3.2.2 without IPvFuture and, in a name, without the comma, which
// is how an intermediary would join two Hosts.
const HOST = /^(?:\[[\dA-Fa-f:.]+\]|(?:[\w.~!$&'()*+;=-]|%[\dA-Fa-f]{2})+)(?::(\d*))?$/;

export function parseRequestLine(line: string): RequestLine | HttpFailureKind {
	// RFC 9112 §3: request-line = method SP request-target SP HTTP-version
	const first = line.indexOf(" ");
	const last = line.lastIndexOf(" ");
	if (first === last) return "malformed-request-line";
	const method = line.slice(0, first);
	if (!isToken(method)) return "malformed-method";
	const version = parseVersion(line.slice(last + 1));
	if (typeof version === "string") return version;
	const target = line.slice(first + 1, last);
	return targetFailure(method, target) ?? { method, target, ...version };
}

/** What is wrong with a request line that another parser has read, or null. */
export function requestLineFailure({ method, target }: RequestLine): HttpFailureKind | null {
	return isToken(method) ? targetFailure(method, target) : "malformed-method";
}

/** Whether the text may stand as a request-target on the wire, whatever its form. */
export function isTarget(text: string): boolean {
	return TARGET.test(text);
}

// RFC 9112 §3.2: request-target = origin-form / absolute-form / authority-form / asterisk-form
function targetFailure(method: string, target: string): HttpFailureKind | null {
	if (!isTarget(target)) return "malformed-target";
	// RFC 9112 §3.2.3: authority-form is for CONNECT alone, CONNECT has no other, and the port is not optional.
	if (method === "CONNECT") return isHost(target) && /:\d+$/.test(target) ? null : "misplaced-target";
	// RFC 9112 §3.2.4: asterisk-form is for OPTIONS alone.
	if (target === "*") return method === "OPTIONS" ? null : "misplaced-target";
	if (target[0] === "/") return null;
	const authority = targetAuthority(target);
	if (authority === null) return isHost(target) ? "misplaced-target" : "malformed-target";
	return isHost(authority) ? null : "malformed-target";
}

/** The authority of an absolute-form target; null for another form. */
export function targetAuthority(target: string): string | null {
	return ABSOLUTE.exec(target)?.[1] ?? null;
}

/** Whether the text is a host with an optional port below 65536. */
export function isHost(text: string): boolean {
	const match = HOST.exec(text);
	return match !== null && Number(match[1] ?? 0) < 65_536;
}
