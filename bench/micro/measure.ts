/** Nanoseconds for one call: the best of several rounds, since a disturbance only ever makes a round slower. */
export function nanoseconds(run: () => unknown): number {
	const start = performance.now();
	let calls = 1;
	for (;;) {
		const elapsed = repeat(run, calls);
		if (elapsed > 4) {
			calls = Math.max(1, Math.round((calls * 12) / elapsed));
			break;
		}
		calls *= 2;
		// A run that takes no time has been optimised away.
		if (performance.now() - start > 5000) throw new Error("nothing to measure");
	}
	let best = Number.POSITIVE_INFINITY;
	for (let round = 0; round < 7; round++) best = Math.min(best, repeat(run, calls));
	return (best * 1e6) / calls;
}

function repeat(run: () => unknown, calls: number): number {
	const start = performance.now();
	for (let i = 0; i < calls; i++) sink = run();
	return performance.now() - start;
}

/** Holds the latest result, so that no run is without effect. */
export let sink: unknown;

export function printTable(
	title: string,
	columns: readonly string[],
	rows: readonly (readonly (string | number)[])[],
): void {
	const cells = [columns, ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? cell.toFixed(1) : cell)))];
	const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
	console.log(`\n${title}`);
	for (const row of cells) console.log(row.map((cell, i) => cell.padStart(widths[i]!)).join("  "));
}
