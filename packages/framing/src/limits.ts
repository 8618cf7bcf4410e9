import { UsageError } from "@barewire/errors";

/** The limits that a reader enforces. RFC 6455 §10.4: an endpoint with limits must protect itself. */
export interface FramingLimits {
	/** Bytes of one whole message over all its fragments, after the extensions have decoded it. Default 16 MiB. */
	readonly maxMessageSize: number;
	/** Bytes of one message that is received in parts, after the extensions have decoded it. Default Infinity. */
	readonly maxStreamedSize: number;
	/** Bytes of one data frame's payload as received. Default Infinity: only the limit of the message applies. */
	readonly maxFrameSize: number;
	/** Frames of one whole message. Default 131072. A message that is received in parts may have any number. */
	readonly maxFragments: number;
}

export const DEFAULT_FRAMING_LIMITS: FramingLimits = {
	maxMessageSize: 16 * 1024 * 1024,
	maxStreamedSize: Number.POSITIVE_INFINITY,
	maxFrameSize: Number.POSITIVE_INFINITY,
	maxFragments: 131072,
};

/**
 * The maximum size in bytes of a text that is converted to a string, for any limits. It is the maximum length of a string in V8:
 * the process of Deno ends if a string would be longer. Other engines allow longer strings.
 */
export const LONGEST_TEXT: number = 2 ** 29 - 24;

const DEFAULTS = /* @__PURE__ */ Object.entries(DEFAULT_FRAMING_LIMITS);

/**
 * Returns the given limits, completed with the defaults. Throws a `UsageError` for an invalid limit. A complete object is not
 * copied: readers that get the same object share it.
 */
export function completeLimits(given: Partial<FramingLimits>): FramingLimits {
	let limits = given;
	for (const [name, fallback] of DEFAULTS) {
		const value = given[name as keyof FramingLimits];
		if (value === undefined) limits = { ...limits, [name]: fallback };
		// This condition also rejects NaN: with a limit of NaN, every message would be accepted.
		else if (typeof value !== "number" || !(value >= 0))
			throw new UsageError("ERR_INVALID_LIMIT", `${name} must be 0 or more`);
	}
	return limits as FramingLimits;
}
