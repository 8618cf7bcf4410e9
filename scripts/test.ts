// Runs all tests, or those that the arguments name, on the three runtimes. The last line is `N passed, N failed`.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interopTable } from "../conformance/interop/table.ts";
import { runBun, runDeno } from "./runtime-runner.ts";
import { suiteTable } from "./suite-table.ts";
import { failures, succeeded, summary } from "./test-result.ts";
import { runVitest } from "./vitest-runner.ts";

// The tests of interoperability leave a line here for each cell of their table.
const folder = mkdtempSync(join(tmpdir(), "barewire-results-"));
process.env.BAREWIRE_RESULTS = folder;

const results = [runVitest, runDeno, runBun].map((run) => run(process.argv.slice(2)));
console.log(`\n${suiteTable(results)}`);
const cells = join(folder, "interop.jsonl");
if (existsSync(cells)) {
	const lines = readFileSync(cells, "utf8").trimEnd().split("\n");
	console.log(`Interoperability: what passed between our endpoints and others\n\n${interopTable(lines)}\n`);
}
rmSync(folder, { recursive: true });
for (const failure of failures(results)) console.log(`failed: ${failure}`);
console.log(summary(results));
process.exitCode = succeeded(results) ? 0 : 1;
