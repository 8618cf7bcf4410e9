import type { Settings } from "./arguments.ts";
import { LATENCY_MARK } from "./cases.ts";
import type { LoadRequest } from "./load/protocol.ts";
import { type Mark, ratioMark } from "./marks.ts";
import { compare, type Measured, median, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { GROUPS } from "./servers.ts";
import { loadBusy } from "./speed.ts";
import { formatComparison, significant } from "./table.ts";
import { type Turns, takeTurns } from "./turns.ts";

/** How long a short message takes to the server and back. */
export async function runLatency(runtime: Runtime, settings: Settings): Promise<Mark> {
	const title = "Latency of 20 B text × 1 in flight";
	const { contenders, references, reference } = GROUPS[runtime];
	const taken = await takeTurns(contenders, opening, settings);
	const compared = compare(taken.map(latencies), references);
	console.log(formatComparison(title, "p99 µs", compared));
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
