import { parseArgs } from "node:util";
import { CASE_IDS, isMeant, MESSAGES_PER_SECOND } from "./cases.ts";
import { choose, readLine, UsageError } from "./command.ts";
import { RUNTIMES, type Runtime } from "./runtimes.ts";

/** What a run of the bench is asked to do. */
export interface Settings {
	/** The ids of the cases to measure, in the bench's own order. */
	readonly cases: readonly string[];
	/** In the bench's own order. */
	readonly runtimes: readonly Runtime[];
	/** Exit with 1 when a mark is missed. */
	readonly marks: boolean;
	/** Write what was found into files. */
	readonly write: boolean;
	/** The command line itself. */
	readonly options: readonly string[];
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

export const USAGE = `Usage: npx --yes pnpm@12.21.0 bench [--quick] [--marks] [--write] [--runtime RUNTIME]… [--only CASE]…

  --quick            a short run, for a first look
  --marks            exit with 1 when a mark is missed
  --write            write bench/RESULTS.md and bench/RESULTS.json; pnpm bench:draw makes a picture of them
  --runtime RUNTIME  measure on this runtime alone: ${RUNTIMES.join(", ")}
  --only CASE        measure this case alone.
                     A size stands for both numbers in flight: 20B is 20Bx1 and 20Bx32; and what comes
                     before a colon, such as http, for all that begin with it.
                     Cases: ${CASE_IDS.join(", ")}
  --creep-seconds N  how long the case creep has on a runtime for its N × ${MESSAGES_PER_SECOND} messages;
                     ${FULL.creepSeconds}, or ${QUICK.creepSeconds} with --quick, when nothing is said
  --help             this text

--runtime and --only may be repeated, or be lists with commas.
`;

const OPTIONS = {
	quick: { type: "boolean", default: false },
	marks: { type: "boolean", default: false },
	write: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	runtime: { type: "string", multiple: true },
	only: { type: "string", multiple: true },
	"creep-seconds": { type: "string" },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { values } = readLine(line, (args) => parseArgs({ args, strict: true, options: OPTIONS }));
	if (values.help) return null;
	const length = values.quick ? QUICK : FULL;
	return {
		cases: choose("--only", values.only, CASE_IDS, isMeant) ?? CASE_IDS,
		runtimes: choose("--runtime", values.runtime, RUNTIMES) ?? RUNTIMES,
		marks: values.marks,
		write: values.write,
		options: line.filter((option) => option !== "--"),
		...length,
		creepSeconds: seconds(values["creep-seconds"]) ?? length.creepSeconds,
	};
}

function seconds(given: string | undefined): number | null {
	if (given === undefined) return null;
	if (/^[1-9]\d*$/.test(given)) return Number(given);
	throw new UsageError(`--creep-seconds ${given}: it takes a whole number of seconds`);
}
