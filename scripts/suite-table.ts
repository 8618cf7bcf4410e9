import { formatTable } from "./table.ts";
import type { TestRecord, TestResult } from "./test-result.ts";

const ROLES = ["server", "client"];

/** How many cases of the conformance suite passed, for each runtime and role; empty when none ran. */
export function suiteTable(results: readonly TestResult[]): string {
	const rows = results
		.map(({ runtime, tests }) => [runtime, ...ROLES.map((role) => passed(tests, role))])
		.filter(([, ...counts]) => counts.some((count) => count !== "none"));
	if (rows.length === 0) return "";
	return formatTable("Conformance suite: cases passed", [["", ...ROLES.map((role) => `as ${role}`)], ...rows]);
}

function passed(tests: readonly TestRecord[], role: string): string {
	const cases = tests.filter(({ file, name }) => file.startsWith("conformance/run/") && name.startsWith(`${role} > `));
	const good = cases.filter(({ status }) => status === "passed").length;
	return cases.length === 0 ? "none" : `${good} of ${cases.length}`;
}
