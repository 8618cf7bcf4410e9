import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../repository.ts";
import { readVitestReport, type VitestReport } from "../vitest-runner.ts";

const FILE = join(ROOT, "packages/a/test/a.test.ts");

const REPORT: VitestReport = {
	numPassedTests: 2,
	numPendingTests: 1,
	numTodoTests: 1,
	testResults: [{ name: FILE, status: "passed", assertionResults: [{ fullName: "one", status: "passed" }] }],
};

test("a report's tests are counted", () => {
	expect(readVitestReport(REPORT, true)).toEqual({ passed: 2, skipped: 2, failures: [] });
});

test("a failed test is named with its file", () => {
	const testResults = [
		{ name: FILE, status: "failed", message: "", assertionResults: [{ fullName: "one", status: "failed" }] },
	];
	expect(readVitestReport({ ...REPORT, testResults }, false).failures).toEqual(["packages/a/test/a.test.ts > one"]);
});

test("a file that can't be loaded is a failure", () => {
	const testResults = [{ name: FILE, status: "failed", message: "no such module\nat …", assertionResults: [] }];
	expect(readVitestReport({ ...REPORT, testResults }, false).failures).toEqual([
		"packages/a/test/a.test.ts: no such module",
	]);
});

test("a process that ends badly is a failure though no test failed", () => {
	expect(readVitestReport(REPORT, false).failures).toHaveLength(1);
});
