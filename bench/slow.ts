import type { Settings } from "./arguments.ts";
import { type Generator, type Running, startGenerator, withServer } from "./fleet.ts";
import type { Direction, Transfer } from "./flow/transfer.ts";
import { watchBytes } from "./memory.ts";
import type { Runtime } from "./runtimes.ts";
import { contender } from "./servers.ts";
import { settledBytes } from "./settled.ts";

/** A transfer whose reader is so many times slower than its writer would be. */
const SLOWNESS = 10;
/** Messages before anything is measured, so that what a server makes once for all is there and its code is compiled. */
const WARM_UP = 8;
/** Messages by which the speed of an unhindered transfer is found. */
const TRIAL = 128;
const LIMIT = 180_000;

/** One direction, and how the server reads in it. */
interface Way {
	readonly title: string;
	readonly direction: Direction;
	readonly reader: "handler" | "loop";
}

const WAYS: readonly Way[] = [
	{ title: "upload to a `message` handler", direction: "upload", reader: "handler" },
	{ title: "upload to a `for await` loop", direction: "upload", reader: "loop" },
	{ title: "download by `send` and `drained`", direction: "download", reader: "handler" },
];

/** How a server's memory fared. */
export interface SlowResult {
	readonly title: string;
	/** Milliseconds for a message when nobody is slow. */
	readonly unhindered: number;
	/** The same in the slow transfer. */
	readonly slowed: number;
	/** Bytes of memory before the slow transfer, and the most above it during the transfer. */
	readonly idle: number;
	readonly growth: number;
}

/** What barewire's server on a runtime grows by while a reader is slow, for each way. */
export async function measureSlow(runtime: Runtime, { slowCount }: Settings): Promise<SlowResult[]> {
	const generator = startGenerator();
	try {
		const results: SlowResult[] = [];
		for (const way of WAYS) results.push(await measureWay(generator, runtime, way, slowCount));
		return results;
	} finally {
		generator.end();
	}
}

async function measureWay(generator: Generator, runtime: Runtime, way: Way, count: number): Promise<SlowResult> {
	const { title, direction, reader } = way;
	const program = contender(runtime, `barewire on ${runtime}`, `./peers/flow-${runtime}.ts`, { READER: reader });
	const unhindered = await withServer(program, async (server) => {
		await transfer(generator, server, direction, { count: WARM_UP, interval: 0 });
		return (await transfer(generator, server, direction, { count: TRIAL, interval: 0 })) / TRIAL;
	});
	// Another process: what the fast transfer has made it hold must not pass for its idle level.
	return withServer(program, async (server) => {
		await transfer(generator, server, direction, { count: WARM_UP, interval: 0 });
		const idle = await settledBytes(server);
		const watch = watchBytes(server.child.pid);
		try {
			const taken = await transfer(generator, server, direction, { count, interval: unhindered * SLOWNESS });
			return { title, unhindered, slowed: taken / count, idle, growth: watch.end().peak - idle };
		} finally {
			watch.end();
		}
	});
}

/** Milliseconds of a transfer, all of whose bytes have come as they were sent. */
async function transfer(
	generator: Generator,
	{ port, child }: Running,
	direction: Direction,
	transfer: Transfer,
): Promise<number> {
	const begin = performance.now();
	await generator.ask({ ask: direction, port, transfer }, child, LIMIT);
	return performance.now() - begin;
}
