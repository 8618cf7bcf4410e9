import { parseArgs } from "node:util";
import { CASE_IDS, isMeant, MESSAGES_PER_SECOND } from "./cases.ts";
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
	/** MiB of the message that streams through a server. */
	readonly streamMebibytes: number;
	readonly contextConnections: number;
	/** How long a server's memory is watched at the most, and by how many messages. */
	readonly creepSeconds: number;
}

const FULL = {
	rounds: 7,
	roundLength: 400,
	warmUp: 1000,
	idleRounds: 3,
	idleConnections: 10_000,
	slowCount: 1024,
	streamMebibytes: 4096,
	contextConnections: 1000,
	creepSeconds: 120,
};
const QUICK: typeof FULL = {
	rounds: 5,
	roundLength: 150,
	warmUp: 400,
	idleRounds: 1,
	idleConnections: 2000,
	slowCount: 128,
	streamMebibytes: 256,
	contextConnections: 200,
	creepSeconds: 15,
};

export const USAGE = `Usage: npx --yes pnpm@12.21.0 bench [--quick] [--marks] [--runtime RUNTIME]… [--only CASE]…

  --quick            a short run, for a first look
  --marks            exit with 1 when a mark is missed
  --runtime RUNTIME  measure on this runtime alone: ${RUNTIMES.join(", ")}
  --only CASE        measure this case alone.
                     A size stands for both numbers in flight: 20B is 20Bx1 and 20Bx32; and compression for
                     all that begin with it.
                     Cases: ${CASE_IDS.join(", ")}
  --creep-seconds N  how long the case creep has on a runtime for its N × ${MESSAGES_PER_SECOND} messages;
                     ${FULL.creepSeconds}, or ${QUICK.creepSeconds} with --quick, when nothing is said
  --help             this text

--runtime and --only may be repeated, or be lists with commas.
`;

export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	// Some runners of scripts hand the `--` that ends their own options on.
	const { values } = parse(line[0] === "--" ? line.slice(1) : line);
	if (values.help) return null;
	const length = values.quick ? QUICK : FULL;
	return {
		cases: choose("--only", "case", values.only, CASE_IDS, isMeant),
		runtimes: choose("--runtime", "runtime", values.runtime, RUNTIMES, (runtime, wanted) => runtime === wanted),
		marks: values.marks,
		...length,
		creepSeconds: seconds(values["creep-seconds"]) ?? length.creepSeconds,
	};
}

function seconds(given: string | undefined): number | null {
	if (given === undefined) return null;
	if (/^[1-9]\d*$/.test(given)) return Number(given);
	throw new UsageError(`--creep-seconds ${given}: it takes a whole number of seconds`);
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
				"creep-seconds": { type: "string" },
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
