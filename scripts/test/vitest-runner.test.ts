import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../repository.ts";
import { readVitestReport, type VitestReport } from "../vitest-runner.ts";

const FILE = join(ROOT, "packages/a/test/a.test.ts");

function report(status: string, assertionResults: VitestReport["testResults"][0]["assertionResults"]): VitestReport {
	return { testResults: [{ name: FILE, status, message: "no such module\nat …", assertionResults }] };
}

test("a report's tests are told with their files", () => {
	const tests = [
		{ fullName: "one", status: "passed" },
		{ fullName: "two", status: "pending" },
		{ fullName: "three", status: "todo" },
		{ fullName: "four", status: "failed" },
	];
	expect(readVitestReport(report("failed", tests), false)).toEqual({
		runtime: "node",
		tests: [
			{ file: "packages/a/test/a.test.ts", name: "one", status: "passed" },
			{ file: "packages/a/test/a.test.ts", name: "two", status: "skipped" },
			{ file: "packages/a/test/a.test.ts", name: "three", status: "skipped" },
			{ file: "packages/a/test/a.test.ts", name: "four", status: "failed" },
		],
		problems: [],
	});
});

test("a file that can't be loaded is a problem", () => {
	expect(readVitestReport(report("failed", []), false).problems).toEqual(["packages/a/test/a.test.ts: no such module"]);
});

test("a process that ends badly is a problem though no test failed", () => {
	const passed = report("passed", [{ fullName: "one", status: "passed" }]);
	expect(readVitestReport(passed, true).problems).toEqual([]);
	expect(readVitestReport(passed, false).problems).toHaveLength(1);
});
