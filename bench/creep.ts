import type { Settings } from "./arguments.ts";
import { MESSAGES_PER_SECOND } from "./cases.ts";
import { type Generator, type Running, startGenerator, withServer } from "./fleet.ts";
import { filesFor } from "./idle.ts";
import { watchBytes } from "./memory.ts";
import type { Contender } from "./servers.ts";
import { settledBytes } from "./settled.ts";

const CONNECTIONS = 1000;
const SAMPLES = 20;
const IN_QUARTER = SAMPLES / 4;
const LIMIT = 60_000;

/** How a server's memory went on. */
export interface CreepResult {
	/** Bytes in each twentieth of the messages, on average. */
	readonly samples: readonly number[];
	/** The last quarter of them by the second one. */
	readonly growth: number;
	/** Bytes without garbage: before the first connection, after each quarter, and after the last connection. */
	readonly settled: readonly number[];
	readonly messages: number;
	readonly seconds: number;
	/** How many connections came and went. */
	readonly connections: number;
}

/** Watches a server's memory over as many messages as there are for these seconds, or as there is time for. */
export async function measureCreep(contender: Contender, { creepSeconds }: Settings): Promise<CreepResult> {
	const generator = startGenerator(filesFor(CONNECTIONS));
	try {
		return await withServer(contender, (server) => watch(generator, server, creepSeconds), filesFor(CONNECTIONS));
	} finally {
		generator.end();
	}
}

async function watch(generator: Generator, server: Running, limit: number): Promise<CreepResult> {
	const { port, child } = server;
	const portion = Math.ceil((limit * MESSAGES_PER_SECOND) / SAMPLES / CONNECTIONS);
	const settled = [await settledBytes(server)];
	let taken = 0;
	const samples: number[] = [];
	let messages = 0;
	while (samples.length < SAMPLES) {
		// Of the time that is left, an equal part for each sample that is.
		const milliseconds = Math.max(1, limit * 1000 - taken) / (SAMPLES - samples.length);
		const churn = { ask: "churn", port, connections: CONNECTIONS, messages: portion, milliseconds } as const;
		const begin = performance.now();
		const memory = watchBytes(child.pid);
		try {
			messages += (await generator.ask(churn, child, milliseconds + LIMIT)).messages;
			samples.push(memory.end().mean);
		} finally {
			memory.end();
			taken += performance.now() - begin;
		}
		// Now and then an engine takes a larger room for young objects, in its own interest. So each quarter begins anew.
		if (samples.length % IN_QUARTER === 0) settled.push(await settledBytes(server));
	}
	const { messages: connections } = await generator.ask({ ask: "endChurn" }, child, LIMIT);
	settled.push(await settledBytes(server));
	const growth = quarter(samples, 3) / quarter(samples, 1);
	return { samples, growth, settled, messages, seconds: taken / 1000, connections };
}

/** The mean of a quarter of the samples; the first is number 0. */
function quarter(samples: readonly number[], number: number): number {
	const own = samples.slice(number * IN_QUARTER, (number + 1) * IN_QUARTER);
	return own.reduce((sum, bytes) => sum + bytes, 0) / IN_QUARTER;
}
