import { checkFieldLine, checkUsage, type FieldLine } from "@barewire/http1";

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
		checkFieldLine(name, value);
		const lowerCaseName = name.toLowerCase();
		checkUsage(
			!lowerCaseName.startsWith("sec-websocket-") && !RESERVED.includes(lowerCaseName),
			"ERR_RESERVED_FIELD",
			`leave ${name} to the handshake`,
		);
		return [lowerCaseName, value];
	});
}
