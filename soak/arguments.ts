import { parseArgs } from "node:util";
import { choose, readLine, UsageError } from "../bench/command.ts";
import { RUNTIMES, type Runtime } from "../bench/runtimes.ts";

/** What a run is asked to do. */
export interface Settings {
	/** How long clients come and go, in minutes; null: they don't, the faults are made instead. */
	readonly minutes: number | null;
	/** The short form of the faults. */
	readonly check: boolean;
	readonly runtimes: readonly Runtime[];
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 soak MINUTES [--runtime RUNTIME]…
       npx --yes pnpm@12.21.0 soak --faults [--check] [--runtime RUNTIME]…

  MINUTES            clients come and go on all runtimes at once for so long; 1 is a quick check
  --faults           broken, slow and silent links in their place
  --check            shorter waits and smaller transfers
  --runtime RUNTIME  on this runtime alone: ${RUNTIMES.join(", ")}; may be repeated, or be a list with commas
  --help             this text
`;

const OPTIONS = {
	faults: { type: "boolean", default: false },
	check: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	runtime: { type: "string", multiple: true },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { values, positionals } = readLine(line, (args) =>
		parseArgs({ args, strict: true, allowPositionals: true, options: OPTIONS }),
	);
	const { faults, check, help, runtime } = values;
	if (help) return null;
	const runtimes = choose("--runtime", runtime, RUNTIMES) ?? RUNTIMES;
	if (faults) {
		if (positionals.length > 0) throw new UsageError(`${positionals[0]}: the faults take as long as they take`);
		return { minutes: null, check, runtimes };
	}
	if (check) throw new UsageError("--check is for --faults; of a soak, 1 minute is the short form");
	return { minutes: minutesIn(positionals), check, runtimes };
}

function minutesIn(given: readonly string[]): number {
	if (given.length === 0) throw new UsageError("it takes the number of minutes, or --faults");
	const minutes = Number(given[0]);
	if (given.length > 1 || !(minutes > 0 && minutes < Number.POSITIVE_INFINITY))
		throw new UsageError(`${given.join(" ")}: it takes one number of minutes`);
	return minutes;
}
