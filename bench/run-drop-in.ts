import { DROP_IN_CASES, DROP_IN_IDLE, DROP_IN_MARK, DROP_IN_OPENINGS } from "./cases.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { compare, ownResult } from "./results.ts";
import { measureOpenings } from "./run-openings.ts";
import { runResting, USED_ONCE } from "./run-resting.ts";
import { DROP_IN, DROP_IN_GROUP } from "./servers.ts";
import { measureSpeed } from "./speed.ts";

const { contenders, references, reference } = DROP_IN_GROUP;

/** Measures a program of ws on ws and, unchanged, on `@barewire/ws`. */
export async function runDropIn(run: Run): Promise<Mark[]> {
	const { cases } = run;
	const marks: Mark[] = [];
	for (const dropInCase of DROP_IN_CASES) {
		if (!cases.includes(dropInCase.id)) continue;
		const { id, title, mark } = dropInCase;
		const servers = compare(await measureSpeed(contenders, dropInCase, run), references);
		run.report.compare({ runtime: "node", id, title, unit: "CPU µs/message", servers });
		marks.push(ratioMark(`${title}, by ${reference}`, mark, ownResult(servers, DROP_IN).ratio));
	}
	if (cases.includes(DROP_IN_IDLE)) marks.push(await runIdle(run));
	if (cases.includes(DROP_IN_OPENINGS)) marks.push(await runOpenings(run));
	return marks;
}

async function runIdle({ idleRounds: rounds, idleConnections: connections, report }: Run): Promise<Mark> {
	const title = `A program of ws, ${connections} idle connections`;
	const telling = { report, runtime: "node", id: DROP_IN_IDLE } as const;
	const compared = await runResting(title, DROP_IN_GROUP, { ...USED_ONCE, rounds, connections }, telling);
	const ratio = compared === null ? null : ownResult(compared, DROP_IN).ratio;
	return ratioMark(`${title}, by ${reference}`, DROP_IN_MARK, ratio);
}

async function runOpenings(run: Run): Promise<Mark> {
	const { title, measured } = await measureOpenings(contenders, run);
	const ownTitle = `A program of ws, ${title}`;
	const servers = compare(measured, references);
	run.report.compare({ runtime: "node", id: DROP_IN_OPENINGS, title: ownTitle, unit: "CPU µs/connection", servers });
	return ratioMark(`${ownTitle}, by ${reference}`, DROP_IN_MARK, ownResult(servers, DROP_IN).ratio);
}
