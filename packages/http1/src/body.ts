import type { BodyEndEvent, BodyEvent, BodyFraming } from "./events.ts";
import { type FieldBlock, readFieldBlock } from "./field-block.ts";
import { BARE_LF, type Input, NEED_MORE, TOO_LONG } from "./input.ts";
import type { HttpLimits } from "./limits.ts";
import type { RejectionKind } from "./rejection.ts";

/** A body that is arriving. */
export interface BodyProgress {
	stage: "length" | "untilClose" | "chunkSize" | "chunk" | "chunkEnd" | "trailers" | "end";
	/** Octets still to come of the body, or of the chunk. */
	remaining: number;
	readonly trailers: FieldBlock;
}

// RFC 9112 §7.1.1, without the "bad whitespace" that it lets a recipient remove.
// chunk-ext = *( ";" chunk-ext-name [ "=" ( token / quoted-string ) ] )
const EXTENSIONS =
	/^(?:;[!#$%&'*+\-.^_`|~\w]+(?:=(?:[!#$%&'*+\-.^_`|~\w]+|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/;

/** RFC 9110 §6.5.1 bans the fields for framing and routing from trailers. The rest does no harm where trailers stay apart. */
export const FORBIDDEN_TRAILERS: readonly string[] = ["content-length", "transfer-encoding", "host"];

export function startBody(framing: BodyFraming): BodyProgress {
	const { kind } = framing;
	return {
		stage: kind === "none" ? "end" : kind === "chunked" ? "chunkSize" : kind,
		remaining: kind === "length" ? framing.length : 0,
		trailers: { fields: [], size: 0 },
	};
}

/** The next event of the body; null when more must arrive. */
export function nextBodyEvent(
	input: Input,
	body: BodyProgress,
	limits: HttpLimits,
): BodyEvent | BodyEndEvent | RejectionKind | null {
	for (;;) {
		switch (body.stage) {
			case "length":
			case "chunk": {
				if (body.remaining === 0) {
					body.stage = body.stage === "length" ? "end" : "chunkEnd";
					break;
				}
				const bytes = input.readBytes(body.remaining);
				if (bytes === null) return null;
				body.remaining -= bytes.length;
				return { type: "body", bytes };
			}
			case "untilClose": {
				const bytes = input.readBytes(Number.POSITIVE_INFINITY);
				if (bytes !== null) return { type: "body", bytes };
				if (!input.ended) return null;
				body.stage = "end";
				break;
			}
			case "chunkSize": {
				const line = input.readLine(limits.maxChunkLineSize);
				if (line === NEED_MORE) return null;
				if (line === TOO_LONG) return "chunk-line-too-long";
				if (line === BARE_LF) return "bare-lf";
				const size = parseChunkLine(line);
				if (typeof size === "string") return size;
				body.remaining = size;
				body.stage = size === 0 ? "trailers" : "chunk";
				break;
			}
			case "chunkEnd": {
				// RFC 9112 §7.1: chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
				const line = input.readLine(2);
				if (line === NEED_MORE) return null;
				if (line !== "") return "malformed-chunk-end";
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

function parseChunkLine(line: string): number | RejectionKind {
	const digits = /^[\dA-Fa-f]+(?=;|$)/.exec(line)?.[0];
	if (digits === undefined) return line.includes("\r") ? "bare-cr" : "malformed-chunk-size";
	// RFC 9112 §7.1: recipients "MUST anticipate potentially large hexadecimal numerals". A number from 2^53 up stays
	// there when it is rounded.
	const size = Number.parseInt(digits, 16);
	if (size > Number.MAX_SAFE_INTEGER) return "chunk-size-too-large";
	if (!EXTENSIONS.test(line.slice(digits.length))) {
		return line.includes("\r") ? "bare-cr" : "malformed-chunk-extension";
	}
	return size;
}
