import { parseArgs } from "node:util";
import { CASE_IDS, IDLE } from "./cases.ts";

/** What a run of the bench is asked to do. */
export interface Settings {
	/** The ids of the cases to measure, in the bench's own order. */
	readonly cases: readonly string[];
	/** Exit with 1 when a mark is missed. */
	readonly marks: boolean;
	readonly rounds: number;
	/** How long each server is under load in a round, in milliseconds. */
	readonly roundLength: number;
	/** The same before the first round, to let the servers be compiled; not counted. */
	readonly warmUp: number;
	readonly idleRounds: number;
	readonly idleConnections: number;
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 bench [--quick] [--marks] [--only CASE]…

  --quick      a short run, for a first look
  --marks      exit with 1 when a mark is missed
  --only CASE  measure this case alone; may be repeated, or be a list with commas.
               A size stands for both numbers in flight: 20B is 20Bx1 and 20Bx32.
               Cases: ${CASE_IDS.join(", ")}
  --help       this text
`;

const FULL = { rounds: 7, roundLength: 400, warmUp: 1000, idleRounds: 3, idleConnections: 10_000 };
const QUICK = { rounds: 5, roundLength: 150, warmUp: 400, idleRounds: 1, idleConnections: 2000 };

export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	// Some runners of scripts hand the `--` that ends their own options on.
	const { values } = parse(line[0] === "--" ? line.slice(1) : line);
	if (values.help) return null;
	const asked = (values.only ?? []).flatMap((list) => list.split(","));
	const cases = asked.length === 0 ? CASE_IDS : chooseCases(asked);
	return { cases, marks: values.marks, ...(values.quick ? QUICK : FULL) };
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
				only: { type: "string", multiple: true },
			},
		});
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

function chooseCases(asked: readonly string[]): string[] {
	const chosen = new Set<string>();
	for (const wanted of asked) {
		const matches = CASE_IDS.filter((id) => id === wanted || (id !== IDLE && id.split("x")[0] === wanted));
		if (matches.length === 0) {
			throw new UsageError(
				`--only ${wanted}: there is no such case. There are ${CASE_IDS.join(", ")}, and sizes alone`,
			);
		}
		for (const id of matches) chosen.add(id);
	}
	return CASE_IDS.filter((id) => chosen.has(id));
}
