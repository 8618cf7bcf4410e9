import { UsageError } from "@barewire/errors";

/** What a reader accepts of a peer. RFC 6455 §10.4: an endpoint with limits must protect itself. */
export interface FramingLimits {
	/** Bytes of one whole message over all its fragments, after the extensions have decoded it. Default 16 MiB. */
	readonly maxMessageSize: number;
	/** Bytes of one message that is received in parts, after the extensions have decoded it. Default Infinity. */
	readonly maxStreamedSize: number;
	/** Bytes of one data frame's payload as it is on the wire. Default Infinity: only the message's limit counts. */
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
 * Bytes of the longest text that becomes a string, whatever the limits are: so many characters has the longest string of V8, and
 * Deno's process ends where one would be longer. Other engines have longer ones.
 */
export const LONGEST_TEXT: number = 2 ** 29 - 24;

const DEFAULTS = /* @__PURE__ */ Object.entries(DEFAULT_FRAMING_LIMITS);

/**
 * The given limits, and the default where none is given. A limit that can't be one is a `UsageError`. What is complete is not
 * copied: readers that are given one object share it.
 */
export function completeLimits(given: Partial<FramingLimits>): FramingLimits {
	let limits = given;
	for (const [name, fallback] of DEFAULTS) {
		const value = given[name as keyof FramingLimits];
		if (value === undefined) limits = { ...limits, [name]: fallback };
		// Written so that NaN is refused too: a comparison with NaN would let every message pass.
		else if (typeof value !== "number" || !(value >= 0))
			throw new UsageError("ERR_INVALID_LIMIT", `${name} must be 0 or more`);
	}
	return limits as FramingLimits;
}
