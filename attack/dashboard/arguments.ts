import { parseArgs } from "node:util";
import { choose, readLine, UsageError } from "../../bench/command.ts";
import { RUNTIMES, type Runtime } from "../../bench/runtimes.ts";
import type { SlowPolicy } from "../../packages/endpoint/src/index.ts";

export const POLICIES = ["latest", "wait", "drop", "disconnect"] as const satisfies readonly SlowPolicy[];

/** What a run is asked to do. */
export interface Settings {
	/** Latencies count. */
	readonly timed: boolean;
	readonly runtimes: readonly Runtime[];
	readonly policies: readonly SlowPolicy[];
	/** A tenth of them is slow, and a tenth never reads. */
	readonly subscribers: number;
	/** How long is measured without slow subscribers, and then as long with them. */
	readonly seconds: number;
	/** How long everything runs before that: engines have compiled nothing yet. */
	readonly warmUp: number;
}

const LONG = { seconds: 10, warmUp: 10 };
const SHORT: typeof LONG = { seconds: 2, warmUp: 3 };
const SUBSCRIBERS = 500;
const MOST_SECONDS = 3600;
const MOST_SUBSCRIBERS = 10_000;

export const USAGE = `Usage: npx --yes pnpm@12.21.0 dashboard [--check] [--untimed] [--runtime RUNTIME]… [--policy POLICY]… [--seconds SECONDS] [--subscribers NUMBER]

  --check               a short form, of about three minutes
  --untimed             latencies are printed and do not count: for a machine that does other work
  --runtime RUNTIME     this runtime alone: ${RUNTIMES.join(", ")}
  --policy POLICY       this policy alone: ${POLICIES.join(", ")}
  --seconds SECONDS     measure so long without slow subscribers, and as long with them; default ${LONG.seconds}, with --check ${SHORT.seconds}
  --subscribers NUMBER  how many there are; default ${SUBSCRIBERS}: for a machine that is slower, or busy
  --help                this text

--runtime and --policy may be repeated, or be lists with commas.
`;

const OPTIONS = {
	check: { type: "boolean", default: false },
	untimed: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	runtime: { type: "string", multiple: true },
	policy: { type: "string", multiple: true },
	seconds: { type: "string" },
	subscribers: { type: "string" },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { check, untimed, help, runtime, policy, seconds, subscribers } = readLine(line, (args) =>
		parseArgs({ args, strict: true, options: OPTIONS }),
	).values;
	if (help) return null;
	const times = check ? SHORT : LONG;
	return {
		timed: !untimed,
		runtimes: choose("--runtime", runtime, RUNTIMES) ?? RUNTIMES,
		policies: choose("--policy", policy, POLICIES) ?? POLICIES,
		subscribers: readNumber("--subscribers", subscribers, SUBSCRIBERS, 10, MOST_SUBSCRIBERS),
		seconds: readNumber("--seconds", seconds, times.seconds, 1, MOST_SECONDS),
		warmUp: times.warmUp,
	};
}

function readNumber(option: string, text: string | undefined, otherwise: number, least: number, most: number): number {
	if (text === undefined) return otherwise;
	const number = Number(text);
	if (number >= least && number <= most) return number;
	throw new UsageError(`${option} ${text}: a number from ${least} to ${most}`);
}
