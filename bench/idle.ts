import type { Settings } from "./arguments.ts";
import { type Generator, type Running, startGenerator, startServer } from "./fleet.ts";
import type { Measured } from "./results.ts";
import type { Contender } from "./servers.ts";
import { settledOctets } from "./settled.ts";

const LIMIT = 60_000;
/** Opened and closed before the first look, so that what a server makes once for all is there. */
const FIRST_CONNECTIONS = 200;
/** Besides the connections: the listening socket, the runtime's own files and the program's. */
const OTHER_FILES = 100;

/** How many files a server must be able to have open. */
export function filesFor(connections: number): number {
	return connections + OTHER_FILES;
}

/** Octets of physical memory that each server holds for an idle connection, by rounds; a fresh process in each. */
export async function measureIdle(
	contenders: readonly Contender[],
	{ idleRounds, idleConnections }: Settings,
): Promise<Measured[]> {
	const generator = startGenerator(filesFor(idleConnections));
	try {
		const measured = contenders.map(({ name }) => ({ name, rounds: [] as number[] }));
		for (let round = 0; round < idleRounds; round++) {
			for (const [i, contender] of contenders.entries()) {
				const server = await startServer(contender, filesFor(idleConnections));
				try {
					measured[i]!.rounds.push(await heldPerConnection(generator, server, idleConnections));
				} finally {
					server.child.end();
				}
			}
		}
		return measured;
	} finally {
		generator.end();
	}
}

async function heldPerConnection(generator: Generator, server: Running, count: number): Promise<number> {
	const { port, child } = server;
	await generator.ask({ ask: "openIdle", port, count: FIRST_CONNECTIONS }, child, LIMIT);
	await generator.ask({ ask: "closeIdle" }, child, LIMIT);
	const before = await settledOctets(server);
	await generator.ask({ ask: "openIdle", port, count }, child, LIMIT);
	const after = await settledOctets(server);
	await generator.ask({ ask: "closeIdle" }, child, LIMIT);
	if (after <= before) throw new Error(`${child.name}: ${count} connections take no memory, so something is wrong`);
	return (after - before) / count;
}
