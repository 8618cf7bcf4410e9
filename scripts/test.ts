// Runs all tests, or those that the arguments name. The last line is `N passed, N failed`.

import { succeeded, summary, type TestResult } from "./test-result.ts";
import { runVitest } from "./vitest-runner.ts";

/** One for each program that runs tests. */
const RUNNERS: readonly ((args: readonly string[]) => TestResult)[] = [runVitest];

const results = RUNNERS.map((runner) => runner(process.argv.slice(2)));
for (const failure of results.flatMap(({ failures }) => failures)) console.log(`failed: ${failure}`);
console.log(summary(results));
process.exitCode = succeeded(results) ? 0 : 1;
