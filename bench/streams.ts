import type { Settings } from "./arguments.ts";
import { startGenerator, withServer } from "./fleet.ts";
import type { StreamOptions } from "./load/stream.ts";
import { watchBytes } from "./memory.ts";
import type { Runtime } from "./runtimes.ts";
import { contender } from "./servers.ts";
import { settledBytes } from "./settled.ts";

const MEBIBYTE = 1024 * 1024;
const LIMIT = 900_000;

/** A text is as large as this part of a binary message: both ends check its characters. */
const TEXT_SHARE = 1 / 16;

/** How a server's memory fared while one large message went through it. */
export interface StreamResult {
	readonly title: string;
	/** Bytes of the message, and seconds until it was back. */
	readonly bytes: number;
	readonly seconds: number;
	/** Bytes of memory before the message, and the most above it meanwhile. */
	readonly idle: number;
	readonly growth: number;
}

/** What barewire's echo server on a runtime grows by while one message of so many MiB streams through it, for each way. */
export async function measureStreams(runtime: Runtime, { streamMebibytes }: Settings): Promise<StreamResult[]> {
	const bytes = streamMebibytes * MEBIBYTE;
	const ways: readonly (StreamOptions & { readonly title: string })[] = [
		{ title: "binary", kind: "binary", bytes, compress: false },
		{ title: "binary, compressed", kind: "binary", bytes, compress: true },
		{ title: "text", kind: "text", bytes: bytes * TEXT_SHARE, compress: false },
	];
	const results: StreamResult[] = [];
	for (const way of ways) results.push(await measureWay(runtime, way.title, way));
	return results;
}

async function measureWay(runtime: Runtime, title: string, options: StreamOptions): Promise<StreamResult> {
	const generator = startGenerator();
	const env = options.compress ? { DEFLATE: "1" } : {};
	const program = contender(runtime, `barewire on ${runtime}`, `./peers/stream-${runtime}.ts`, env);
	try {
		return await withServer(program, async (server) => {
			const ask = (bytes: number) =>
				generator.ask({ ask: "stream", port: server.port, stream: { ...options, bytes } }, server.child, LIMIT);
			await ask(8 * MEBIBYTE);
			const idle = await settledBytes(server);
			const watch = watchBytes(server.child.pid);
			const begin = performance.now();
			const { messages: back } = await ask(options.bytes);
			const seconds = (performance.now() - begin) / 1000;
			if (back !== options.bytes) throw new Error(`${back} of ${options.bytes} bytes have come back`);
			return { title, bytes: options.bytes, seconds, idle, growth: watch.end().peak - idle };
		});
	} finally {
		generator.end();
	}
}
