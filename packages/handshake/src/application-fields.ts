import { checkFieldLine, checkUsage, type FieldLine } from "@barewire/http1";

// The fields that the handshake writes itself, and the fields that define a body: a 1xx response must not have Content-Length or
// Transfer-Encoding (RFC 9110 §8.6, RFC 9112 §6.1), and this package rejects a request that has one of them.
const RESERVED: readonly string[] = ["connection", "upgrade", "content-length", "transfer-encoding", "host", "origin"];

/**
 * Checks the application's own field lines and returns them with lower-case names.
 *
 * Throws `UsageError`: ERR_INVALID_FIELD_NAME and ERR_INVALID_FIELD_VALUE (mainly for CR, LF and NUL, because text from an
 * untrusted source could add fields), ERR_RESERVED_FIELD for fields that the handshake controls.
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
