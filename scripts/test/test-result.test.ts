import { expect, test } from "vitest";
import { succeeded, summary } from "../test-result.ts";

const PASSED = { passed: 3, skipped: 0, failures: [] };
const FAILED = { passed: 1, skipped: 2, failures: ["a.test.ts > a"] };
const NOTHING = { passed: 0, skipped: 0, failures: [] };

test("the counts of all runners are added", () => {
	expect(summary([PASSED])).toBe("3 passed, 0 failed");
	expect(summary([PASSED, FAILED])).toBe("4 passed, 1 failed, 2 skipped");
	expect(summary([])).toBe("0 passed, 0 failed");
});

test("success is that something ran and nothing failed", () => {
	expect(succeeded([PASSED])).toBe(true);
	expect(succeeded([PASSED, NOTHING])).toBe(true);
	expect(succeeded([PASSED, FAILED])).toBe(false);
	expect(succeeded([NOTHING])).toBe(false);
	expect(succeeded([])).toBe(false);
});
