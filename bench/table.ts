import type { Compared } from "./results.ts";

/** Columns: the first one is set to the left, all others to the right. */
export function formatTable(title: string, rows: readonly (readonly string[])[]): string {
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	const lines = rows.map((row) =>
		row
			.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
			.join("  ")
			.trimEnd(),
	);
	return `${[title, ...lines.map((line) => `  ${line}`)].join("\n")}\n`;
}

export function formatComparison(title: string, unit: string, compared: readonly Compared[]): string {
	const rows = compared.map(({ name, cost, ratio, lowest, highest, isReference }) => [
		name,
		significant(cost),
		ratio.toFixed(2),
		isReference ? "reference" : `${lowest.toFixed(2)}–${highest.toFixed(2)}`,
	]);
	return formatTable(title, [["", unit, "ratio", "rounds"], ...rows]);
}

/** Three digits that mean something, and no exponent. */
function significant(value: number): string {
	return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
