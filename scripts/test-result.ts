/** How the tests of one runner went. */
export interface TestResult {
	readonly passed: number;
	readonly skipped: number;
	/** What failed, named for a reader. A runner that ended badly for another reason is one of them. */
	readonly failures: readonly string[];
}

/** `12 passed, 1 failed`, and `, 2 skipped` when there are any. */
export function summary(results: readonly TestResult[]): string {
	const sum = (count: (result: TestResult) => number): number => results.reduce((so, each) => so + count(each), 0);
	const skipped = sum((each) => each.skipped);
	const counts = `${sum((each) => each.passed)} passed, ${sum((each) => each.failures.length)} failed`;
	return skipped === 0 ? counts : `${counts}, ${skipped} skipped`;
}

/** Whether something ran and nothing failed. */
export function succeeded(results: readonly TestResult[]): boolean {
	return results.every(({ failures }) => failures.length === 0) && results.some(({ passed }) => passed > 0);
}
