// Measures servers side by side: what a message costs in CPU time, what an idle connection holds in memory, and what a
// slow reader makes a server hold.
// bench/README.md says what the rows mean.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import { HAS_OWN_PROCESSORS } from "./children.ts";
import { runCommand } from "./command.ts";
import { thisMachine } from "./machine.ts";
import { formatMarks, isMet, type Mark } from "./marks.ts";
import { Report } from "./report.ts";
import { runOn } from "./run.ts";
import { versionOf } from "./runtimes.ts";
import { formatResults } from "./written.ts";

await runCommand({ name: "bench", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	const { rounds, roundLength, runtimes } = settings;
	console.log(`${rounds} rounds of ${roundLength} ms; load of the machine ${loadavg()[0]!.toFixed(2)}`);
	if (!HAS_OWN_PROCESSORS) console.log("Servers and load generator share the processor: expect a larger spread.");
	const report = new Report();
	const marks: Mark[] = [];
	for (const runtime of runtimes) {
		report.begin(versionOf(runtime));
		marks.push(...(await runOn(runtime, { ...settings, report })));
	}
	if (marks.length > 0) {
		report.begin("Marks");
		report.tell(formatMarks(marks));
	}
	if (settings.write) write(settings, report);
	return settings.marks && !marks.every(isMet) ? 1 : 0;
}

function write({ runtimes, options }: Settings, { sections, comparisons }: Report): void {
	const about = { machine: thisMachine(runtimes), options };
	writeFileSync(new URL("./RESULTS.md", import.meta.url), formatResults(about, sections));
	writeFileSync(
		new URL("./RESULTS.json", import.meta.url),
		`${JSON.stringify({ ...about, comparisons }, null, "\t")}\n`,
	);
	console.log("written: bench/RESULTS.md, bench/RESULTS.json");
}
