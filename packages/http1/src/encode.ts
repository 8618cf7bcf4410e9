import { FORBIDDEN_TRAILERS } from "./body.ts";
import type { FieldLine, HttpVersion, RequestHead, ResponseHead } from "./head.ts";
import { encodeOctets } from "./octets.ts";
import { isTarget } from "./request-line.ts";
import { isFieldValue, isText, isToken } from "./syntax.ts";
import { UsageError } from "./usage-error.ts";

/**
 * A request line and its field lines as bytes, up to and with the empty line. Field names go out in the case they have.
 * It checks the syntax of each part, not what the fields mean together.
 *
 * Throws `UsageError` "ERR_INVALID_METHOD", "ERR_INVALID_TARGET", "ERR_INVALID_VERSION", "ERR_INVALID_FIELD_NAME",
 * "ERR_INVALID_FIELD_VALUE": nothing that could end a line early is ever written.
 */
export function encodeRequestHead(head: RequestHead): Uint8Array {
	const { method, target } = head;
	check(isToken(method), "ERR_INVALID_METHOD", "the method must be a token such as GET");
	check(isTarget(target), "ERR_INVALID_TARGET", "the request-target must be visible ASCII: percent-encode the rest");
	return encodeOctets(`${method} ${target} ${versionText(head.version)}\r\n${fieldBlock(head.fields)}`);
}

/**
 * A status line and its field lines as bytes, up to and with the empty line. Field names go out in the case they have.
 * It checks the syntax of each part, not what the fields mean together.
 *
 * Throws `UsageError` "ERR_INVALID_STATUS", "ERR_INVALID_REASON", "ERR_INVALID_VERSION", "ERR_INVALID_FIELD_NAME",
 * "ERR_INVALID_FIELD_VALUE".
 */
export function encodeResponseHead(head: ResponseHead): Uint8Array {
	const { status, reason } = head;
	check(
		Number.isInteger(status) && status >= 100 && status < 600,
		"ERR_INVALID_STATUS",
		"the status must be an integer from 100 to 599",
	);
	check(isText(reason), "ERR_INVALID_REASON", "the reason phrase must be one line of Latin-1 text");
	return encodeOctets(`${versionText(head.version)} ${status} ${reason}\r\n${fieldBlock(head.fields)}`);
}

/**
 * The line before a chunk of `size` octets: "1a\r\n". RFC 9112 §7.1. Throws `UsageError` "ERR_INVALID_CHUNK_SIZE", also
 * for 0, which would end the body.
 */
export function encodeChunkHeader(size: number): Uint8Array {
	check(Number.isSafeInteger(size) && size > 0, "ERR_INVALID_CHUNK_SIZE", "a chunk has at least one octet");
	return encodeOctets(`${size.toString(16)}\r\n`);
}

/** What follows a chunk's octets. Don't write to it. */
export const CHUNK_END: Uint8Array = /* @__PURE__ */ new Uint8Array([0x0d, 0x0a]);

/**
 * The end of a chunked body, with trailers if there are any. RFC 9112 §7.1.2. Throws `UsageError`
 * "ERR_FORBIDDEN_TRAILER", "ERR_INVALID_FIELD_NAME", "ERR_INVALID_FIELD_VALUE".
 */
export function encodeLastChunk(trailers: readonly FieldLine[] = []): Uint8Array {
	for (const [name] of trailers) {
		check(!FORBIDDEN_TRAILERS.includes(name.toLowerCase()), "ERR_FORBIDDEN_TRAILER", `${name} belongs into the head`);
	}
	return encodeOctets(`0\r\n${fieldBlock(trailers)}`);
}

function versionText(version: HttpVersion): string {
	check(version === "1.1" || version === "1.0", "ERR_INVALID_VERSION", 'the version must be "1.1" or "1.0"');
	return `HTTP/${version}`;
}

function fieldBlock(fields: readonly FieldLine[]): string {
	let lines = "";
	for (const [name, value] of fields) {
		check(isToken(name), "ERR_INVALID_FIELD_NAME", "a field name must be a token such as Content-Type");
		check(
			isFieldValue(value),
			"ERR_INVALID_FIELD_VALUE",
			`the value of ${name} must be one line of Latin-1 text without whitespace at its ends`,
		);
		lines += `${name}: ${value}\r\n`;
	}
	return `${lines}\r\n`;
}

function check(valid: boolean, code: string, message: string): void {
	if (!valid) throw new UsageError(code, message);
}
