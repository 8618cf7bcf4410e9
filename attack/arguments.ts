import { parseArgs } from "node:util";
import { choose, readLine } from "../bench/command.ts";
import { RUNTIMES, type Runtime } from "../bench/runtimes.ts";
import { SERVER_KINDS, type ServerKind } from "./attackers/target.ts";
import { ATTACK_NAMES, type AttackName } from "./attacks/index.ts";

/** What a run is asked to do. */
export interface Settings {
	/** The short form. */
	readonly check: boolean;
	/** Latencies count. */
	readonly timed: boolean;
	readonly runtimes: readonly Runtime[];
	readonly attacks: readonly AttackName[];
	/** null: nothing was said. Then the short form takes them in turn, and the long one takes both. */
	readonly servers: readonly ServerKind[] | null;
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 attack [--check] [--untimed] [--runtime RUNTIME]… [--server SERVER]… [--only ATTACK]…

  --check            a short form of some minutes: smaller attacks, and for each of them one of a runtime's two servers
  --untimed          latencies are printed and do not count: for a machine that does other work
  --runtime RUNTIME  attack this runtime alone: ${RUNTIMES.join(", ")}
  --server SERVER    attack this server alone: ${SERVER_KINDS.join(", ")}
  --only ATTACK      make this attack alone:
                     ${ATTACK_NAMES.join(", ")}
  --help             this text

All but --check, --untimed and --help may be repeated, or be lists with commas.
`;

const OPTIONS = {
	check: { type: "boolean", default: false },
	untimed: { type: "boolean", default: false },
	help: { type: "boolean", default: false },
	runtime: { type: "string", multiple: true },
	server: { type: "string", multiple: true },
	only: { type: "string", multiple: true },
} as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { check, untimed, runtime, server, only, help } = readLine(line, (args) =>
		parseArgs({ args, strict: true, options: OPTIONS }),
	).values;
	if (help) return null;
	return {
		check,
		timed: !untimed,
		runtimes: choose("--runtime", runtime, RUNTIMES) ?? RUNTIMES,
		attacks: choose("--only", only, ATTACK_NAMES) ?? ATTACK_NAMES,
		servers: choose("--server", server, SERVER_KINDS),
	};
}

/** The servers of a runtime that an attack is made against. `place`: a number for the two together. */
export function serversFor({ servers, check }: Settings, place: number): readonly ServerKind[] {
	if (servers !== null) return servers;
	return check ? [SERVER_KINDS[place % SERVER_KINDS.length]!] : SERVER_KINDS;
}
