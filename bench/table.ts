import { formatTable } from "../scripts/table.ts";
import type { CodecMemory } from "./codecs.ts";
import type { CreepResult } from "./creep.ts";
import { type Compared, median } from "./results.ts";
import { growths, type Level, type Scaled } from "./scaling.ts";
import type { SlowResult } from "./slow.ts";
import type { StreamResult } from "./streams.ts";

const MIB = 1024 * 1024;
const BARS = "▁▂▃▄▅▆▇█";

export function formatComparison(title: string, unit: string, compared: readonly Compared[]): string {
	const titles = [...new Set(compared.flatMap(({ columns }) => Object.keys(columns)))];
	const rows = compared.map(({ name, cost, ratio, lowest, highest, columns, isReference }) => [
		name,
		significant(cost),
		ratio.toFixed(2),
		isReference ? "reference" : `${lowest.toFixed(2)}–${highest.toFixed(2)}`,
		...titles.map((column) => columns[column] ?? "–"),
	]);
	return formatTable(title, [["", unit, "ratio", "rounds", ...titles], ...rows]);
}

/** Costs at each level, and behind them how they are to those at the first one in the same round. */
export function formatScaling(title: string, levels: readonly Level[], scaled: readonly Scaled[]): string {
	const head = levels.flatMap(({ connections, active }, level) => [
		active === connections ? `${active} active` : `${active} of ${connections}`,
		...(level === 0 ? [] : ["ratio"]),
	]);
	const rows = scaled.map((one) => [
		one.name,
		...levels.flatMap((_, level) => [
			significant(median(one.rounds.map((turns) => turns[level]!.cost))),
			...(level === 0 ? [] : [median(growths(one, level)).toFixed(2)]),
		]),
		percent(median(one.rounds.flatMap((turns) => turns.map(({ busy }) => busy))), 0),
	]);
	return formatTable(`${title}, CPU µs/message`, [["", ...head, "load busy"], ...rows]);
}

export function formatSlow(title: string, results: readonly SlowResult[]): string {
	const rows = results.map(({ title: way, unhindered, slowed, idle, growth }) => [
		way,
		unhindered.toFixed(2),
		slowed.toFixed(2),
		(slowed / unhindered).toFixed(1),
		mebibytes(idle),
		mebibytes(growth),
	]);
	const head = ["", "unhindered ms/message", "slow ms/message", "times slower", "idle MiB", "growth MiB"];
	return formatTable(title, [head, ...rows]);
}

export function formatStreams(title: string, results: readonly StreamResult[]): string {
	const rows = results.map(({ title: way, bytes, seconds, idle, growth }) => [
		way,
		mebibytes(bytes),
		seconds.toFixed(1),
		(bytes / MIB / seconds).toFixed(0),
		mebibytes(idle),
		mebibytes(growth),
	]);
	return formatTable(title, [["", "MiB", "seconds", "MiB/s", "idle MiB", "growth MiB"], ...rows]);
}

export function formatCodecs(title: string, results: readonly CodecMemory[]): string {
	const rows = results.map(({ kind, windowBits, memoryLevel, bytes }) => [
		kind,
		String(windowBits),
		kind === "compressor" ? String(memoryLevel) : "",
		kibibytes(bytes),
	]);
	return formatTable(title, [["", "window bits", "memory level", "KiB each"], ...rows]);
}

/** The curve as a row of bars, from the least to the most that was seen. */
export function formatCreep(title: string, result: CreepResult): string {
	const { samples, settled, growth, messages, seconds, connections } = result;
	const least = Math.min(...samples);
	const span = Math.max(...samples) - least;
	const bars = samples.map((bytes) => BARS[Math.round(((bytes - least) / (span || 1)) * (BARS.length - 1))]).join("");
	const whole = (all: readonly number[]): string => all.map((bytes) => (bytes / MIB).toFixed(0)).join(" ");
	return [
		title,
		`  ${messages} messages on ${connections} connections in ${seconds.toFixed(0)} s`,
		`  ${bars}  MiB: ${whole(samples)}`,
		`  last quarter by second quarter: ${growth.toFixed(3)}`,
		`  without garbage, MiB: ${whole(settled)} (before, after each quarter, after the last connection)\n`,
	].join("\n");
}

function kibibytes(bytes: number): string {
	return (bytes / 1024).toFixed(1);
}

export function mebibytes(bytes: number): string {
	return (bytes / MIB).toFixed(1);
}

export function percent(share: number, digits: number): string {
	return `${(share * 100).toFixed(digits)} %`;
}

/** Three digits that mean something, and no exponent. */
export function significant(value: number): string {
	return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
