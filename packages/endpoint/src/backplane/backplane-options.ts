import type { Check, Checks } from "../options.ts";

/** The options that every backplane has. */
export interface BackplaneOptions {
	/**
	 * What happens with messages that are published while the connection is away. `"drop"` (the default): they reach the
	 * subscribers on this server only, and the others get a `gap`. `"keep"`: they are sent when it is back, as far as
	 * `maxBufferedBytes` allows.
	 */
	readonly whileAway?: "drop" | "keep" | undefined;
	/** Bytes that may wait to be sent. What is published above that is dropped. Default 16 MiB. */
	readonly maxBufferedBytes?: number | undefined;
	/** After an interruption the servers subscribe again at a random time within so many milliseconds. Default 500. */
	readonly resubscribeJitter?: number | undefined;
}

export const DEFAULT_MAX_BUFFERED_BYTES: number = 16 * 1024 * 1024;
export const DEFAULT_RESUBSCRIBE_JITTER = 500;

const size: Check = (value) => (typeof value === "number" && value >= 0 ? null : "a number from 0 on, or Infinity");

/** The checks of `BackplaneOptions`, for packages that add options of their own. */
export const BACKPLANE_CHECKS: Checks = {
	whileAway: (value) => (value === "drop" || value === "keep" ? null : '"drop" or "keep"'),
	maxBufferedBytes: size,
	resubscribeJitter: (value) =>
		typeof value === "number" && value >= 0 && Number.isFinite(value) ? null : "a number of milliseconds from 0 on",
};
