// What the command lines of the bench, of the attacks and of the soak have in common.
import { endChildren } from "./children.ts";

/** It failed itself, or was not understood; what is measured and falls short is 1. */
const EXIT_FAILED = 2;
const EXIT_INTERRUPTED = 130;

/** The command line was not understood. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** A program that measures with processes of its own. */
export interface Command<Settings> {
	readonly name: string;
	readonly usage: string;
	/** Reads the command line; null: it asks for the usage. Throws a `UsageError` that names what is wrong. */
	read(line: readonly string[]): Settings | null;
	/** Resolves with the exit code. */
	run(settings: Settings): Promise<number>;
}

/** Runs the program, ends with its exit code, and leaves no process of it behind. */
export async function runCommand<Settings>(command: Command<Settings>): Promise<never> {
	process.on("exit", endChildren);
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => process.exit(EXIT_INTERRUPTED));
	process.exit(await exitCode(command));
}

async function exitCode<Settings>({ name, usage, read, run }: Command<Settings>): Promise<number> {
	try {
		const settings = read(process.argv.slice(2));
		if (settings === null) {
			console.log(usage);
			return 0;
		}
		if (process.platform !== "linux") throw new Error("this reads of its processes in /proc, which only Linux has");
		return await run(settings);
	} catch (error) {
		console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
		if (error instanceof UsageError) console.error(`\n${usage}`);
		return EXIT_FAILED;
	}
}

/** Has `parse` read the arguments, and throws a `UsageError` for what it throws. */
export function readLine<Parsed>(line: readonly string[], parse: (args: string[]) => Parsed): Parsed {
	try {
		// Some runners of scripts hand the `--` that ends their own options on.
		return parse(line[0] === "--" ? line.slice(1) : [...line]);
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : String(error));
	}
}

/** Those that were asked for, in their own order; null: nothing was said. `isMeant`: whether a word stands for one of them. */
export function choose<T extends string>(
	option: string,
	lists: readonly string[] | undefined,
	known: readonly T[],
	isMeant: (one: T, wanted: string) => boolean = (one, wanted) => one === wanted,
): readonly T[] | null {
	if (lists === undefined) return null;
	const wanted = lists.flatMap((list) => list.split(","));
	const unknown = wanted.find((each) => !known.some((one) => isMeant(one, each)));
	if (unknown !== undefined) throw new UsageError(`${option} ${unknown}: there are ${known.join(", ")}`);
	return known.filter((one) => wanted.some((each) => isMeant(one, each)));
}
