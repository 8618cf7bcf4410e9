// Attacks the echo and the chat servers of the three runtimes, with a healthy client beside each attack, and says whether they
// hold. attack/README.md says what is measured.
import { loadavg } from "node:os";
import { canOpenFiles, HAS_OWN_PROCESSORS } from "../bench/children.ts";
import { runCommand } from "../bench/command.ts";
import { type Runtime, versionOf } from "../bench/runtimes.ts";
import { readArguments, type Settings, serversFor, USAGE } from "./arguments.ts";
import { Attacker } from "./attacker.ts";
import type { ServerKind } from "./attackers/target.ts";
import { freshPageCost } from "./fresh-memory.ts";
import { HealthyClient } from "./healthy-client.ts";
import { measure } from "./measure.ts";
import { type Attempt, formatAttempt, formatAttempts, summary } from "./report.ts";
import { OPEN_FILES, Subject } from "./subject.ts";
import { shortfalls } from "./verdict.ts";

await runCommand({ name: "attack", usage: USAGE, read: readArguments, run });

async function run(settings: Settings): Promise<number> {
	if (!canOpenFiles(OPEN_FILES)) throw new Error(`it takes ${OPEN_FILES} open files: raise the limit (ulimit -Hn)`);
	console.log(`${settings.runtimes.map(versionOf).join(", ")}; load of the machine ${loadavg()[0]!.toFixed(2)}`);
	console.log(`memory that is touched first: ${freshPageCost().toFixed(1)} µs a page of 4 KiB`);
	if (!HAS_OWN_PROCESSORS) console.log("Servers and clients share the processor: latencies are worse than they are.");
	const attacker = new Attacker();
	const healthy = new HealthyClient();
	const attempts: Attempt[] = [];
	for (const [i, runtime] of settings.runtimes.entries()) {
		const subjects = new Map<ServerKind, Subject>();
		for (const [j, attack] of settings.attacks.entries()) {
			for (const server of serversFor(settings, i + j)) {
				const subject = await running(subjects, runtime, server);
				const outcome = await measure({ subject, attacker, healthy }, attack, settings.check);
				if ("broken" in outcome) {
					console.error(outcome.broken);
					stop(subjects, server);
				}
				const found = shortfalls(outcome, runtime, settings.timed);
				attempts.push({ attack, place: `${server} on ${runtime}`, outcome, found });
				console.log(formatAttempt(attempts.at(-1)!));
			}
		}
		for (const server of [...subjects.keys()]) stop(subjects, server);
	}
	console.log(`\n${formatAttempts(attempts)}\n${summary(attempts)}`);
	return attempts.some(({ found }) => found.length > 0) ? 1 : 0;
}

/** The server of a kind, which lives as long as it holds. */
async function running(subjects: Map<ServerKind, Subject>, runtime: Runtime, server: ServerKind): Promise<Subject> {
	const subject = subjects.get(server) ?? (await Subject.start(runtime, server));
	subjects.set(server, subject);
	return subject;
}

function stop(subjects: Map<ServerKind, Subject>, server: ServerKind): void {
	subjects.get(server)?.end();
	subjects.delete(server);
}
