import { parseArgs } from "node:util";

/** What a run of the fuzzer was asked for. */
export interface FuzzArguments {
	/** Seconds to go on for; Infinity when only `--runs` was given. */
	readonly seconds: number;
	/** Cases to try in all; Infinity when there is no limit. */
	readonly runs: number;
	readonly seed: number;
}

export const USAGE = `usage: fuzz [--seconds N] [--runs N] [--seed N]
  --seconds N  go on for so long (default 60, or without end when --runs is given)
  --runs N     try so many cases
  --seed N     begin with this seed (a whole number from 0 to 2147483647; default: a random one, which is printed)`;

/** Why the arguments can't be used: its message is for the user. */
export class ArgumentError extends Error {}

/** Reads the command line. Throws an `ArgumentError`. */
export function readArguments(args: readonly string[]): FuzzArguments {
	const values = parse(args);
	const runs = wholeNumber(values, "runs", 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
	const seconds =
		wholeNumber(values, "seconds", 1, 31_536_000) ?? (Number.isFinite(runs) ? Number.POSITIVE_INFINITY : 60);
	const seed = wholeNumber(values, "seed", 0, 2 ** 31 - 1) ?? Math.floor(Math.random() * 2 ** 31);
	return { seconds, runs, seed };
}

type Name = "seconds" | "runs" | "seed";
type Values = Partial<Record<Name, string>>;

function parse(args: readonly string[]): Values {
	const option = { type: "string" } as const;
	try {
		return parseArgs({ args: [...args], options: { seconds: option, runs: option, seed: option }, strict: true })
			.values;
	} catch (error) {
		throw new ArgumentError(error instanceof Error ? error.message.split("\n", 1)[0] : String(error));
	}
}

function wholeNumber(values: Values, name: Name, least: number, most: number): number | undefined {
	const text = values[name];
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!/^\d+$/.test(text) || value < least || value > most)
		throw new ArgumentError(`--${name} must be a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
	return value;
}
