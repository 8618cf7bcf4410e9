import { OPENING_MARKS, OPENINGS } from "./cases.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, type Measured, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { type Contender, GROUPS, isFloor } from "./servers.ts";
import { costs } from "./speed.ts";
import { LONG_WARM_UPS, takeTurns } from "./turns.ts";

/** Connections that are open at the same time. */
const AT_ONCE = 32;

/** What it costs to open a connection and to close it. */
export async function runOpenings(runtime: Runtime, run: Run): Promise<Mark> {
	const { contenders, references, reference } = GROUPS[runtime];
	// A floor knows no closing handshake.
	const servers = contenders.filter((contender) => !isFloor(contender));
	const { title, measured } = await measureOpenings(servers, run);
	const compared = compare(measured, references);
	run.report.compare({ runtime, id: OPENINGS, title, unit: "CPU µs/connection", servers: compared });
	return ratioMark(`${runtime}, ${title}, by ${reference}`, OPENING_MARKS[runtime], ownResult(compared).ratio);
}

/** The same of any servers. */
export async function measureOpenings(
	contenders: readonly Contender[],
	run: Run,
): Promise<{ readonly title: string; readonly measured: Measured[] }> {
	const taken = await takeTurns(contenders, (port) => ({ ask: "openOpenings", port, atOnce: AT_ONCE }), run, {
		warmUps: LONG_WARM_UPS,
	});
	const title = `Opening and closing handshakes, ${AT_ONCE} at a time`;
	return { title, measured: taken.map((one) => costs(one)) };
}
