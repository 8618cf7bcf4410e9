import { LATENCY, LATENCY_MARK } from "./cases.ts";
import type { LoadRequest } from "./load/protocol.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, type Measured, median, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { GROUPS } from "./servers.ts";
import { loadBusy } from "./speed.ts";
import { significant } from "./table.ts";
import { type Turns, takeTurns } from "./turns.ts";

/** How long a short message takes to the server and back. */
export async function runLatency(runtime: Runtime, run: Run): Promise<Mark> {
	const title = "Latency of 20 B text × 1 in flight";
	const { contenders, references, reference } = GROUPS[runtime];
	const taken = await takeTurns(contenders, opening, run);
	const compared = compare(taken.map(latencies), references);
	run.report.compare({ runtime, id: LATENCY, title, unit: "p99 µs", servers: compared });
	return ratioMark(`${runtime}, ${title}, p99 by ${reference}`, LATENCY_MARK, ownResult(compared).ratio);
}

function opening(port: number): LoadRequest {
	return { ask: "openTimed", port, traffic: { kind: "text", size: 20, inFlight: 1, compression: false } };
}

function latencies({ name, turns }: Turns): Measured {
	const p50 = median(turns.map(({ latency }) => latency!.p50));
	return {
		name,
		rounds: turns.map(({ latency }) => latency!.p99),
		columns: { "p50 µs": significant(p50), ...loadBusy(turns) },
	};
}
