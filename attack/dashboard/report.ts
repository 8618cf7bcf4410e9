import type { Runtime } from "../../bench/runtimes.ts";
import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";
import { formatTable } from "../../scripts/table.ts";
import type { Figures, Outcome } from "./figures.ts";

/** A policy that was measured on a runtime, and how it went. */
export interface Measured {
	readonly policy: SlowPolicy;
	readonly runtime: Runtime;
	readonly outcome: Outcome;
	/** What falls short. */
	readonly found: readonly string[];
}

const HEAD = [
	"",
	"runtime",
	"p50 ms",
	"p99 ms",
	"turn ms",
	"held MiB",
	"by one KiB",
	"peak MiB",
	"age ms",
	"stale",
	"in a row",
	"slow ones",
	"verdict",
];

export function formatAll(all: readonly Measured[]): string {
	return formatTable("Fast subscribers without → with slow ones beside them", [HEAD, ...all.map(row)]);
}

/** One of them in one line. */
export function formatOne(measured: Measured): string {
	const [policy, runtime, ...cells] = row(measured);
	const named = cells.map((cell, i) => (cell === "" ? "" : `${HEAD[i + 2]} ${cell}`)).filter((cell) => cell !== "");
	return `${policy}, ${runtime}: ${named.join(", ")}`;
}

/** The figures that matter and the verdict, in one line. */
export function summary(all: readonly Measured[]): string {
	const short = all.filter(({ found }) => found.length > 0).length;
	const figures = all.map(({ outcome }) => outcome).filter((outcome) => "peak" in outcome);
	const most = (of: (one: Figures) => number): number => Math.max(0, ...figures.map(of));
	return [
		`${all.length} runs`,
		`${all.length - figures.length} broken`,
		`p99 up to ${most(({ quiet }) => quiet.p99).toFixed(1)} → ${most(({ during }) => during.p99).toFixed(1)} ms`,
		`held up to ${mebibytes(most(({ server }) => server.held))} MiB`,
		`memory up to ${mebibytes(most(({ peak }) => peak))} MiB`,
		short === 0 ? "all as it should be: pass" : `${short} fell short: FAIL`,
	].join(", ");
}

function row({ policy, runtime, outcome, found }: Measured): string[] {
	const verdict = found.join("; ");
	if ("broken" in outcome) return [policy, runtime, ...HEAD.slice(3).map(() => ""), verdict.split("\n", 1)[0]!];
	const { quiet, during, server, standing, peak, turn } = outcome;
	return [
		policy,
		runtime,
		`${quiet.p50.toFixed(1)} → ${during.p50.toFixed(1)}`,
		`${quiet.p99.toFixed(1)} → ${during.p99.toFixed(1)}`,
		turn.toFixed(0),
		mebibytes(server.held),
		(server.heldByOne / 1024).toFixed(0),
		mebibytes(peak),
		server.slow.age.toFixed(0),
		`${server.slow.stale} of ${server.slow.values}`,
		`${server.all.run}`,
		slowOnes(standing.slowEnded, server.ends),
		verdict === "" ? "held" : verdict,
	];
}

/** What became of them: "all there", or how many ended by what. */
function slowOnes(count: number, ends: Readonly<Record<string, number>>): string {
	if (count === 0) return "all there";
	return Object.entries(ends)
		.map(([cause, number]) => `${number} by ${cause}`)
		.join(", ");
}

function mebibytes(bytes: number): string {
	return (bytes / 1024 ** 2).toFixed(1);
}
