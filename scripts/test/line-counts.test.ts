import { join } from "node:path";
import { expect, test } from "vitest";
import { countLines, largestFile, medianLines, totalLines } from "../line-counts.ts";
import { ROOT } from "../repository.ts";

const counted = (...lines: number[]) => lines.map((each) => ({ path: `${each}.ts`, lines: each }));

test("the total, the largest and the median", () => {
	const files = counted(3, 100, 20, 7);
	expect([totalLines(files), largestFile(files).path, medianLines(files)]).toEqual([130, "100.ts", 7]);
	expect(medianLines(counted(9, 1, 5))).toBe(5);
});

test("a folder that is not there has no files", () => {
	expect(countLines(ROOT, "nowhere")).toEqual([]);
});

test("the files of a folder are counted, and nothing that is installed", () => {
	const paths = countLines(ROOT, "conformance").map(({ path }) => path);
	expect(paths).toContain(join(ROOT, "conformance/transcript.ts"));
	expect(paths.filter((path) => path.includes("node_modules"))).toEqual([]);
});
