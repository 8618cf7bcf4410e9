// Runs the tests, or those of them that the arguments name, on the three runtimes. With `--all` in their long form: every case,
// and each property as often as it is meant to be tried. The last line is `N passed, N failed`.

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

const ALL = "--all";
const args = process.argv.slice(2).filter((each) => each !== ALL);
process.env.BAREWIRE_TESTS = process.argv.includes(ALL) ? "all" : "";

// Side by side: each of them waits for its sockets for much of the time.
const [onNode, ...others] = await Promise.all([
	runVitest(args),
	runDeno(args).then(async (onDeno) => [onDeno, await runBun(args)]),
]);
const results = [onNode, ...others.flat()];
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
