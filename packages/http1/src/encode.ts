import { FORBIDDEN_TRAILERS } from "./body.ts";
import { encodeBytes } from "./bytes.ts";
import { checkUsage } from "./check-usage.ts";
import type { FieldLine, HttpVersion, RequestHead, ResponseHead } from "./head.ts";
import { isTarget } from "./request-line.ts";
import { isFieldValue, isText, isToken } from "./syntax.ts";

/**
 * Encodes a request line and its field lines, including the final empty line. The case of field names is kept. The syntax of each
 * part is checked, but not the combined meaning of the fields. The result may be a view of shared memory: do not write to it and do not
 * transfer it.
 *
 * Throws `UsageError` "ERR_INVALID_METHOD", "ERR_INVALID_TARGET", "ERR_INVALID_VERSION", "ERR_INVALID_FIELD_NAME",
 * "ERR_INVALID_FIELD_VALUE": characters that could end a line early are never written.
 */
export function encodeRequestHead(head: RequestHead): Uint8Array {
	const { method, target } = head;
	checkUsage(isToken(method), "ERR_INVALID_METHOD", "the method must be a token");
	checkUsage(isTarget(target), "ERR_INVALID_TARGET", "the target must be percent-encoded ASCII");
	return encodeBytes(`${method} ${target} ${versionText(head.version)}\r\n${fieldBlock(head.fields)}`);
}

/**
 * Encodes a status line and its field lines, including the final empty line. The case of field names is kept. The syntax of each
 * part is checked, but not the combined meaning of the fields. `body` follows the head in the same array, which may be a view of shared
 * memory: do not write to it and do not transfer it.
 *
 * Throws `UsageError` "ERR_INVALID_STATUS", "ERR_INVALID_REASON", "ERR_INVALID_VERSION", "ERR_INVALID_FIELD_NAME",
 * "ERR_INVALID_FIELD_VALUE".
 */
export function encodeResponseHead(head: ResponseHead, body?: Uint8Array): Uint8Array {
	const { status, reason } = head;
	checkUsage(
		Number.isInteger(status) && status >= 100 && status < 600,
		"ERR_INVALID_STATUS",
		"the status must be an integer from 100 to 599",
	);
	checkUsage(isText(reason), "ERR_INVALID_REASON", "the reason must be one line of Latin-1");
	return encodeBytes(`${versionText(head.version)} ${status} ${reason}\r\n${fieldBlock(head.fields)}`, body);
}

/**
 * The line before a chunk of `size` bytes: "1a\r\n". RFC 9112 §7.1. Throws `UsageError` "ERR_INVALID_CHUNK_SIZE", also for 0,
 * because 0 would end the body.
 */
export function encodeChunkHeader(size: number): Uint8Array {
	checkUsage(
		Number.isSafeInteger(size) && size > 0,
		"ERR_INVALID_CHUNK_SIZE",
		"the size of a chunk must be a positive integer",
	);
	return encodeBytes(`${size.toString(16)}\r\n`);
}

/** The bytes after a chunk. Do not write to this array. */
export const CHUNK_END: Uint8Array = /* @__PURE__ */ new Uint8Array([0x0d, 0x0a]);

/**
 * The end of a chunked body, with trailers if there are any. RFC 9112 §7.1.2. Throws `UsageError`
 * "ERR_FORBIDDEN_TRAILER", "ERR_INVALID_FIELD_NAME", "ERR_INVALID_FIELD_VALUE".
 */
export function encodeLastChunk(trailers: readonly FieldLine[] = []): Uint8Array {
	for (const [name] of trailers) {
		checkUsage(
			!FORBIDDEN_TRAILERS.includes(name.toLowerCase()),
			"ERR_FORBIDDEN_TRAILER",
			`${name} must be in the head`,
		);
	}
	return encodeBytes(`0\r\n${fieldBlock(trailers)}`);
}

function versionText(version: HttpVersion): string {
	checkUsage(version === "1.1" || version === "1.0", "ERR_INVALID_VERSION", "the version must be 1.1 or 1.0");
	return `HTTP/${version}`;
}

function fieldBlock(fields: readonly FieldLine[]): string {
	let lines = "";
	for (const [name, value] of fields) {
		checkFieldLine(name, value);
		lines += `${name}: ${value}\r\n`;
	}
	return `${lines}\r\n`;
}

/**
 * Throws `UsageError` "ERR_INVALID_FIELD_NAME", "ERR_INVALID_FIELD_VALUE" if the name or the value is not allowed in a field line.
 */
export function checkFieldLine(name: string, value: string): void {
	checkUsage(isToken(name), "ERR_INVALID_FIELD_NAME", "the name of a field must be a token");
	checkUsage(
		isFieldValue(value),
		"ERR_INVALID_FIELD_VALUE",
		`the value of ${name} must be one line of Latin-1, trimmed`,
	);
}
