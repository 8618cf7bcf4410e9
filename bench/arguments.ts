import { parseArgs } from "node:util";
import { CASE_IDS } from "./cases.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";

/** What a run of the bench is asked to do. */
export interface Settings {
	/** The ids of the cases to measure, in the bench's own order. */
	readonly cases: readonly string[];
	/** In the bench's own order. */
	readonly runtimes: readonly Runtime[];
	/** Exit with 1 when a mark is missed. */
	readonly marks: boolean;
	readonly rounds: number;
	/** How long each server is under load in a round, in milliseconds. */
	readonly roundLength: number;
	/** The same before the first round, to let the servers be compiled; not counted. */
	readonly warmUp: number;
	readonly idleRounds: number;
	readonly idleConnections: number;
	/** Messages in a transfer with a slow reader. */
	readonly slowCount: number;
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 bench [--quick] [--marks] [--runtime RUNTIME]… [--only CASE]…

  --quick            a short run, for a first look
  --marks            exit with 1 when a mark is missed
  --runtime RUNTIME  measure on this runtime alone: ${RUNTIMES.join(", ")}
  --only CASE        measure this case alone.
                     A size stands for both numbers in flight: 20B is 20Bx1 and 20Bx32.
                     Cases: ${CASE_IDS.join(", ")}
  --help             this text

--runtime and --only may be repeated, or be lists with commas.
`;

const FULL = { rounds: 7, roundLength: 400, warmUp: 1000, idleRounds: 3, idleConnections: 10_000, slowCount: 1024 };
const QUICK = { rounds: 5, roundLength: 150, warmUp: 400, idleRounds: 1, idleConnections: 2000, slowCount: 128 };

export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	// Some runners of scripts hand the `--` that ends their own options on.
	const { values } = parse(line[0] === "--" ? line.slice(1) : line);
	if (values.help) return null;
	return {
		cases: choose(
			"--only",
			"case",
			values.only,
			CASE_IDS,
			(id, wanted) => id === wanted || id.split("x")[0] === wanted,
		),
		runtimes: choose("--runtime", "runtime", values.runtime, RUNTIMES, (runtime, wanted) => runtime === wanted),
		marks: values.marks,
		...(values.quick ? QUICK : FULL),
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			strict: true,
			options: {
				quick: { type: "boolean", default: false },
				marks: { type: "boolean", default: false },
				help: { type: "boolean", default: false },
				runtime: { type: "string", multiple: true },
				only: { type: "string", multiple: true },
			},
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

/** Those that were asked for, in their own order; all of them when none was. */
function choose<T extends string>(
	option: string,
	what: string,
	lists: readonly string[] | undefined,
	known: readonly T[],
	isMeant: (one: T, wanted: string) => boolean,
): readonly T[] {
	if (lists === undefined) return known;
	const chosen = new Set<T>();
	for (const wanted of lists.flatMap((list) => list.split(","))) {
		const matches = known.filter((one) => isMeant(one, wanted));
		if (matches.length === 0)
			throw new UsageError(`${option} ${wanted}: there is no such ${what}. There are ${known.join(", ")}`);
		for (const match of matches) chosen.add(match);
	}
	return known.filter((one) => chosen.has(one));
}
