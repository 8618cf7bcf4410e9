import { checkUsage } from "./check-usage.ts";

/** How much a peer may send of each part of a message. Sizes are in bytes and count the line ends. */
export interface HttpLimits {
	/** The start line and the field lines together, with the empty line that ends them. Beyond: 431. */
	readonly maxHeadSize: number;
	/** Field lines in a head, and again in the trailers. Beyond: 431. */
	readonly maxFieldCount: number;
	/** One line of a head or of the trailers. Beyond: 414 for a request line, 431 for a field line. */
	readonly maxLineSize: number;
	/** The line before each chunk: its size and its extensions. Beyond: 400. */
	readonly maxChunkLineSize: number;
	/** The trailers of a chunked body together, with the empty line that ends them. Beyond: 431. */
	readonly maxTrailerSize: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
	maxHeadSize: 16_384,
	maxFieldCount: 100,
	maxLineSize: 8_192,
	maxChunkLineSize: 256,
	maxTrailerSize: 4_096,
};

/** The defaults with the caller's choices over them. Throws `UsageError` "ERR_INVALID_LIMIT". */
export function httpLimits(choices: Partial<HttpLimits> = {}): HttpLimits {
	const limits = { ...DEFAULT_HTTP_LIMITS, ...choices };
	for (const [name, limit] of Object.entries(limits)) {
		const sound = limit === Number.POSITIVE_INFINITY || (Number.isSafeInteger(limit) && limit > 0);
		checkUsage(sound, "ERR_INVALID_LIMIT", `${name} must be a positive integer, or Infinity`);
	}
	return limits;
}
