import { COMPRESSED_IDLE, COMPRESSED_IDLE_MARK, CONTEXTS, CREEP_MARK } from "./cases.ts";
import { measureCodecs } from "./codecs.ts";
import { COMPRESSING, CONTEXT_GROUPS, NEGOTIATED_GROUPS } from "./compressed-servers.ts";
import { measureCreep } from "./creep.ts";
import { bytesMark, type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { ownResult } from "./results.ts";
import { runResting, USED_ONCE } from "./run-resting.ts";
import type { Runtime } from "./runtimes.ts";
import { formatCodecs, formatCreep } from "./table.ts";

/** What compression adds to a connection that does not use it. */
export async function runCompressedIdle(
	runtime: Runtime,
	{ idleRounds: rounds, idleConnections: connections, report }: Run,
): Promise<Mark[]> {
	const title = `${connections} idle connections, compression negotiated or not`;
	const group = NEGOTIATED_GROUPS[runtime];
	const telling = { report, runtime, id: COMPRESSED_IDLE };
	const compared = await runResting(title, group, { ...USED_ONCE, rounds, connections }, telling);
	const added = compared === null ? null : ownResult(compared).difference;
	return [bytesMark(`${runtime}, ${connections} idle connections, bytes for compression`, COMPRESSED_IDLE_MARK, added)];
}

/** What connections hold that have compressed and decompressed, and what is zlib's part of it. */
export async function runContexts(
	runtime: Runtime,
	{ idleRounds: rounds, contextConnections: connections, report }: Run,
): Promise<void> {
	// Together more than twice the largest window, so that all of a compressor's memory has been written to.
	// Few at first: what they have freed would be there for others to use.
	const use = { first: 20, traffic: { kind: "json", size: 16 * 1024, inFlight: 2 }, messages: 6 } as const;
	const title = `${connections} connections that have echoed ${use.messages} messages of 16 KiB JSON`;
	const telling = { report, runtime, id: CONTEXTS, unit: "KiB" } as const;
	await runResting(title, CONTEXT_GROUPS[runtime], { ...use, rounds, connections }, telling);
	report.tell(formatCodecs("A compressor or decompressor of barewire by itself", await measureCodecs(runtime)));
}

/** Whether a server's memory grows with its messages. */
export async function runCreep(runtime: Runtime, run: Run): Promise<Mark[]> {
	const result = await measureCreep(COMPRESSING[runtime], run);
	run.report.tell(formatCreep("Memory of barewire over messages of 1 KiB and 64 KiB JSON, compressed", result));
	return [ratioMark(`${runtime}, memory creep, last quarter by second quarter`, CREEP_MARK, result.growth)];
}
