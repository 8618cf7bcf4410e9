import { formatTable } from "../scripts/table.ts";
import type { Compared } from "./results.ts";
import type { SlowResult } from "./slow.ts";

export function formatComparison(title: string, unit: string, compared: readonly Compared[]): string {
	const rows = compared.map(({ name, cost, ratio, lowest, highest, isReference }) => [
		name,
		significant(cost),
		ratio.toFixed(2),
		isReference ? "reference" : `${lowest.toFixed(2)}–${highest.toFixed(2)}`,
	]);
	return formatTable(title, [["", unit, "ratio", "rounds"], ...rows]);
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

export function mebibytes(octets: number): string {
	return (octets / (1024 * 1024)).toFixed(1);
}

/** Three digits that mean something, and no exponent. */
function significant(value: number): string {
	return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
