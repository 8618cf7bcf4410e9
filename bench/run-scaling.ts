import { CROWDED_MARK, GROWTH_MARK } from "./cases.ts";
import { canOpenFiles } from "./children.ts";
import { filesFor } from "./idle.ts";
import { type Mark, ratioMark } from "./marks.ts";
import type { Run } from "./report.ts";
import { median } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { growths, type Level, measureScaling, type Scaled } from "./scaling.ts";
import { BAREWIRE, GROUPS, isFloor } from "./servers.ts";
import { formatScaling } from "./table.ts";

const FEW = 10;
const SOME = 1000;
/** Which of the levels has many connections of which few are active, and which has all of them active. */
const CROWDED = 2;
const ALL = 3;

/** What a message costs with few connections and with many. */
export async function runScaling(runtime: Runtime, run: Run): Promise<Mark[]> {
	const { contenders, references } = GROUPS[runtime];
	const servers = contenders.filter((one) => one.name === BAREWIRE || references.includes(one.name) || isFloor(one));
	const many = run.idleConnections;
	const levels: readonly Level[] = [
		{ connections: FEW, active: FEW },
		{ connections: SOME, active: SOME },
		{ connections: many, active: FEW },
		{ connections: many, active: many },
	];
	const title = `20 B text on ${FEW} connections to ${many}, ${FEW} messages in flight`;
	const files = filesFor(many);
	let scaled: readonly Scaled[] | null = null;
	if (canOpenFiles(files)) {
		scaled = await measureScaling(servers, levels, { ...run, rounds: run.idleRounds });
		run.report.tell(formatScaling(title, levels, scaled));
	} else
		run.report.tell(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
	const own = scaled?.find(({ name }) => name === BAREWIRE);
	const floor = scaled?.find(isFloor);
	const crowded = own === undefined ? null : median(growths(own, CROWDED));
	const beside =
		own === undefined || floor === undefined ? null : median(quotients(growths(own, ALL), growths(floor, ALL)));
	return [
		ratioMark(`${runtime}, cost with ${FEW} of ${many} active, by ${FEW} alone`, CROWDED_MARK, crowded),
		ratioMark(`${runtime}, growth of cost to ${many} active, by the floor's`, GROWTH_MARK, beside),
	];
}

function quotients(dividends: readonly number[], divisors: readonly number[]): number[] {
	return dividends.map((dividend, i) => dividend / divisors[i]!);
}
