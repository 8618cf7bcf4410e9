import {
	BROADCAST_CASES,
	CLIENT_CASES,
	COMPRESSED_IDLE,
	CONTEXTS,
	CREEP,
	HTTP_CASES,
	HTTP_MARKS,
	type HttpCase,
	IDLE,
	IDLE_MARKS,
	LATENCY,
	OPENINGS,
	SCALING,
	SLOW,
	SLOW_MARK,
	SPEED_CASES,
	type SpeedCase,
	STREAM,
	STREAM_MARK,
	TLS_CASES,
} from "./cases.ts";
import { SPEED_GROUPS } from "./compressed-servers.ts";
import { HTTP_GROUPS } from "./http-servers.ts";
import { bytesMark, type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, ownResult } from "./results.ts";
import { runBroadcast } from "./run-broadcast.ts";
import { runClient } from "./run-client.ts";
import { runCompressedIdle, runContexts, runCreep } from "./run-compression.ts";
import { runDropIn } from "./run-drop-in.ts";
import { runLatency } from "./run-latency.ts";
import { runOpenings } from "./run-openings.ts";
import { runResting, USED_ONCE } from "./run-resting.ts";
import { runScaling } from "./run-scaling.ts";
import { runTls } from "./run-tls.ts";
import type { Runtime } from "./runtimes.ts";
import { GROUPS } from "./servers.ts";
import { measureSlow } from "./slow.ts";
import { measureHttp, measureSpeed } from "./speed.ts";
import { measureStreams } from "./streams.ts";
import { formatSlow, formatStreams, mebibytes } from "./table.ts";

/** Measures on one runtime what the run asks for, tells what was found, and gives the marks. */
export async function runOn(runtime: Runtime, run: Run): Promise<Mark[]> {
	const { cases } = run;
	const marks: Mark[] = [];
	for (const speedCase of SPEED_CASES) {
		if (cases.includes(speedCase.id)) marks.push(...(await runSpeed(runtime, speedCase, run)));
	}
	for (const tlsCase of TLS_CASES) {
		if (cases.includes(tlsCase.id)) marks.push(await runTls(runtime, tlsCase, run));
	}
	for (const clientCase of CLIENT_CASES) {
		if (cases.includes(clientCase.id)) marks.push(await runClient(runtime, clientCase, run));
	}
	for (const httpCase of HTTP_CASES) {
		if (cases.includes(httpCase.id)) marks.push(await runHttp(runtime, httpCase, run));
	}
	for (const broadcastCase of BROADCAST_CASES) {
		if (cases.includes(broadcastCase.id)) marks.push(...(await runBroadcast(runtime, broadcastCase, run)));
	}
	if (cases.includes(OPENINGS)) marks.push(await runOpenings(runtime, run));
	if (cases.includes(LATENCY)) marks.push(await runLatency(runtime, run));
	if (cases.includes(SCALING)) marks.push(...(await runScaling(runtime, run)));
	if (cases.includes(IDLE)) marks.push(...(await runIdle(runtime, run)));
	if (cases.includes(SLOW)) marks.push(...(await runSlow(runtime, run)));
	if (cases.includes(STREAM)) marks.push(...(await runStreams(runtime, run)));
	if (cases.includes(COMPRESSED_IDLE)) marks.push(...(await runCompressedIdle(runtime, run)));
	if (cases.includes(CONTEXTS)) await runContexts(runtime, run);
	if (cases.includes(CREEP)) marks.push(...(await runCreep(runtime, run)));
	if (runtime === "node") marks.push(...(await runDropIn(run)));
	return marks;
}

async function runSpeed(runtime: Runtime, speedCase: SpeedCase, run: Run): Promise<Mark[]> {
	const { id, group, title, marks } = speedCase;
	const { contenders, references, reference } = SPEED_GROUPS[group][runtime];
	const compared = compare(await measureSpeed(contenders, speedCase, run), references);
	run.report.compare({ runtime, id, title, unit: "CPU µs/message", servers: compared });
	const mark = marks[runtime];
	if (mark === undefined) return [];
	return [ratioMark(`${runtime}, ${title}, by ${reference}`, mark, ownResult(compared).ratio)];
}

async function runHttp(runtime: Runtime, httpCase: HttpCase, run: Run): Promise<Mark> {
	const { contenders, references, reference } = HTTP_GROUPS[runtime];
	const { id, title } = httpCase;
	const compared = compare(await measureHttp(contenders, httpCase, run), references);
	run.report.compare({ runtime, id, title, unit: "CPU µs/request", servers: compared });
	return ratioMark(`${runtime}, ${title}, by ${reference}`, HTTP_MARKS[runtime], ownResult(compared).ratio);
}

async function runIdle(
	runtime: Runtime,
	{ idleRounds: rounds, idleConnections: connections, report }: Run,
): Promise<Mark[]> {
	const title = `${connections} idle connections`;
	const telling = { report, runtime, id: IDLE, garbage: true };
	const compared = await runResting(title, GROUPS[runtime], { ...USED_ONCE, rounds, connections }, telling);
	const own = compared === null ? null : ownResult(compared);
	const { ratio, bytes } = IDLE_MARKS[runtime];
	const marks = [ratioMark(`${runtime}, ${title}, by ${GROUPS[runtime].reference}`, ratio, own?.ratio ?? null)];
	if (bytes !== null) marks.push(bytesMark(`${runtime}, ${title}, bytes each`, bytes, own?.cost ?? null));
	return marks;
}

async function runSlow(runtime: Runtime, run: Run): Promise<Mark[]> {
	const results = await measureSlow(runtime, run);
	run.report.tell(formatSlow(`${run.slowCount} MiB in messages of 1 MiB, through a slow reader`, results));
	return results.map(({ title, growth }) => ({
		title: `${runtime}, slow ${title}, MiB`,
		atMost: SLOW_MARK,
		measured: growth,
		format: mebibytes,
	}));
}

async function runStreams(runtime: Runtime, run: Run): Promise<Mark[]> {
	const results = await measureStreams(runtime, run);
	run.report.tell(formatStreams("One large message, echoed in parts", results));
	return results.map(({ title, bytes, growth }) => ({
		title: `${runtime}, ${mebibytes(bytes)} MiB of ${title} through an echo in parts, growth in MiB`,
		atMost: STREAM_MARK,
		measured: growth,
		format: mebibytes,
	}));
}
