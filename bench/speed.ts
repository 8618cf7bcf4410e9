import { setTimeout as pause } from "node:timers/promises";
import type { Settings } from "./arguments.ts";
import type { HttpCase, SpeedCase } from "./cases.ts";
import { HAS_OWN_PROCESSORS } from "./children.ts";
import { cpuNanoseconds } from "./cpu.ts";
import { type Generator, type Running, startGenerator, startServer } from "./fleet.ts";
import type { LoadRequest } from "./load/protocol.ts";
import type { Measured } from "./results.ts";
import type { Contender } from "./servers.ts";

/** Beyond a round's own length: for its last replies, and for a machine that is busy with something else. */
const GRACE = 20_000;
/** Until the threads sleep that still had work after the last reply, and the kernel's account is exact. */
const SETTLE = 10;

/** What opens the connections of a server's turn. */
type Opening = (port: number, contender: Contender) => LoadRequest;

/** CPU µs that each server takes for a message of this case, by rounds. */
export async function measureSpeed(
	contenders: readonly Contender[],
	{ kind, size, inFlight }: SpeedCase,
	settings: Settings,
): Promise<Measured[]> {
	const measured = await measure(
		contenders,
		(port, { compression }) => ({ ask: "open", port, traffic: { kind, size, inFlight, compression } }),
		settings,
	);
	return kind === "json" ? measured : measured.map((one) => ({ ...one, share: null }));
}

/** CPU µs that each server takes for a request of this case, by rounds. */
export async function measureHttp(
	contenders: readonly Contender[],
	{ size, connections, inFlight }: HttpCase,
	settings: Settings,
): Promise<Measured[]> {
	const http = { size, connections, inFlight };
	const measured = await measure(contenders, (port) => ({ ask: "openHttp", port, http }), settings);
	return measured.map((one) => ({ ...one, share: null }));
}

/**
 * All servers have their turn before any has its next, so that a disturbance of the machine meets all of them. The processes
 * are fresh, and warmed up.
 */
async function measure(contenders: readonly Contender[], opening: Opening, settings: Settings): Promise<Measured[]> {
	const generator = startGenerator();
	const servers: Running[] = [];
	try {
		for (const contender of contenders) servers.push(await startServer(contender));
		const measured = contenders.map(({ name }) => ({ name, rounds: [] as number[], share: null as number | null }));
		const turnOf = (i: number, milliseconds: number): Promise<Turn> => {
			const server = servers[i]!;
			return turn(generator, server, opening(server.port, contenders[i]!), milliseconds);
		};
		for (const i of servers.keys()) await turnOf(i, settings.warmUp);
		for (let round = 0; round < settings.rounds; round++) {
			for (const [i, one] of measured.entries()) {
				const { cost, share } = await turnOf(i, settings.roundLength);
				one.rounds.push(cost);
				one.share = share;
			}
		}
		return measured;
	} finally {
		generator.end();
		for (const { child } of servers) child.end();
	}
}

interface Turn {
	/** µs for a message or a request. */
	readonly cost: number;
	readonly share: number;
}

/** One server's turn, on connections of its own. Opening them is not counted. */
async function turn(generator: Generator, server: Running, opening: LoadRequest, milliseconds: number): Promise<Turn> {
	const { child } = server;
	await generator.ask(opening, child, GRACE);
	await pause(SETTLE);
	const before = cpuNanoseconds(child.pid);
	const run = { ask: "run", milliseconds, awake: HAS_OWN_PROCESSORS } as const;
	const { messages, share } = await generator.ask(run, child, milliseconds + GRACE);
	await pause(SETTLE);
	const used = cpuNanoseconds(child.pid) - before;
	await generator.ask({ ask: "close" }, child, GRACE);
	return { cost: used / messages / 1000, share };
}
