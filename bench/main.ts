// Measures servers side by side: what a message costs in CPU time, what an idle connection holds in memory, and what a
// slow reader makes a server hold.
// bench/README.md says what the rows mean.
import { loadavg } from "node:os";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import { HAS_OWN_PROCESSORS } from "./children.ts";
import { runCommand } from "./command.ts";
import { formatMarks, isMet, type Mark } from "./marks.ts";
import { runOn } from "./run.ts";
import { versionOf } from "./runtimes.ts";

await runCommand({ name: "bench", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	const { rounds, roundLength, runtimes } = settings;
	console.log(`${rounds} rounds of ${roundLength} ms; load of the machine ${loadavg()[0]!.toFixed(2)}`);
	if (!HAS_OWN_PROCESSORS) console.log("Servers and load generator share the processor: expect a larger spread.");
	const marks: Mark[] = [];
	for (const runtime of runtimes) {
		console.log(`\n── ${versionOf(runtime)}\n`);
		marks.push(...(await runOn(runtime, settings)));
	}
	if (marks.length > 0) console.log(formatMarks(marks));
	return settings.marks && !marks.every(isMet) ? 1 : 0;
}
