import { expect, test } from "vitest";
import { formatTable, withTotal } from "../table.ts";

test("the first column is set to the left, the others to the right", () => {
	const rows = [
		["", "a", "long"],
		["wide row", "1", "2"],
		["x", "300", ""],
	];
	expect(formatTable("title", rows)).toBe("title\n              a  long\n  wide row    1     2\n  x         300\n");
});

test("the sum comes below the rows, and 0 is blank", () => {
	const rows = [
		{ name: "a", counts: [1, 0] },
		{ name: "b", counts: [2, 30] },
	];
	expect(withTotal(rows)).toEqual([
		["a", "1", ""],
		["b", "2", "30"],
		["total", "3", "30"],
	]);
});
