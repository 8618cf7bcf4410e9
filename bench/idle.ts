import { setTimeout as pause } from "node:timers/promises";
import type { Settings } from "./arguments.ts";
import { type Generator, type Running, startGenerator, startServer } from "./fleet.ts";
import { residentOctets } from "./memory.ts";
import type { Measured } from "./results.ts";
import { CONTENDERS } from "./servers.ts";

const LIMIT = 60_000;
/** Opened and closed before the first look, so that what a server makes once for all is there. */
const FIRST_CONNECTIONS = 200;
/** Besides the connections: the listening socket, Node's own files and the program's. */
const OTHER_FILES = 100;

/** How many files a server must be able to have open. */
export function filesFor(connections: number): number {
	return connections + OTHER_FILES;
}

/** Octets of physical memory that each server holds for an idle connection, by rounds; a fresh process in each. */
export async function measureIdle({ idleRounds, idleConnections }: Settings): Promise<Measured[]> {
	const generator = startGenerator(filesFor(idleConnections));
	try {
		const measured = CONTENDERS.map(({ name }) => ({ name, rounds: [] as number[] }));
		for (let round = 0; round < idleRounds; round++) {
			for (const [i, contender] of CONTENDERS.entries()) {
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

const MAX_LOOKS = 8;
const SETTLED_WITHIN = 512 * 1024;

/** What a server holds once its garbage is collected and the pages are given back. */
async function settledOctets({ child }: Running): Promise<number> {
	let held = Number.POSITIVE_INFINITY;
	for (let look = 0; look < MAX_LOOKS; look++) {
		await child.ask("collect", LIMIT);
		await pause(100);
		const now = residentOctets(child.pid);
		if (Math.abs(held - now) <= SETTLED_WITHIN) return now;
		held = now;
	}
	return held;
}
