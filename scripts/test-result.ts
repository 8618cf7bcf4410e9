/** One test, as its runner tells of it. */
export interface TestRecord {
	/** Relative to the repository. */
	readonly file: string;
	readonly name: string;
	readonly status: "passed" | "failed" | "skipped";
}

/** How the tests on one runtime went. */
export interface TestResult {
	readonly runtime: string;
	readonly tests: readonly TestRecord[];
	/** What went wrong outside of any test. */
	readonly problems: readonly string[];
}

/** What failed, named for a reader. */
export function failures(results: readonly TestResult[]): string[] {
	return results.flatMap(({ runtime, tests, problems }) => [
		...problems.map((problem) => `${runtime}: ${problem}`),
		...tests.filter(({ status }) => status === "failed").map(({ file, name }) => `${runtime}: ${file} > ${name}`),
	]);
}

/** `12 passed, 1 failed`, and `, 2 skipped` when there are any. */
export function summary(results: readonly TestResult[]): string {
	const skipped = count(results, "skipped");
	const counts = `${count(results, "passed")} passed, ${failures(results).length} failed`;
	return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
}

/** Whether something ran and nothing failed. */
export function succeeded(results: readonly TestResult[]): boolean {
	return failures(results).length === 0 && count(results, "passed") > 0;
}

function count(results: readonly TestResult[], status: TestRecord["status"]): number {
	return results.flatMap(({ tests }) => tests).filter((test) => test.status === status).length;
}
