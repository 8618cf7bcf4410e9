import { canOpenFiles } from "./children.ts";
import { filesFor, measureResting, type Resting } from "./idle.ts";
import type { Comparison, Report } from "./report.ts";
import { type Compared, compare, type Measured } from "./results.ts";
import type { Group } from "./servers.ts";

/** A connection that has had one short message echoed. */
export const USED_ONCE: Pick<Resting, "first" | "traffic" | "messages"> = {
	first: 200,
	traffic: { kind: "text", size: 20, inFlight: 1 },
	messages: 1,
};

/** How many bytes a unit has. */
const UNITS = { bytes: 1, KiB: 1024 } as const;

/** Where and how it is told. */
interface Telling extends Pick<Comparison, "runtime" | "id"> {
	readonly report: Report;
	readonly unit?: keyof typeof UNITS;
	/** Also of the time before any garbage was collected. */
	readonly garbage?: boolean;
}

/** Compares what connections that rest take without garbage, and prints it; null: so many files can't be opened. */
export async function runResting(
	title: string,
	group: Group,
	resting: Resting,
	{ report, runtime, id, unit = "bytes", garbage = false }: Telling,
): Promise<Compared[] | null> {
	const { rounds, connections } = resting;
	const files = filesFor(connections);
	if (!canOpenFiles(files)) {
		report.tell(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
		return null;
	}
	const { opened, settled } = await measureResting(group.contenders, resting);
	const of = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
	const tell = (when: string, ownId: string, measured: readonly Measured[]): Compared[] => {
		const compared = compare(measured, group.references);
		const servers = compared.map((one) => ({ ...one, cost: one.cost / UNITS[unit] }));
		report.compare({ runtime, id: ownId, title: `${title}${when}, ${of}`, unit: `${unit}/connection`, servers });
		return compared;
	};
	if (garbage) tell(", right after opening, with all garbage", `${id}, opened`, opened);
	return tell("", id, settled);
}
