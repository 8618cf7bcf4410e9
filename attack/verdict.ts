import type { Runtime } from "../bench/runtimes.ts";
import type { Outcome } from "./figures.ts";

/** The healthy client's median may grow by this factor. */
const MEDIAN_FACTOR = 3;
/** Milliseconds that a median counts at least: who does work has turns as long as that, and the healthy client comes behind one. */
const LEAST_MEDIAN: Readonly<Record<Runtime, number>> = { node: 1, deno: 2, bun: 1 };
/** Milliseconds that the healthy client's 99th percentile may reach. */
const P99_LIMIT = 50;
/** Bytes that a level may lie above the one before: what an engine keeps of compiled code and of room for objects. */
export const LEVEL_ALLOWANCE: number = 8 * 1024 * 1024;

const MIB = 1024 * 1024;

/** Whether the server's memory and open files are as before. */
export function hasReturned({
	before,
	after,
}: Pick<Extract<Outcome, { after: unknown }>, "before" | "after">): boolean {
	return after.bytes <= before.bytes + LEVEL_ALLOWANCE && after.files <= before.files;
}

/** What falls short, in a few words each; empty: the server has held. `timed`: the latencies count. */
export function shortfalls(outcome: Outcome, runtime: Runtime, timed: boolean): string[] {
	if ("broken" in outcome) return [outcome.broken];
	const { quiet, during, before, after } = outcome;
	const found: string[] = [];
	for (const { failure, lost } of [quiet, during]) {
		if (failure !== null) found.push(`healthy client cut off: ${failure}`);
		if (lost > 0) found.push(`${lost} healthy messages lost`);
	}
	if (after.bytes > before.bytes + LEVEL_ALLOWANCE)
		found.push(`level ${((after.bytes - before.bytes) / MIB).toFixed(1)} MiB higher`);
	if (after.files > before.files) found.push(`${after.files - before.files} files left open`);
	if (!timed) return found;
	// A comparison with NaN, where nothing came at all, is false as well.
	const median = Math.max(quiet.p50, LEAST_MEDIAN[runtime]);
	if (!(during.p50 <= median * MEDIAN_FACTOR))
		found.push(`p50 ${during.p50.toFixed(1)} ms, more than ${(median * MEDIAN_FACTOR).toFixed(1)}`);
	if (!(during.p99 <= P99_LIMIT)) found.push(`p99 ${during.p99.toFixed(0)} ms`);
	return found;
}
