import { expect, test } from "vitest";
import { suiteTable } from "../suite-table.ts";
import type { TestRecord, TestResult } from "../test-result.ts";

function result(runtime: string, ...names: string[]): TestResult {
	const tests = names.map(
		(name): TestRecord => ({
			file: `conformance/run/${runtime}_test.ts`,
			name,
			status: name.endsWith("!") ? "failed" : "passed",
		}),
	);
	return { runtime, tests, problems: [] };
}

test("counts by runtime and role", () => {
	const results = [
		result("node", "server > a > 1", "server > a > 2!", "client > a > 1"),
		result("bun", "server > a > 1"),
	];
	expect(
		suiteTable(results)
			.split("\n")
			.map((line) => line.trim().split(/ {2,}/)),
	).toEqual([
		["Conformance suite: cases passed"],
		["as server", "as client"],
		["node", "1 of 2", "1 of 1"],
		["bun", "1 of 1", "none"],
		[""],
	]);
});

test("other tests are not of the suite", () => {
	expect(
		suiteTable([
			{ runtime: "node", tests: [{ file: "a.test.ts", name: "server > a", status: "passed" }], problems: [] },
		]),
	).toBe("");
});
