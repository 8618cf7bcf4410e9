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
		const parsed = parseFieldLines(read.text, 0, block, limits);
		if (parsed !== false) return parsed;
	}
}

/**
 * Adds the field lines of `text`, from `from` on, to the block. The text consists of whole lines with their line ends, and has none after an
 * empty line. true: the empty line was read. false: more lines are needed.
 */
export function parseFieldLines(
	text: string,
	from: number,
	block: FieldBlock,
	limits: HttpLimits,
): boolean | HttpFailureKind {
	block.size += text.length - from;
	for (let start = from; start < text.length; ) {
		const end = text.indexOf("\n", start) - 1;
		if (text[end] !== "\r") return "bare-lf";
		if (end === start) return true;
		if (block.fields.length === limits.maxFieldCount) return "too-many-fields";
		const field = parseFieldLine(text, start, end, block.fields.length === 0);
		if (typeof field === "string") return text.slice(start, end).includes("\r") ? "bare-cr" : field;
		block.fields.push(field);
		start = end + 2;
	}
	return false;
}

function parseFieldLine(text: string, start: number, end: number, first: boolean): FieldLine | HttpFailureKind {
	// RFC 9112 §5: field-line = field-name ":" OWS field-value OWS
	const found = text.indexOf(":", start);
	const colon = found < end ? found : -1;
	const name = text.slice(start, Math.max(colon, start));
	if (!isToken(name)) return nameFailure(text.slice(start, end), name, colon, first);
	const value = trimWhitespace(text, colon + 1, end);
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
