import { setTimeout as pause } from "node:timers/promises";
import type { Attacker } from "./attacker.ts";
import type { AttackName } from "./attacks/index.ts";
import type { Figures, Level, Outcome } from "./figures.ts";
import type { HealthyClient } from "./healthy-client.ts";
import type { Subject } from "./subject.ts";
import { hasReturned } from "./verdict.ts";

/** In milliseconds: without an attack, with one, and what the level may take to return. */
const LONG = { quiet: 3000, attack: 15_000, returning: 30_000 };
const SHORT: typeof LONG = { quiet: 500, attack: 1000, returning: 10_000 };
const LOOK_EVERY = 500;
/** An attack is made so often at the most. */
const ATTEMPTS = 4;
/** What ends a connection is news before the end of the process that it has gone down with. */
const ENDING = 300;

/** Who takes part. */
export interface Parties {
	readonly subject: Subject;
	readonly attacker: Attacker;
	readonly healthy: HealthyClient;
}

/**
 * Makes an attack and tells how the server fared. An engine grows when it compiles code, and an allocator for what was used at once. So where
 * the level does not return, the attack is made again, and the last one counts: what leaks grows each time.
 */
export async function measure(parties: Parties, attack: AttackName, short: boolean): Promise<Outcome> {
	try {
		let figures = await attackOnce(parties, attack, short);
		for (let i = 1; i < ATTEMPTS && !hasReturned(figures); i++) figures = await attackOnce(parties, attack, short);
		return figures;
	} catch (error) {
		await pause(ENDING);
		return { broken: parties.subject.ending ?? (error instanceof Error ? error.message : String(error)) };
	} finally {
		await parties.healthy.close();
	}
}

async function attackOnce(
	{ subject, attacker, healthy }: Parties,
	attack: AttackName,
	short: boolean,
): Promise<Figures> {
	const times = short ? SHORT : LONG;
	const before = await subject.level();
	await healthy.open(subject);
	await healthy.begin();
	await pause(times.quiet);
	const quiet = await healthy.finish();
	await subject.longestTurn();
	subject.guard.takePeak();
	await healthy.begin();
	const { port, server } = subject;
	const done = await attacker.attack(attack, { port, server, short, milliseconds: times.attack });
	// The server answers when it has worked off what the attack has left behind, and until then the healthy client is there.
	const turn = await subject.longestTurn();
	const during = await healthy.finish();
	const peak = subject.guard.takePeak();
	await healthy.close();
	const after = await returned(subject, before, times.returning);
	return { ...done, peak, turn, quiet, during, before, after };
}

/** The level once it is as before, or when the time for that is over. */
async function returned(subject: Subject, before: Level, milliseconds: number): Promise<Level> {
	const until = performance.now() + milliseconds;
	for (;;) {
		const after = await subject.level();
		if (hasReturned({ before, after }) || performance.now() > until) return after;
		await pause(LOOK_EVERY);
	}
}
