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
