// Measures servers side by side: what a message costs in CPU time, what an idle connection holds in memory, and what a
// slow reader makes a server hold.
// bench/README.md says what the rows mean.
import { loadavg } from "node:os";
import { readArguments, type Settings, USAGE, UsageError } from "./arguments.ts";
import { endChildren, HAS_OWN_PROCESSORS } from "./children.ts";
import { formatMarks, isMet, type Mark } from "./marks.ts";
import { runOn } from "./run.ts";
import { versionOf } from "./runtimes.ts";

/** The bench itself failed, or was not understood; a missed mark is 1. */
const EXIT_FAILED = 2;
const EXIT_INTERRUPTED = 130;

process.on("exit", endChildren);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(EXIT_INTERRUPTED));

process.exit(await main());

async function main(): Promise<number> {
	try {
		const settings = readArguments(process.argv.slice(2));
		if (settings === null) {
			console.log(USAGE);
			return 0;
		}
		if (process.platform !== "linux") throw new Error("the bench reads CPU time from /proc, which only Linux has");
		return await run(settings);
	} catch (error) {
		console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
		if (error instanceof UsageError) console.error(`\n${USAGE}`);
		return EXIT_FAILED;
	}
}

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
