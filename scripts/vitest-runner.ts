import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { toolPath } from "./command.ts";
import { inReportFolder } from "./report-folder.ts";
import { ROOT } from "./repository.ts";
import type { TestRecord, TestResult } from "./test-result.ts";

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
	readonly testResults: readonly {
		/** The file. */
		readonly name: string;
		readonly status: string;
		readonly message?: string;
		readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
	}[];
}

/** Runs the tests under the Node that runs this script; the arguments are vitest's own, such as the name of a folder. */
export function runVitest(args: readonly string[]): Promise<TestResult> {
	return inReportFolder("node", async (folder) => {
		const report = join(folder, "report.json");
		const vitest = spawn(
			process.execPath,
			[
				toolPath("vitest"),
				"run",
				"--passWithNoTests",
				"--reporter=default",
				"--reporter=json",
				`--outputFile.json=${report}`,
				...args,
			],
			{ cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] },
		);
		const [status] = await once(vitest, "exit");
		return readVitestReport(JSON.parse(readFileSync(report, "utf8")) as VitestReport, status === 0);
	});
}

/** Reads a report. `endedWell`: the process said that all is well. */
export function readVitestReport(report: VitestReport, endedWell: boolean): TestResult {
	const problems: string[] = [];
	const tests = report.testResults.flatMap(({ name, status, message, assertionResults }): TestRecord[] => {
		const file = relative(ROOT, name);
		// A file that could not be loaded has no tests that could fail.
		if (status === "failed" && assertionResults.every((each) => each.status !== "failed"))
			problems.push(`${file}: ${message?.split("\n", 1)[0] || "did not run"}`);
		return assertionResults.map((each) => ({ file, name: each.fullName, status: statusOf(each.status) }));
	});
	if (!endedWell && problems.length === 0 && tests.every(({ status }) => status !== "failed"))
		problems.push("vitest failed outside of any test: see its output above");
	return { runtime: "node", tests, problems };
}

function statusOf(status: string): TestRecord["status"] {
	return status === "passed" || status === "failed" ? status : "skipped";
}
