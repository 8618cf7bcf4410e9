import { formatTable } from "../scripts/table.ts";
import type { Sample } from "./subject.ts";
import { median } from "./trend.ts";
import { growths, type Life, secondHalf, shortfalls } from "./verdict.ts";

const HEAD = ["", "connections", "MiB", "growth MiB", "certainty", "files", "growth", "handles", "stats", "verdict"];

/** One sample of all processes in one line. */
export function formatSample(samples: ReadonlyMap<string, Sample>): string {
	const [first] = samples.values();
	const cells = [...samples].map(
		([name, { bytes, resident, files, connections }]) =>
			`${name} ${mebibytes(bytes)} of ${mebibytes(resident)} MiB, ${files} files, ${connections} open`,
	);
	return `${((first?.time ?? 0) / 1000).toFixed(0)} s: ${cells.join("; ")}`;
}

export function formatLives(lives: readonly Life[]): string {
	const rows = [HEAD, ...lives.map(row)];
	return formatTable("The second half; handles and stats before → after", rows);
}

/** How often each way of leaving was taken, by all clients. */
export function formatWays(lives: readonly Life[]): string {
	const ways = new Map<string, number>();
	for (const { found } of lives)
		for (const [way, count] of Object.entries(found?.ways ?? {})) ways.set(way, (ways.get(way) ?? 0) + count);
	return `Ways of leaving: ${[...ways].map(([way, count]) => `${way} ${count}`).join(", ")}`;
}

/** What fell short, a line each. */
export function formatShortfalls(lives: readonly Life[]): string {
	return lives.flatMap((life) => shortfalls(life).map((each) => `${life.name}: ${each}`)).join("\n");
}

/** The figures that matter and the verdict, in one line. */
export function summary(lives: readonly Life[], minutes: number): string {
	const sum = (of: (life: Life) => number): number => lives.reduce((all, life) => all + of(life), 0);
	const connections = sum(({ found }) => found?.connections ?? 0);
	const all = lives.map((life) => ({ life, growth: growths(life).find(({ what }) => what === "bytes")!.growth }));
	const most = all.reduce((a, b) => (b.growth > a.growth ? b : a));
	const short = lives.filter((life) => shortfalls(life).length > 0).length;
	return [
		`${minutes} minutes`,
		`${connections} connections`,
		`${sum(({ found }) => found?.messages ?? 0)} messages and bodies came back`,
		`${sum(({ found }) => found?.wrongs ?? 0)} visits went wrong`,
		`${sum(({ found }) => found?.disturbed ?? 0)} disturbed`,
		`memory grew by ${mebibytes(most.growth)} MiB at the most (${most.life.name}, second half)`,
		`${sum(({ after }) => after.connections)} connections left`,
		`${sum(({ before, after }) => Math.max(0, after.files - before.files))} files left`,
		short === 0 ? "no trend: pass" : `${short} of ${lives.length} processes fell short: FAIL`,
	].join(", ");
}

function row(life: Life): string[] {
	const { name, before, samples, after } = life;
	const half = secondHalf({ samples });
	const [bytes, files] = growths(life);
	const middle = (of: (sample: Sample) => number): number => median(half.map(of));
	const ifSampled = (cell: string): string => (half.length === 0 ? "–" : cell);
	const short = shortfalls(life).length;
	return [
		name,
		ifSampled(middle(({ connections }) => connections).toFixed(0)),
		ifSampled(mebibytes(middle(({ bytes }) => bytes))),
		ifSampled(mebibytes(bytes!.growth)),
		ifSampled(bytes!.certainty.toFixed(1)),
		ifSampled(middle(({ files }) => files).toFixed(0)),
		ifSampled(files!.growth.toFixed(1)),
		`${before.handles ?? "–"} → ${after.handles ?? "–"}`,
		formatStats(before) === "" ? "–" : `${formatStats(before)} → ${formatStats(after)}`,
		short === 0 ? "held" : `${short} × short`,
	];
}

function formatStats({ stats }: Sample): string {
	return Object.values(stats).join("/");
}

function mebibytes(bytes: number): string {
	return (bytes / 1024 ** 2).toFixed(1);
}
