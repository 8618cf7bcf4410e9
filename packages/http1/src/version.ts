import type { HttpFailureKind } from "./failure.ts";
import type { HttpVersion } from "./head.ts";

/** Returns the version in a start line, or the violation. RFC 9112 §2.3: it is case-sensitive. */
export function parseVersion(text: string): { readonly version: HttpVersion } | HttpFailureKind {
	if (!/^HTTP\/\d\.\d$/.test(text)) return "malformed-version";
	// RFC 9110 §2.5: a higher minor version is processed as if it were the highest that the recipient implements.
	if (text[5] !== "1") return "unsupported-version";
	return { version: text[7] === "0" ? "1.0" : "1.1" };
}
