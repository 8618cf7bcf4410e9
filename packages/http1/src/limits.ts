import { UsageError } from "@barewire/errors";

/** The limits for each part of a message. Sizes are in bytes and include the line ends. */
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

const DEFAULTS = /* @__PURE__ */ Object.entries(DEFAULT_HTTP_LIMITS);

/**
 * Returns the given limits, completed with the defaults. Throws `UsageError` "ERR_INVALID_LIMIT". A complete object is not copied:
 * readers that get the same object share it.
 */
export function httpLimits(choices: Partial<HttpLimits> = {}): HttpLimits {
	let limits = choices;
	for (const [name, byDefault] of DEFAULTS) {
		const limit = choices[name as keyof HttpLimits];
		if (limit === undefined) limits = { ...limits, [name]: byDefault };
		else if (limit !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(limit) && limit > 0))
			throw new UsageError("ERR_INVALID_LIMIT", `${name} must be a positive integer, or Infinity`);
	}
	return limits as HttpLimits;
}
