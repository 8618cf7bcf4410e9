// Runs all tests, or those that the arguments name, on the three runtimes. The last line is `N passed, N failed`.

import { runBun, runDeno } from "./runtime-runner.ts";
import { suiteTable } from "./suite-table.ts";
import { failures, succeeded, summary } from "./test-result.ts";
import { runVitest } from "./vitest-runner.ts";

const results = [runVitest, runDeno, runBun].map((run) => run(process.argv.slice(2)));
console.log(`\n${suiteTable(results)}`);
for (const failure of failures(results)) console.log(`failed: ${failure}`);
console.log(summary(results));
process.exitCode = succeeded(results) ? 0 : 1;
