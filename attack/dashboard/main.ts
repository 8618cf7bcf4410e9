// Publishes to many subscribers of which some are slow, by each policy, on each runtime, and says whether the others notice and
// what waits for the slow ones. attack/README.md says what is measured.
import { loadavg } from "node:os";
import { canOpenFiles, HAS_OWN_PROCESSORS } from "../../bench/children.ts";
import { runCommand } from "../../bench/command.ts";
import { versionOf } from "../../bench/runtimes.ts";
import { readArguments, type Settings, USAGE } from "./arguments.ts";
import { measure, openFiles } from "./measure.ts";
import { formatAll, formatOne, type Measured, summary } from "./report.ts";
import { shortfalls } from "./verdict.ts";

await runCommand({ name: "dashboard", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	const files = openFiles(settings);
	if (!canOpenFiles(files)) throw new Error(`it takes ${files} open files: raise the limit (ulimit -Hn)`);
	console.log(`${settings.runtimes.map(versionOf).join(", ")}; load of the machine ${loadavg()[0]!.toFixed(2)}`);
	if (!HAS_OWN_PROCESSORS) console.log("Servers and clients share the processor: latencies are worse than they are.");
	const all: Measured[] = [];
	for (const runtime of settings.runtimes) {
		for (const policy of settings.policies) {
			const outcome = await measure(runtime, policy, settings);
			if ("broken" in outcome) console.error(outcome.broken);
			all.push({ policy, runtime, outcome, found: shortfalls(policy, outcome, settings.timed) });
			console.log(formatOne(all.at(-1)!));
		}
	}
	console.log(`\n${formatAll(all)}\n${summary(all)}`);
	return all.some(({ found }) => found.length > 0) ? 1 : 0;
}
