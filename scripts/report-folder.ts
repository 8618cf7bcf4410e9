import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestResult } from "./test-result.ts";

/** Lets a runner write its report into a folder that is gone afterwards. A runner that gives none has failed. */
export async function inReportFolder(
	runtime: string,
	run: (folder: string) => Promise<TestResult>,
): Promise<TestResult> {
	const folder = mkdtempSync(join(tmpdir(), "barewire-test-"));
	try {
		return await run(folder);
	} catch (error) {
		return { runtime, tests: [], problems: [`no report of the tests: ${String(error)}`] };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
