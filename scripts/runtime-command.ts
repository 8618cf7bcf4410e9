import { join } from "node:path";
import { ROOT } from "./repository.ts";

export const RUNTIMES = ["node", "deno", "bun"] as const;

export type RuntimeName = (typeof RUNTIMES)[number];

/** The pinned runtimes, each with what it takes to run a file: a program and its first arguments. */
const COMMANDS: Readonly<Record<RuntimeName, readonly [string, ...string[]]>> = {
	node: [process.execPath],
	deno: [join(ROOT, "node_modules/.bin/deno"), "run", "-A", "--no-check", "--quiet"],
	bun: [join(ROOT, "node_modules/.bin/bun")],
};

/** How to run a file on a runtime. */
export function runtimeCommand(runtime: RuntimeName, file: string): { command: string; args: string[] } {
	const [command, ...args] = COMMANDS[runtime];
	return { command, args: [...args, file] };
}
