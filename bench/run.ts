import type { Settings } from "./arguments.ts";
import { IDLE, IDLE_MARKS, SLOW, SLOW_MARK, SPEED_CASES, type SpeedCase } from "./cases.ts";
import { canOpenFiles } from "./children.ts";
import { filesFor, measureIdle } from "./idle.ts";
import type { Mark } from "./marks.ts";
import { type Compared, compare, ownResult } from "./results.ts";
import type { Runtime } from "./runtimes.ts";
import { GROUPS } from "./servers.ts";
import { measureSlow } from "./slow.ts";
import { measureSpeed } from "./speed.ts";
import { formatComparison, formatSlow, mebibytes } from "./table.ts";

/** Measures on one runtime what the settings ask for, prints what was found, and gives the marks. */
export async function runOn(runtime: Runtime, settings: Settings): Promise<Mark[]> {
	const { cases } = settings;
	const marks: Mark[] = [];
	for (const speedCase of SPEED_CASES) {
		if (cases.includes(speedCase.id)) marks.push(...(await runSpeed(runtime, speedCase, settings)));
	}
	if (cases.includes(IDLE)) marks.push(...(await runIdle(runtime, settings)));
	if (cases.includes(SLOW)) marks.push(...(await runSlow(runtime, settings)));
	return marks;
}

async function runSpeed(runtime: Runtime, speedCase: SpeedCase, settings: Settings): Promise<Mark[]> {
	const { contenders, references, reference } = GROUPS[runtime];
	const { title, mark } = speedCase;
	const compared = compare(await measureSpeed(contenders, speedCase, settings), references);
	console.log(formatComparison(title, "CPU µs/message", compared));
	// How fast a runtime's own server is says how much of it is C++ or Rust: only ws is written in what we are written in.
	if (mark === null || runtime !== "node") return [];
	return [ratioMark(`${runtime}, ${title}, by ${reference}`, mark, ownResult(compared).ratio)];
}

async function runIdle(runtime: Runtime, settings: Settings): Promise<Mark[]> {
	const { idleConnections, idleRounds } = settings;
	const { contenders, references, reference } = GROUPS[runtime];
	const title = `${idleConnections} idle connections`;
	let own: Compared | null = null;
	if (canOpenFiles(filesFor(idleConnections))) {
		const compared = compare(await measureIdle(contenders, settings), references);
		const rounds = `${idleRounds} ${idleRounds === 1 ? "round" : "rounds"}`;
		console.log(formatComparison(`${title}, ${rounds}`, "octets/connection", compared));
		own = ownResult(compared);
	} else {
		const files = filesFor(idleConnections);
		console.log(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
	}
	const { ratio, octets } = IDLE_MARKS[runtime];
	const marks: Mark[] = [];
	if (ratio !== null) marks.push(ratioMark(`${runtime}, ${title}, by ${reference}`, ratio, own?.ratio ?? null));
	if (octets !== null) {
		const format = (value: number): string => value.toFixed(0);
		marks.push({
			title: `${runtime}, ${title}, octets each`,
			atMost: octets,
			measured: own?.cost ?? null,
			format,
		});
	}
	return marks;
}

async function runSlow(runtime: Runtime, settings: Settings): Promise<Mark[]> {
	const results = await measureSlow(runtime, settings);
	console.log(formatSlow(`${settings.slowCount} MiB in messages of 1 MiB, through a slow reader`, results));
	return results.map(({ title, growth }) => ({
		title: `${runtime}, slow ${title}, MiB`,
		atMost: SLOW_MARK,
		measured: growth,
		format: mebibytes,
	}));
}

function ratioMark(title: string, atMost: number, measured: number | null): Mark {
	return { title, atMost, measured, format: (value) => value.toFixed(value === atMost ? 2 : 3) };
}
