import { withServer } from "./fleet.ts";
import type { Runtime } from "./runtimes.ts";
import { contender } from "./servers.ts";
import { settledBytes } from "./settled.ts";

/** The defaults of barewire, the defaults of zlib, and the least that there is. */
const SETTINGS = [
	{ windowBits: 12, memoryLevel: 5 },
	{ windowBits: 15, memoryLevel: 8 },
	{ windowBits: 9, memoryLevel: 1 },
] as const;
const KINDS = ["compressor", "decompressor"] as const;
const COUNT = 500;
const LIMIT = 60_000;

/** What a codec of barewire holds for one direction. */
export interface CodecMemory {
	readonly kind: (typeof KINDS)[number];
	readonly windowBits: number;
	/** A decompressor has none. */
	readonly memoryLevel: number;
	readonly bytes: number;
}

/** Bytes of physical memory that a used compressor or decompressor takes; each kind in a fresh process. */
export async function measureCodecs(runtime: Runtime): Promise<CodecMemory[]> {
	const results: CodecMemory[] = [];
	for (const kind of KINDS) {
		for (const { windowBits, memoryLevel } of SETTINGS) {
			const program = contender(runtime, `${kind}s on ${runtime}`, "./peers/codecs.ts", {
				KIND: kind,
				COUNT: String(COUNT),
				WINDOW_BITS: String(windowBits),
				MEMORY_LEVEL: String(memoryLevel),
			});
			const bytes = await withServer(program, async (server) => {
				const before = await settledBytes(server);
				await server.child.ask("make", LIMIT);
				return ((await settledBytes(server)) - before) / COUNT;
			});
			results.push({ kind, windowBits, memoryLevel, bytes });
		}
	}
	return results;
}
