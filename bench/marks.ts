import { formatTable } from "../scripts/table.ts";

/** What barewire must not exceed, and what was measured; null: it could not be measured. */
export interface Mark {
	readonly title: string;
	readonly atMost: number;
	readonly measured: number | null;
	/** How such a number is written. */
	format(value: number): string;
}

export function ratioMark(title: string, atMost: number, measured: number | null): Mark {
	return { title, atMost, measured, format: (value) => value.toFixed(value === atMost ? 2 : 3) };
}

export function bytesMark(title: string, atMost: number, measured: number | null): Mark {
	return { title, atMost, measured, format: (value) => value.toFixed(0) };
}

/** A mark that could not be measured is not met. */
export function isMet({ atMost, measured }: Mark): boolean {
	return measured !== null && measured <= atMost;
}

export function formatMarks(marks: readonly Mark[]): string {
	const rows = marks.map((mark) => [
		mark.title,
		`≤ ${mark.format(mark.atMost)}`,
		mark.measured === null ? "–" : mark.format(mark.measured),
		mark.measured === null ? "not measured" : isMet(mark) ? "pass" : "FAIL",
	]);
	return formatTable("Marks of barewire", [["", "mark", "measured", ""], ...rows]);
}
