import { setTimeout as pause } from "node:timers/promises";
import type { Settings } from "./arguments.ts";
import { HAS_OWN_PROCESSORS } from "./children.ts";
import { cpuAccount, cpuBetween } from "./cpu.ts";
import { type Generator, type Running, startGenerator, startServer } from "./fleet.ts";
import type { LoadRequest, LoadResult } from "./load/protocol.ts";
import type { Contender } from "./servers.ts";

/** Beyond a round's own length: for its last replies, and for a machine that is busy with something else. */
const GRACE = 20_000;
/** Until the threads sleep that still had work after the last reply, and the kernel's account is exact. */
const SETTLE = 10;

/** What opens the connections of a server's turn. */
export type Opening = (port: number, contender: Contender) => LoadRequest;

/** What came of a server's turn. */
export interface Turn extends LoadResult {
	/** CPU µs of the server for a message or a request. */
	readonly cost: number;
}

/** A server and what came of its turns, one in each round. */
export interface Turns {
	readonly name: string;
	readonly turns: readonly Turn[];
}

export interface TurnOptions {
	/** How many files a process must be able to have open; 0: as many as usual. */
	readonly openFiles?: number;
	/** Whether garbage is collected once the connections are open: what is left of those of the turn before is not this turn's. */
	readonly sweep?: boolean;
	/** How many times as long the warm-up is. */
	readonly warmUps?: number;
}

/** Of what is much code: an engine takes seconds to compile it well. */
export const LONG_WARM_UPS = 4;

/**
 * All servers have their turn before any has its next, so that a disturbance of the machine meets all of them. The processes
 * are fresh, and warmed up.
 */
export async function takeTurns(
	contenders: readonly Contender[],
	opening: Opening,
	settings: Settings,
	{ openFiles = 0, sweep = false, warmUps = 1 }: TurnOptions = {},
): Promise<Turns[]> {
	const generator = startGenerator(openFiles);
	const servers: Running[] = [];
	try {
		for (const contender of contenders) servers.push(await startServer(contender, { openFiles }));
		const taken = contenders.map(({ name }) => ({ name, turns: [] as Turn[] }));
		const turnOf = (i: number, milliseconds: number): Promise<Turn> => {
			const server = servers[i]!;
			return turn(generator, server, opening(server.port, contenders[i]!), milliseconds, sweep);
		};
		for (const i of servers.keys()) await turnOf(i, settings.warmUp * warmUps);
		for (let round = 0; round < settings.rounds; round++) {
			for (const [i, one] of taken.entries()) one.turns.push(await turnOf(i, settings.roundLength));
		}
		return taken;
	} finally {
		generator.end();
		for (const { child } of servers) child.end();
	}
}

/** One server's turn, on connections of its own. Opening them is not counted. */
async function turn(
	generator: Generator,
	server: Running,
	opening: LoadRequest,
	milliseconds: number,
	sweep: boolean,
): Promise<Turn> {
	const { child } = server;
	await generator.ask(opening, child, GRACE);
	if (sweep) await child.ask("sweep", GRACE);
	const result = await runCounted(generator, server, milliseconds);
	await generator.ask({ ask: "close" }, child, GRACE);
	return result;
}

/** Keeps a server busy by what is open, and looks at what it took. */
export async function runCounted(generator: Generator, { child }: Running, milliseconds: number): Promise<Turn> {
	await pause(SETTLE);
	const before = cpuAccount(child.pid);
	const run = { ask: "run", milliseconds, awake: HAS_OWN_PROCESSORS } as const;
	const result = await generator.ask(run, child, milliseconds + GRACE);
	await pause(SETTLE);
	const used = cpuBetween(before, cpuAccount(child.pid));
	return { ...result, cost: used / result.messages / 1000 };
}
