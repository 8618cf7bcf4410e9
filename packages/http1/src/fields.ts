import type { FieldLine } from "./head.ts";

/** Every value of the named field, one per field line. `name` is lower case. */
export function fieldValues(fields: readonly FieldLine[], name: string): string[] {
	const values: string[] = [];
	for (const [fieldName, value] of fields) if (fieldName === name) values.push(value);
	return values;
}

// RFC 9113 §8.2.3: several Cookie fields are concatenated "using the two-byte delimiter of 0x3b, 0x20 (the ASCII string "; ")". A
// proxy that uses HTTP/2 may forward them separately.
/**
 * The combined value of the field, or null when the field is absent. Lines are joined with a comma (RFC 9110 §5.3), those of Cookie
 * with a semicolon.
 */
export function fieldValue(fields: readonly FieldLine[], name: string): string | null {
	let combined: string | null = null;
	for (const [fieldName, value] of fields) {
		if (fieldName !== name) continue;
		combined = combined === null ? value : `${combined}${name === "cookie" ? "; " : ", "}${value}`;
	}
	return combined;
}

// RFC 9110 §5.6.1: a comma inside a quoted-string does not separate members. A quoted-string that is never closed extends to the
// end. No two parts can match the same character, and nothing after them can fail, so the match takes linear time.
const MEMBER = /(?:[^",]+|"(?:[^"\\]+|\\.)*"?)+/gs;

/** The members of a list field (RFC 9110 §5.6.1), without surrounding whitespace and without empty ones. */
export function listMembers(value: string): string[] {
	const members = value.match(MEMBER) ?? [];
	return members.map((member) => trimWhitespace(member)).filter((member) => member !== "");
}

/**
 * Whether a list field contains a token. The comparison is case-insensitive, as required for `Connection` and `Upgrade`. `name` and
 * `token` are lower case.
 */
export function hasToken(fields: readonly FieldLine[], name: string, token: string): boolean {
	const value = fieldValue(fields, name);
	return value !== null && listMembers(value).some((member) => member.toLowerCase() === token);
}

const CONNECTION_FIELDS = ["connection", "proxy-connection", "keep-alive", "te", "transfer-encoding", "upgrade"];

// RFC 9110 §7.6.1: "remove any header or trailer field(s) from the message with the same name as the connection-option, and then
// remove the Connection header field itself". The other fields above must be removed even if Connection does not name them.
/** Returns the fields without those that apply only to this connection. */
export function withoutConnectionFields(fields: readonly FieldLine[]): FieldLine[] {
	return fields.filter(([name]) => !CONNECTION_FIELDS.includes(name) && !hasToken(fields, "connection", name));
}

// RFC 9110 §5.6.3: OWS = *( SP / HTAB ). `String.prototype.trim` would also remove U+00A0, which is an ordinary byte here.
/** Returns the text between `from` and `to` without spaces and tabs at both ends. */
export function trimWhitespace(text: string, from: number = 0, to: number = text.length): string {
	let start = from;
	let end = to;
	while (start < end && isWhitespace(text.charCodeAt(start))) start++;
	while (start < end && isWhitespace(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}

function isWhitespace(code: number): boolean {
	return code === 0x20 || code === 0x09;
}
