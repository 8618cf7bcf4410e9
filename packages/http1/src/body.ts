import type { BodyEndEvent, BodyEvent, BodyFraming } from "./events.ts";
import type { HttpFailureKind } from "./failure.ts";
import { type FieldBlock, readFieldBlock } from "./field-block.ts";
import type { Input } from "./input.ts";
import type { HttpLimits } from "./limits.ts";

/** A body that is being read. */
export interface BodyProgress {
	stage: "bytes" | "chunkSize" | "chunkEnd" | "trailers" | "end";
	/** Bytes of the body or of the chunk that are not read yet. Infinity: until the connection ends. */
	remaining: number;
	readonly chunked: boolean;
	readonly trailers: FieldBlock;
}

// RFC 9112 §7.1.1, without the "bad whitespace" that a recipient may remove. chunk-ext = *( ";" chunk-ext-name [ "=" ( token /
// quoted-string ) ] )
const EXTENSIONS =
	/^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/;

/**
 * RFC 9110 §6.5.1 forbids the fields for framing and routing in trailers. Other fields are harmless if trailers are kept apart from
 * the head.
 */
export const FORBIDDEN_TRAILERS: readonly string[] = ["content-length", "transfer-encoding", "host"];

export function startBody(framing: BodyFraming): BodyProgress {
	const { kind } = framing;
	const chunked = kind === "chunked";
	return {
		stage: chunked ? "chunkSize" : "bytes",
		remaining: kind === "length" ? framing.length : kind === "untilClose" ? Number.POSITIVE_INFINITY : 0,
		chunked,
		trailers: { fields: [], size: 0 },
	};
}

/** Returns the next event of the body. null: more bytes are needed. */
export function nextBodyEvent(
	input: Input,
	body: BodyProgress,
	limits: HttpLimits,
): BodyEvent | BodyEndEvent | HttpFailureKind | null {
	for (;;) {
		switch (body.stage) {
			case "bytes": {
				const bytes = body.remaining === 0 ? null : input.readBytes(body.remaining);
				if (bytes !== null) {
					body.remaining -= bytes.length;
					return { type: "body", bytes };
				}
				// RFC 9112 §6.3: without a length, a response ends with the connection.
				const untilClose = body.remaining === Number.POSITIVE_INFINITY;
				if (untilClose ? !input.ended : body.remaining > 0) return null;
				body.stage = body.chunked ? "chunkEnd" : "end";
				break;
			}
			case "chunkSize": {
				const read = input.readLine(limits.maxChunkLineSize, "chunk-line-too-long");
				if (read === null || typeof read === "string") return read;
				const size = parseChunkLine(read.text);
				if (typeof size === "string") return size;
				body.remaining = size;
				body.stage = size === 0 ? "trailers" : "bytes";
				break;
			}
			case "chunkEnd": {
				// RFC 9112 §7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
				const read = input.readLine(2, "malformed-chunk-end");
				if (read === null) return null;
				if (typeof read === "string") return "malformed-chunk-end";
				body.stage = "chunkSize";
				break;
			}
			case "trailers": {
				const read = readFieldBlock(input, body.trailers, limits, limits.maxTrailerSize, "trailers-too-large");
				if (typeof read === "string") return read;
				if (!read) return null;
				if (body.trailers.fields.some(([name]) => FORBIDDEN_TRAILERS.includes(name))) return "forbidden-trailer";
				body.stage = "end";
				break;
			}
			case "end":
				return { type: "bodyEnd", trailers: body.trailers.fields };
		}
	}
}

function parseChunkLine(line: string): number | HttpFailureKind {
	const digits = /^[\dA-Fa-f]+(?=;|$)/.exec(line)?.[0];
	if (digits === undefined) return "malformed-chunk-size";
	// RFC 9112 §7.1: recipients "MUST anticipate potentially large hexadecimal numerals". A number of 2^53 or more is still at least
	// 2^53 after rounding.
	const size = Number.parseInt(digits, 16);
	if (size > Number.MAX_SAFE_INTEGER) return "chunk-size-too-large";
	return EXTENSIONS.test(line.slice(digits.length)) ? size : "malformed-chunk-extension";
}
