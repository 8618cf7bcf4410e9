import type { HttpFailureKind } from "./failure.ts";
import { trimWhitespace } from "./fields.ts";
import type { FieldLine } from "./head.ts";
import type { Input } from "./input.ts";
import type { HttpLimits } from "./limits.ts";
import { isText, isToken } from "./syntax.ts";

/** The field lines that are being read: of a head or of the trailers. */
export interface FieldBlock {
	readonly fields: FieldLine[];
	/** Bytes read so far. */
	size: number;
}

/** Reads field lines up to the empty line after them. true: the empty line was read. false: more bytes are needed. */
export function readFieldBlock(
	input: Input,
	block: FieldBlock,
	limits: HttpLimits,
	maxSize: number,
	tooLarge: HttpFailureKind,
): boolean | HttpFailureKind {
	for (;;) {
		const room = maxSize - block.size;
		const tooLong = limits.maxLineSize <= room ? "field-line-too-long" : tooLarge;
		const read = input.readLines(limits.maxLineSize, room, tooLong);
		if (read === null) return false;
		if (typeof read === "string") return read;
		const lines = read.text;
		block.size += lines.length;
		for (let start = 0; start < lines.length; ) {
			const end = lines.indexOf("\n", start) - 1;
			if (lines[end] !== "\r") return "bare-lf";
			if (end === start) return true;
			if (block.fields.length === limits.maxFieldCount) return "too-many-fields";
			const line = lines.slice(start, end);
			const field = parseFieldLine(line, block.fields.length === 0);
			if (typeof field === "string") return line.includes("\r") ? "bare-cr" : field;
			block.fields.push(field);
			start = end + 2;
		}
	}
}

function parseFieldLine(line: string, first: boolean): FieldLine | HttpFailureKind {
	// RFC 9112 §5: field-line = field-name ":" OWS field-value OWS
	const colon = line.indexOf(":");
	const name = line.slice(0, Math.max(colon, 0));
	if (!isToken(name)) return nameFailure(line, name, colon, first);
	const value = trimWhitespace(line.slice(colon + 1));
	return isText(value) ? [name.toLowerCase(), value] : "malformed-field-value";
}

function nameFailure(line: string, name: string, colon: number, first: boolean): HttpFailureKind {
	if (/^[\t ]/.test(line)) {
		// RFC 9112 §2.2: "A recipient that receives whitespace between the start-line and the first header field MUST
		// either reject the message as invalid" or skip those lines.
		if (first) return "leading-whitespace";
		// RFC 9112 §5.2: "A server that receives an obs-fold … MUST either reject the message by sending a 400" or
		// replace it.
		return "obsolete-folding";
	}
	if (colon === -1) return "missing-colon";
	// RFC 9112 §5.1: "A server MUST reject, with a response status code of 400 (Bad Request), any received request
	// message that contains whitespace between a header field name and colon."
	return /[\t ]$/.test(name) ? "whitespace-before-colon" : "malformed-field-name";
}
