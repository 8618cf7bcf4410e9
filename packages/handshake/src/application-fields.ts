import { type FieldLine, isFieldValue, isToken } from "@barewire/http1";
import { check } from "./check.ts";

// What the handshake writes itself, and what would give it a body: a 1xx response has neither Content-Length nor
// Transfer-Encoding (RFC 9110 §8.6, RFC 9112 §6.1), and this package refuses a request that has one.
const RESERVED: readonly string[] = ["connection", "upgrade", "content-length", "transfer-encoding", "host", "origin"];

/**
 * The application's own field lines, checked, with lower-case names.
 *
 * Refused by `UsageError`: ERR_INVALID_FIELD_NAME and ERR_INVALID_FIELD_VALUE (CR, LF and NUL above all: they would let
 * whoever supplied the text write fields of their own), ERR_RESERVED_FIELD for those that are the handshake's business.
 */
export function checkApplicationFields(fields: readonly FieldLine[]): FieldLine[] {
	return fields.map(([name, value]) => {
		check(isToken(name), "ERR_INVALID_FIELD_NAME", "a field name must be a token such as Content-Type");
		check(
			isFieldValue(value),
			"ERR_INVALID_FIELD_VALUE",
			`the value of ${name} must be one line of Latin-1 text without whitespace at its ends`,
		);
		const lowerCaseName = name.toLowerCase();
		check(
			!lowerCaseName.startsWith("sec-websocket-") && !RESERVED.includes(lowerCaseName),
			"ERR_RESERVED_FIELD",
			`${name} is the handshake's own field: leave it out`,
		);
		return [lowerCaseName, value];
	});
}
