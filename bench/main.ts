// Measures echo servers side by side: what a message costs in CPU time, and what an idle connection holds in memory.
// bench/README.md says what the rows mean.
import { loadavg } from "node:os";
import { readArguments, type Settings, USAGE, UsageError } from "./arguments.ts";
import { IDLE, IDLE_MARK, SPEED_CASES } from "./cases.ts";
import { canOpenFiles, endChildren, HAS_OWN_PROCESSORS } from "./children.ts";
import { filesFor, measureIdle } from "./idle.ts";
import { formatMarks, isMet, type Mark } from "./marks.ts";
import { compare, ownRatio } from "./results.ts";
import { measureSpeed } from "./speed.ts";
import { formatComparison } from "./table.ts";

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
	const { rounds, roundLength, idleRounds, idleConnections } = settings;
	console.log(
		`Node ${process.versions.node}; ${rounds} rounds of ${roundLength} ms; load of the machine ${loadavg()[0]!.toFixed(2)}`,
	);
	if (!HAS_OWN_PROCESSORS) console.log("Servers and load generator share the processor: expect a larger spread.");
	console.log();
	const marks: Mark[] = [];
	for (const speedCase of SPEED_CASES) {
		if (!settings.cases.includes(speedCase.id)) continue;
		const compared = compare(await measureSpeed(speedCase, settings));
		console.log(formatComparison(speedCase.title, "CPU µs/message", compared));
		if (speedCase.mark !== null)
			marks.push({ title: speedCase.title, atMost: speedCase.mark, ratio: ownRatio(compared) });
	}
	if (settings.cases.includes(IDLE)) {
		const title = `${idleConnections} idle connections`;
		const ratio = await runIdle(settings, `${title}, ${idleRounds} ${idleRounds === 1 ? "round" : "rounds"}`);
		marks.push({ title, atMost: IDLE_MARK, ratio });
	}
	if (marks.length > 0) console.log(formatMarks(marks));
	return settings.marks && !marks.every(isMet) ? 1 : 0;
}

/** The ratio of barewire; null: the system does not allow so many connections. */
async function runIdle(settings: Settings, title: string): Promise<number | null> {
	const files = filesFor(settings.idleConnections);
	if (!canOpenFiles(files)) {
		console.log(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
		return null;
	}
	const compared = compare(await measureIdle(settings));
	console.log(formatComparison(title, "octets/connection", compared));
	return ownRatio(compared);
}
