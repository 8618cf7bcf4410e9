import { canOpenFiles } from "./children.ts";
import { filesFor, measureResting, type Resting } from "./idle.ts";
import { type Compared, compare, type Measured } from "./results.ts";
import type { Group } from "./servers.ts";
import { formatComparison } from "./table.ts";

/** A connection that has had one short message echoed. */
export const USED_ONCE: Pick<Resting, "first" | "traffic" | "messages"> = {
	first: 200,
	traffic: { kind: "text", size: 20, inFlight: 1 },
	messages: 1,
};

/** How many bytes a unit has. */
const UNITS = { bytes: 1, KiB: 1024 } as const;

/** How much is told. */
interface Telling {
	readonly unit?: keyof typeof UNITS;
	/** Also of the time before any garbage was collected. */
	readonly garbage?: boolean;
}

/** Compares what connections that rest take without garbage, and prints it; null: so many files can't be opened. */
export async function runResting(
	title: string,
	group: Group,
	resting: Resting,
	{ unit = "bytes", garbage = false }: Telling = {},
): Promise<Compared[] | null> {
	const { rounds, connections } = resting;
	const files = filesFor(connections);
	if (!canOpenFiles(files)) {
		console.log(`${title}: left out. It takes ${files} open files in a process; raise the limit (ulimit -Hn).\n`);
		return null;
	}
	const { opened, settled } = await measureResting(group.contenders, resting);
	const of = `${rounds} ${rounds === 1 ? "round" : "rounds"}`;
	const told = (when: string, measured: readonly Measured[]): Compared[] => {
		const compared = compare(measured, group.references);
		const shown = compared.map((one) => ({ ...one, cost: one.cost / UNITS[unit] }));
		console.log(formatComparison(`${title}${when}, ${of}`, `${unit}/connection`, shown));
		return compared;
	};
	if (garbage) told(", right after opening, with all garbage", opened);
	return told("", settled);
}
