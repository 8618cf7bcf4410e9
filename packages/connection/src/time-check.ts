import { UsageError } from "@barewire/errors";

/** Throws a `UsageError` (ERR_TIME) for what is no time: each deadline made of it would be NaN, and never come. */
export function requireTime(now: number): void {
	if (Number.isFinite(now)) return;
	throw new UsageError("ERR_TIME", `\`now\` is the time in milliseconds, such as performance.now(), not ${now}`);
}
