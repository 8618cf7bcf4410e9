import { UsageError } from "@barewire/errors";

/** Throws a `UsageError` (ERR_TIME) if `now` is not a time: each deadline computed from it would be NaN and would never be due. */
export function requireTime(now: number): void {
	if (Number.isFinite(now)) return;
	throw new UsageError("ERR_TIME", `\`now\` is the time in milliseconds, such as performance.now(), not ${now}`);
}
