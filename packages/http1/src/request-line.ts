import type { HttpFailureKind } from "./failure.ts";
import type { HttpVersion } from "./head.ts";
import { isToken } from "./syntax.ts";
import { parseVersion } from "./version.ts";

/** The three parts of a request line. RFC 9112 §3. */
export interface RequestLine {
	readonly method: string;
	readonly target: string;
	readonly version: HttpVersion;
}

// Visible ASCII without `#`. RFC 3986 allows fewer characters, but browsers send `|`, `^` and `{` without encoding, and other
// programs send `"`, `<` and `>`. None of them ends or splits a line. A fragment is never sent, and implementations disagree on
// whether it belongs to the path.
const TARGET = /^[!"$-~]+$/;

// RFC 9112 §3.2.2: absolute-form. Userinfo is not accepted (RFC 9110 §4.2.4).
const ABSOLUTE = /^[A-Za-z][\dA-Za-z+.-]*:\/\/([^/?@]+)(?:[/?]|$)/;

// RFC 9110 §7.2: Host = uri-host [ ":" port ]; RFC 3986 §3.2.2 without IPvFuture and without the comma in a name, because an
// intermediary may join two Host fields with a comma.
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

/** Returns the violation in a request line that another parser has read, or null. */
export function requestLineFailure({ method, target }: RequestLine): HttpFailureKind | null {
	return isToken(method) ? targetFailure(method, target) : "malformed-method";
}

/** Whether the text may be sent as a request-target, in any form. */
export function isTarget(text: string): boolean {
	return TARGET.test(text);
}

// RFC 9112 §3.2: request-target = origin-form / absolute-form / authority-form / asterisk-form
function targetFailure(method: string, target: string): HttpFailureKind | null {
	if (!isTarget(target)) return "malformed-target";
	// RFC 9112 §3.2.3: only CONNECT uses authority-form, CONNECT allows no other form, and the port is required.
	if (method === "CONNECT") return isHost(target) && /:\d+$/.test(target) ? null : "misplaced-target";
	// RFC 9112 §3.2.4: only OPTIONS uses asterisk-form.
	if (target === "*") return method === "OPTIONS" ? null : "misplaced-target";
	if (target[0] === "/") return null;
	const authority = targetAuthority(target);
	if (authority === null) return isHost(target) ? "misplaced-target" : "malformed-target";
	return isHost(authority) ? null : "malformed-target";
}

/** The authority of an absolute-form target. null: the target has another form. */
export function targetAuthority(target: string): string | null {
	return ABSOLUTE.exec(target)?.[1] ?? null;
}

/** Whether the text is a host with an optional port below 65536. */
export function isHost(text: string): boolean {
	const match = HOST.exec(text);
	return match !== null && Number(match[1] ?? 0) < 65_536;
}
