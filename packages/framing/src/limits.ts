import { UsageError } from "@barewire/errors";

/** What a reader accepts of a peer. RFC 6455 §10.4: an endpoint with limits must protect itself. */
export interface FramingLimits {
	/** Bytes of one message over all its fragments, after the extensions have decoded it. Default 16 MiB. */
	readonly maxMessageSize: number;
	/** Bytes of one data frame's payload as it is on the wire. Default Infinity: only the message's limit counts. */
	readonly maxFrameSize: number;
	/** Frames of one message. Default 131072. */
	readonly maxFragments: number;
}

export const DEFAULT_FRAMING_LIMITS: FramingLimits = {
	maxMessageSize: 16 * 1024 * 1024,
	maxFrameSize: Number.POSITIVE_INFINITY,
	maxFragments: 131072,
};

/** What the latest reader was given. */
let latest: FramingLimits = DEFAULT_FRAMING_LIMITS;

/**
 * The given limits, and the default where none is given. A limit that can't be one is a `UsageError`. Readers with the same
 * limits share one object: an idle connection is to weigh little.
 */
export function completeLimits(given: Partial<FramingLimits>): FramingLimits {
	const maxMessageSize = limit(given, "maxMessageSize", 0);
	const maxFrameSize = limit(given, "maxFrameSize", 0);
	const maxFragments = limit(given, "maxFragments", 1);
	if (
		maxMessageSize !== latest.maxMessageSize ||
		maxFrameSize !== latest.maxFrameSize ||
		maxFragments !== latest.maxFragments
	)
		latest = { maxMessageSize, maxFrameSize, maxFragments };
	return latest;
}

function limit(given: Partial<FramingLimits>, name: keyof FramingLimits, least: number): number {
	const value = given[name] ?? DEFAULT_FRAMING_LIMITS[name];
	// Written so that NaN is refused too: a comparison with NaN would let every message pass.
	if (!(value >= least)) throw new UsageError("ERR_INVALID_LIMIT", `${name} must be a number of at least ${least}`);
	return value;
}
