import { join } from "node:path";
import { Program } from "./program.ts";

/** The runtimes that we run on. */
export const RUNTIMES = ["node", "deno", "bun"] as const;

export type Runtime = (typeof RUNTIMES)[number];
export type Role = "client" | "server";

const BIN = join(import.meta.dirname, "../../node_modules/.bin");

export const COMMANDS: Record<Runtime, readonly [command: string, ...args: string[]]> = {
	node: [process.execPath, "--conditions=source"],
	deno: [join(BIN, "deno"), "run", "--quiet", "--allow-all", "--no-check", "--conditions=source"],
	bun: [join(BIN, "bun"), "--conditions=source"],
};

/** Starts a file of this folder on a runtime. */
export function startOn(runtime: Runtime, file: string, args: readonly string[] = []): Program {
	const [command, ...options] = COMMANDS[runtime];
	return new Program(command, [...options, join(import.meta.dirname, file), ...args]);
}

/** Our own client or server. */
export function startSubject(runtime: Runtime, role: Role): Program {
	return startOn(runtime, `subjects/${runtime}.ts`, [role]);
}
