import { formatTable } from "../scripts/table.ts";
import type { Compared } from "./results.ts";

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
