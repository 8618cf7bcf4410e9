import { expect, test } from "vitest";
import { formatTable } from "../table.ts";

test("the first column is set to the left, the others to the right", () => {
	const rows = [
		["", "a", "long"],
		["wide row", "1", "2"],
		["x", "300", ""],
	];
	expect(formatTable("title", rows)).toBe("title\n              a  long\n  wide row    1     2\n  x         300\n");
});
