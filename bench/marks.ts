import { formatTable } from "../scripts/table.ts";

/** A ratio that barewire must not exceed, and the one that it has; null: it could not be measured. */
export interface Mark {
	readonly title: string;
	readonly atMost: number;
	readonly ratio: number | null;
}

/** A mark that could not be measured is not met. */
export function isMet({ atMost, ratio }: Mark): boolean {
	return ratio !== null && ratio <= atMost;
}

export function formatMarks(marks: readonly Mark[]): string {
	const rows = marks.map((mark) => [
		mark.title,
		`≤ ${mark.atMost.toFixed(2)}`,
		mark.ratio === null ? "–" : mark.ratio.toFixed(3),
		mark.ratio === null ? "not measured" : isMet(mark) ? "pass" : "FAIL",
	]);
	return formatTable("Marks: the ratio of barewire to the better ws", [["", "mark", "ratio", ""], ...rows]);
}
