import { BROADCAST_GROUPS } from "./broadcast-servers.ts";
import type { BroadcastCase } from "./cases.ts";
import { canOpenFiles } from "./children.ts";
import { filesFor } from "./idle.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { costs } from "./speed.ts";
import { takeTurns } from "./turns.ts";

/** What a message costs that is published, for each peer that gets it. */
export async function runBroadcast(
	runtime: Runtime,
	{ id, title, size, peers, publishes, marks }: BroadcastCase,
	run: Run,
): Promise<Mark[]> {
	const files = filesFor(peers);
	const { contenders, references, reference } = BROADCAST_GROUPS[runtime];
	let ratio: number | null = null;
	if (canOpenFiles(files)) {
		const broadcast = { size, peers, publishes };
		const opening = (port: number) => ({ ask: "openBroadcast", port, broadcast }) as const;
		const taken = await takeTurns(contenders, opening, run, { openFiles: files, sweep: true });
		const servers = compare(
			taken.map((one) => costs(one)),
			references,
		);
		run.report.compare({ runtime, id, title, unit: "CPU µs/delivery", servers });
		ratio = ownResult(servers).ratio;
	} else
		run.report.tell(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
	const mark = marks[runtime];
	return mark === undefined ? [] : [ratioMark(`${runtime}, ${title}, by ${reference}`, mark, ratio)];
}
