import { type Generator, type Running, startGenerator, withServer } from "./fleet.ts";
import type { TrafficOptions } from "./load/traffic.ts";
import { residentBytes } from "./memory.ts";
import type { Measured } from "./results.ts";
import type { Contender } from "./servers.ts";
import { settledBytes } from "./settled.ts";

const LIMIT = 60_000;
/** Besides the connections: the listening socket, the runtime's own files and the program's. */
const OTHER_FILES = 100;
/** barewire gives a compressor back that was not used for so long. Those that are to be counted must still be there. */
const CONTEXT_KEPT = 30_000;

/** Connections that are looked at while they rest. */
export interface Resting {
	readonly rounds: number;
	readonly connections: number;
	/** So many are opened and closed before the first look, so that what a server makes once for all is there. */
	readonly first: number;
	/** What each has carried. */
	readonly traffic: Omit<TrafficOptions, "compression">;
	readonly messages: number;
}

/** How many files a server must be able to have open. */
export function filesFor(connections: number): number {
	return connections + OTHER_FILES;
}

/** Bytes of physical memory for a connection that rests. */
export interface RestingBytes {
	/** Right after the last one was opened, with all garbage. */
	readonly opened: readonly Measured[];
	/** Without garbage. */
	readonly settled: readonly Measured[];
}

/** What each server holds for a connection that rests, by rounds; a fresh process in each. */
export async function measureResting(contenders: readonly Contender[], resting: Resting): Promise<RestingBytes> {
	const files = filesFor(resting.connections);
	const generator = startGenerator(files);
	try {
		const opened = contenders.map(({ name }) => ({ name, rounds: [] as number[] }));
		const settled = contenders.map(({ name }) => ({ name, rounds: [] as number[] }));
		for (let round = 0; round < resting.rounds; round++) {
			for (const [i, contender] of contenders.entries()) {
				const hold = (server: Running) => heldPerConnection(generator, server, contender, resting);
				const held = await withServer(contender, hold, files);
				opened[i]!.rounds.push(held.opened);
				settled[i]!.rounds.push(held.settled);
			}
		}
		return { opened, settled };
	} finally {
		generator.end();
	}
}

async function heldPerConnection(
	generator: Generator,
	server: Running,
	{ compression }: Contender,
	{ connections: count, first, traffic, messages }: Resting,
): Promise<{ opened: number; settled: number }> {
	const { port, child } = server;
	const use = { traffic: { ...traffic, compression }, messages };
	await generator.ask({ ask: "openIdle", port, count: first, use }, child, LIMIT);
	await generator.ask({ ask: "closeIdle" }, child, LIMIT);
	const before = await settledBytes(server);
	const begin = performance.now();
	await generator.ask({ ask: "openIdle", port, count, use }, child, LIMIT);
	const atOnce = residentBytes(child.pid);
	const after = await settledBytes(server);
	if (traffic.kind === "json" && performance.now() - begin > CONTEXT_KEPT)
		throw new Error(`${child.name}: ${count} connections took so long that compressors may have been given back`);
	await generator.ask({ ask: "closeIdle" }, child, LIMIT);
	if (after <= before) throw new Error(`${child.name}: ${count} connections take no memory, so something is wrong`);
	return { opened: (atOnce - before) / count, settled: (after - before) / count };
}
