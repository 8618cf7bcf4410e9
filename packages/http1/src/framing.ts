import type { BodyFraming } from "./events.ts";
import type { HttpFailureKind } from "./failure.ts";
import { fieldValues, hasToken, trimWhitespace } from "./fields.ts";
import type { FieldLine, HttpVersion } from "./head.ts";

/** Returns the framing of the body according to the fields. null: the fields do not define it. RFC 9112 §6. */
export function fieldFraming(version: HttpVersion, fields: readonly FieldLine[]): BodyFraming | HttpFailureKind | null {
	const codings = fieldValues(fields, "transfer-encoding");
	const lengths = fieldValues(fields, "content-length");
	if (codings.length > 0) {
		// RFC 9112 §6.1: with Transfer-Encoding an HTTP/1.0 message is to be treated "as if the framing is faulty".
		if (version === "1.0") return "transfer-encoding-in-1.0";
		// RFC 9112 §6.3: such a message "might indicate an attempt to perform request smuggling".
		if (lengths.length > 0) return "content-length-with-transfer-encoding";
		return codingFailure(codings.join(",").split(",")) ?? { kind: "chunked" };
	}
	const text = lengths[0];
	if (text === undefined) return null;
	// RFC 9112 §6.3 allows a recipient to treat equal values as one. A sender of two values is faulty or malicious.
	if (lengths.length > 1) return "repeated-content-length";
	// RFC 9110 §8.6: Content-Length = 1*DIGIT
	if (!/^\d+$/.test(text)) return "malformed-content-length";
	const length = Number(text);
	// A number of 2^53 or more is still at least 2^53 after rounding.
	return length > Number.MAX_SAFE_INTEGER ? "content-length-too-large" : { kind: "length", length };
}

/** Returns the violation in the transfer codings. null: the only coding is `chunked`. */
function codingFailure(members: readonly string[]): HttpFailureKind | null {
	const codings = members.map((member) => trimWhitespace(member).toLowerCase());
	if (codings.includes("")) return "malformed-transfer-encoding";
	// RFC 9112 §6.3: if chunked "is not the final encoding … the server MUST respond with the 400".
	if (codings.at(-1) !== "chunked") return "chunked-not-final";
	if (codings.length === 1) return null;
	// RFC 9112 §6.1: "A sender MUST NOT apply the chunked transfer coding more than once".
	if (codings.indexOf("chunked") !== codings.length - 1) return "repeated-chunked";
	// RFC 9112 §6.1: with a coding that it does not understand a server "SHOULD respond with 501".
	return "unknown-transfer-coding";
}

// RFC 9112 §9.3: close has priority; 1.1 persists by default, 1.0 only with keep-alive.
/** Whether the sender allows the connection to persist after this message. */
export function persists(version: HttpVersion, fields: readonly FieldLine[]): boolean {
	if (hasToken(fields, "connection", "close")) return false;
	return version === "1.1" || hasToken(fields, "connection", "keep-alive");
}
