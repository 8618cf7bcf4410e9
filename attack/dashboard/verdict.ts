import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";
import type { Outcome } from "./figures.ts";
import { LIMITS, LONGEST_RUN, STREAM_ALLOWANCE } from "./limits.ts";

/** The 99th percentile of the fast ones may grow by this factor. */
const FACTOR = 2;
/** Milliseconds below which two percentiles are the same: one collection of garbage, or one slice of another process, is more. */
const FLOOR = 5;

/** Milliseconds that it may be without slow ones: above that the machine is too busy, or too slow, for so many subscribers. */
const TOO_BUSY = 100;

const KIB = 1024;

/** What falls short, in a few words each; empty: it is as it should be. `timed`: the latencies count. */
export function shortfalls(policy: SlowPolicy, outcome: Outcome, timed: boolean): string[] {
	if ("broken" in outcome) return [outcome.broken];
	const { quiet, during, server, standing } = outcome;
	// Then nothing else says anything: to a server that is late with everything, all are slow.
	if (timed && !(quiet.p99 <= TOO_BUSY)) return [`p99 ${quiet.p99.toFixed(0)} ms without slow ones: too busy to tell`];
	const found: string[] = [];
	const limit = FACTOR * Math.max(quiet.p99, FLOOR);
	// A comparison with NaN, where nothing came at all, is false as well.
	if (timed && !(during.p99 <= limit)) found.push(`p99 ${during.p99.toFixed(1)} ms, more than ${limit.toFixed(1)}`);
	if (standing.disorder > 0) found.push(`${standing.disorder} values out of order`);
	if (standing.fastEnded > 0) found.push(`${standing.fastEnded} fast ones ended`);
	if (standing.behind > 0) found.push(`${standing.behind} slow ones did not catch up`);
	if (server.held > LIMITS.maxServerBytes) found.push(`${Math.round(server.held / KIB)} KiB held`);
	if (server.heldByOne > LIMITS.maxBufferedBytes + STREAM_ALLOWANCE)
		found.push(`${Math.round(server.heldByOne / KIB)} KiB held by one`);
	return [...found, ...policyShortfalls(policy, outcome)];
}

function policyShortfalls(policy: SlowPolicy, { server, standing }: Extract<Outcome, { standing: unknown }>): string[] {
	const found: string[] = [];
	const { run } = server.all;
	if (policy === "latest" && run > LONGEST_RUN) found.push(`${run} values in a row were not the newest of their key`);
	if (policy === "wait" && standing.missing + standing.missingSlow > 0)
		found.push(`${standing.missing + standing.missingSlow} values missing`);
	if ((policy === "latest" || policy === "drop") && standing.slowEnded > 0)
		found.push(`${standing.slowEnded} slow ones ended`);
	if (policy === "disconnect" && standing.slowEnded < standing.slow)
		found.push(`${standing.slow - standing.slowEnded} slow ones not disconnected`);
	return found;
}
