/** Rows under a title, in columns: the first one is set to the left, all others to the right. */
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

/** A name, and what was counted for it. */
export interface CountedRow {
	readonly name: string;
	readonly counts: readonly number[];
}

/** The rows with their sum below them, as text; 0 is left blank. */
export function withTotal(rows: readonly CountedRow[]): string[][] {
	const sums = rows[0]!.counts.map((_, column) => rows.reduce((sum, { counts }) => sum + counts[column]!, 0));
	return [...rows, { name: "total", counts: sums }].map(({ name, counts }) => [
		name,
		...counts.map((count) => (count === 0 ? "" : `${count}`)),
	]);
}
