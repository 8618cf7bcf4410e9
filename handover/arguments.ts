import { parseArgs } from "node:util";
import { readLine, UsageError } from "../bench/command.ts";
import type { Kind } from "./plan.ts";

/** What a run is asked to do. */
export interface Settings {
	readonly check: boolean;
	/** How many connections of each kind. */
	readonly connections: Readonly<Record<Kind, number>>;
	/** How many messages each of them sends, and gets. */
	readonly messages: Readonly<Record<Kind, number>>;
	/** How often each connection moves. */
	readonly moves: number;
}

export const USAGE = `Usage: npx --yes pnpm@12.21.0 handover [--check]

  --check   24 connections in place of 100, and fewer messages
  --help    this text
`;

const OPTIONS = { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } } as const;

/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
export function readArguments(line: readonly string[]): Settings | null {
	const { values, positionals } = readLine(line, (args) =>
		parseArgs({ args, strict: true, allowPositionals: true, options: OPTIONS }),
	);
	if (values.help) return null;
	if (positionals.length > 0) throw new UsageError(`${positionals[0]}: it takes options alone`);
	return values.check
		? {
				check: true,
				connections: { fast: 16, slow: 4, unreading: 4 },
				messages: { fast: 2000, slow: 400, unreading: 420 },
				moves: 20,
			}
		: {
				check: false,
				connections: { fast: 84, slow: 10, unreading: 6 },
				messages: { fast: 6500, slow: 1000, unreading: 420 },
				moves: 20,
			};
}
