import { setTimeout as pause } from "node:timers/promises";
import type { Settings } from "./arguments.ts";
import type { SpeedCase } from "./cases.ts";
import { HAS_OWN_PROCESSORS } from "./children.ts";
import { cpuNanoseconds } from "./cpu.ts";
import { type Generator, type Running, startGenerator, startServer } from "./fleet.ts";
import type { TrafficOptions } from "./load/traffic.ts";
import type { Measured } from "./results.ts";
import type { Contender } from "./servers.ts";

/** Beyond a round's own length: for its last replies, and for a machine that is busy with something else. */
const GRACE = 20_000;
/** Until the threads sleep that still had work after the last reply, and the kernel's account is exact. */
const SETTLE = 10;

/**
 * CPU µs that each server takes for a message of this case, by rounds: all servers have their turn before any has its
 * next, so that a disturbance of the machine meets all of them. The processes are fresh, and warmed up.
 */
export async function measureSpeed(
	contenders: readonly Contender[],
	speedCase: SpeedCase,
	settings: Settings,
): Promise<Measured[]> {
	const generator = startGenerator();
	const servers: Running[] = [];
	try {
		for (const contender of contenders) servers.push(await startServer(contender));
		const measured = contenders.map(({ name }) => ({ name, rounds: [] as number[], share: null as number | null }));
		const turnOf = (i: number, milliseconds: number): Promise<Turn> => {
			const { compression } = contenders[i]!;
			return turn(generator, servers[i]!, { ...speedCase, compression }, milliseconds);
		};
		for (const i of servers.keys()) await turnOf(i, settings.warmUp);
		for (let round = 0; round < settings.rounds; round++) {
			for (const [i, one] of measured.entries()) {
				const { cost, share } = await turnOf(i, settings.roundLength);
				one.rounds.push(cost);
				if (speedCase.kind === "json") one.share = share;
			}
		}
		return measured;
	} finally {
		generator.end();
		for (const { child } of servers) child.end();
	}
}

interface Turn {
	/** µs for a message. */
	readonly cost: number;
	readonly share: number;
}

/** One server's turn, on a connection of its own. The opening handshake is not counted. */
async function turn(
	generator: Generator,
	server: Running,
	traffic: TrafficOptions,
	milliseconds: number,
): Promise<Turn> {
	const { port, child } = server;
	const { kind, size, inFlight, compression } = traffic;
	await generator.ask({ ask: "open", port, traffic: { kind, size, inFlight, compression } }, child, GRACE);
	await pause(SETTLE);
	const before = cpuNanoseconds(child.pid);
	const run = { ask: "run", milliseconds, awake: HAS_OWN_PROCESSORS } as const;
	const { messages, share } = await generator.ask(run, child, milliseconds + GRACE);
	await pause(SETTLE);
	const used = cpuNanoseconds(child.pid) - before;
	await generator.ask({ ask: "close" }, child, GRACE);
	return { cost: used / messages / 1000, share };
}
