import type { Seen } from "./protocol.ts";

/** What was measured of one drain. */
export interface Outcome {
	readonly connections: number;
	/** The counts of the server. */
	readonly counts: { readonly clean: number; readonly cut: number };
	readonly seen: Seen;
	/** Milliseconds from the begin of the drain to its end, to its deadline, and over which it is spread. */
	readonly took: number;
	readonly deadline: number;
	readonly spread: number;
	/** When each client reached the successor, in milliseconds from the begin. */
	readonly arrivals: readonly number[];
}

const BINS = 10;

/** By how much a bin may differ from the mean. Runs on a busy machine have shown up to 8 %. */
const ALLOWED = 0.15;

/** How many clients arrived in each tenth of the spread; those behind it count to the last. */
export function histogram(arrivals: readonly number[], spread: number): number[] {
	const bins = new Array<number>(BINS).fill(0);
	for (const at of arrivals) {
		const bin = Math.max(0, Math.min(BINS - 1, Math.floor((at / spread) * BINS)));
		bins[bin] = (bins[bin] ?? 0) + 1;
	}
	return bins;
}

/** The largest part by which a bin differs from the mean. */
export function deviation(bins: readonly number[]): number {
	const mean = bins.reduce((sum, bin) => sum + bin, 0) / bins.length;
	return mean === 0 ? 1 : Math.max(...bins.map((bin) => Math.abs(bin - mean) / mean));
}

/** What falls short, in a few words each; empty: nothing does. */
export function shortfalls({ connections, counts, seen, took, deadline, spread, arrivals }: Outcome): string[] {
	const short: string[] = [];
	if (counts.clean !== connections || counts.cut > 0)
		short.push(`the server counts ${counts.clean} clean and ${counts.cut} cut of ${connections}`);
	if (seen.clean !== connections)
		short.push(`the clients saw ${seen.clean} clean, ${seen.reset} reset and ${seen.cut} cut`);
	if (took > deadline) short.push(`it took ${took.toFixed(0)} ms of ${deadline}`);
	if (arrivals.length !== connections) short.push(`${arrivals.length} clients reached the successor`);
	if (spread > 0) {
		const most = deviation(histogram(arrivals, spread));
		if (most > ALLOWED) short.push(`a tenth of the time has ${(100 * most).toFixed(1)} % more or less than the mean`);
	}
	return short;
}
