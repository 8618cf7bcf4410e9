import type { FieldLine } from "./head.ts";

/** Every value of the named field, one per field line. `name` is lower case. */
export function fieldValues(fields: readonly FieldLine[], name: string): string[] {
	const values: string[] = [];
	for (const [fieldName, value] of fields) if (fieldName === name) values.push(value);
	return values;
}

/** The field's combined value (RFC 9110 §5.3: lines joined with a comma), or null when the field is absent. */
export function fieldValue(fields: readonly FieldLine[], name: string): string | null {
	const values = fieldValues(fields, name);
	return values.length === 0 ? null : values.join(", ");
}

// RFC 9110 §5.6.1: a comma inside a quoted-string does not separate members; empty members count for nothing.
/** The members of a list field (RFC 9110 §5.6.1), without surrounding whitespace and without empty ones. */
export function listMembers(value: string): string[] {
	const members: string[] = [];
	let start = 0;
	let quoted = false;
	for (let index = 0; index <= value.length; index++) {
		const char = value[index];
		if (quoted) {
			if (char === "\\") index++;
			else if (char === '"') quoted = false;
			if (index < value.length) continue;
		} else if (char === '"') {
			quoted = true;
			continue;
		} else if (char !== "," && index < value.length) continue;
		const member = trimWhitespace(value.slice(start, index));
		if (member !== "") members.push(member);
		start = index + 1;
	}
	return members;
}

/** Whether a list field holds a token, compared without regard to case (as `Connection` and `Upgrade` ask). */
export function hasToken(fields: readonly FieldLine[], name: string, token: string): boolean {
	const value = fieldValue(fields, name);
	return value !== null && listMembers(value).some((member) => member.toLowerCase() === token);
}

// RFC 9110 §5.6.3: OWS = *( SP / HTAB ). `String.prototype.trim` would also take U+00A0, which is an ordinary octet here.
/** The text without spaces and tabs at either end. */
export function trimWhitespace(text: string): string {
	let start = 0;
	let end = text.length;
	while (start < end && isWhitespace(text.charCodeAt(start))) start++;
	while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
	return text.slice(start, end);
}

function isWhitespace(code: number): boolean {
	return code === 0x20 || code === 0x09;
}
