import { parseArgs } from "node:util";
import { choose, readLine } from "../../bench/command.ts";
import { RUNTIMES, type Runtime } from "../../bench/runtimes.ts";

/** What a run is asked to do. */
export interface Settings {
	/** Exit code 1 if it falls short. */
	readonly check: boolean;
	readonly runtimes: readonly Runtime[];
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 drain [--check] [--runtime RUNTIME]…

  --check            exit code 1 if a drain falls short
  --runtime RUNTIME  on this runtime alone: ${RUNTIMES.join(", ")}; may be repeated, or be a list with commas
  --help             this text
`;

const OPTIONS = {
	check: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	runtime: { type: "string", multiple: true },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { values } = readLine(line, (args) => parseArgs({ args, strict: true, options: OPTIONS }));
	const { check, help, runtime } = values;
	return help ? null : { check, runtimes: choose("--runtime", runtime, RUNTIMES) ?? RUNTIMES };
}
