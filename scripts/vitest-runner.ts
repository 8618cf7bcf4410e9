import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { toolPath } from "./command.ts";
import { ROOT } from "./repository.ts";
import type { TestResult } from "./test-result.ts";

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
	readonly numPassedTests: number;
	readonly numPendingTests: number;
	readonly numTodoTests: number;
	readonly testResults: readonly {
		/** The file. */
		readonly name: string;
		readonly status: string;
		readonly message?: string;
		readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
	}[];
}

/** Runs the tests under the Node that runs this script; the arguments are vitest's own, such as the name of a folder. */
export function runVitest(args: readonly string[]): TestResult {
	const folder = mkdtempSync(join(tmpdir(), "barewire-test-"));
	const report = join(folder, "report.json");
	try {
		const { status, error } = spawnSync(
			process.execPath,
			[toolPath("vitest"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args],
			{ cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] },
		);
		if (error !== undefined) throw error;
		return readVitestReport(JSON.parse(readFileSync(report, "utf8")) as VitestReport, status === 0);
	} catch (error) {
		return { passed: 0, skipped: 0, failures: [`vitest gave no report: ${String(error)}`] };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Counts a report. `endedWell`: the process said that all is well. */
export function readVitestReport(report: VitestReport, endedWell: boolean): TestResult {
	const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
		const file = relative(ROOT, name);
		const failed = assertionResults.filter((each) => each.status === "failed");
		// A file that could not be loaded has no tests that could fail.
		if (failed.length === 0 && status === "failed") return [`${file}: ${message?.split("\n", 1)[0] || "did not run"}`];
		return failed.map(({ fullName }) => `${file} > ${fullName}`);
	});
	if (failures.length === 0 && !endedWell) failures.push("vitest failed outside of any test: see its output above");
	return { passed: report.numPassedTests, skipped: report.numPendingTests + report.numTodoTests, failures };
}
