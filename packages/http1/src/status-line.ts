import type { HttpFailureKind } from "./failure.ts";
import type { HttpVersion } from "./head.ts";
import { isText } from "./syntax.ts";
import { parseVersion } from "./version.ts";

/** The three parts of a status line. RFC 9112 §4. */
export interface StatusLine {
	readonly version: HttpVersion;
	readonly status: number;
	readonly reason: string;
}

// RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. "A server MUST send the space that separates the status-code
// from the reason-phrase even when the reason-phrase is absent", but some servers omit it, and the line is still unambiguous.
export function parseStatusLine(line: string): StatusLine | HttpFailureKind {
	const version = parseVersion(line.slice(0, 8));
	if (typeof version === "string") return version;
	const reason = line.slice(13);
	if (!/^ [1-5]\d\d ?$/.test(line.slice(8, 13)) || !isText(reason)) return "malformed-status-line";
	return { ...version, status: Number(line.slice(9, 12)), reason };
}
