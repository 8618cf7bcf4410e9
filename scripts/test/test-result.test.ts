import { expect, test } from "vitest";
import { failures, succeeded, summary, type TestRecord, type TestResult } from "../test-result.ts";

const record = (name: string, status: TestRecord["status"]): TestRecord => ({ file: "a.test.ts", name, status });

const PASSED: TestResult = { runtime: "node", tests: [record("one", "passed"), record("two", "passed")], problems: [] };
const FAILED: TestResult = {
	runtime: "deno",
	tests: [record("one", "failed"), record("two", "skipped")],
	problems: [],
};
const BROKEN: TestResult = { runtime: "bun", tests: [record("one", "passed")], problems: ["it crashed"] };
const NOTHING: TestResult = { runtime: "node", tests: [], problems: [] };

test("the counts of all runners are added", () => {
	expect(summary([PASSED])).toBe("2 passed, 0 failed");
	expect(summary([PASSED, FAILED, BROKEN])).toBe("3 passed, 2 failed, 1 skipped");
	expect(summary([])).toBe("0 passed, 0 failed");
});

test("failures are named with their runtime", () => {
	expect(failures([PASSED, FAILED, BROKEN])).toEqual(["deno: a.test.ts > one", "bun: it crashed"]);
});

test("success is that something ran and nothing failed", () => {
	expect(succeeded([PASSED])).toBe(true);
	expect(succeeded([PASSED, NOTHING])).toBe(true);
	expect(succeeded([PASSED, FAILED])).toBe(false);
	expect(succeeded([BROKEN])).toBe(false);
	expect(succeeded([NOTHING])).toBe(false);
	expect(succeeded([])).toBe(false);
});
