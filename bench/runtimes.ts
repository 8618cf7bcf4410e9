import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const RUNTIMES = ["node", "deno", "bun"] as const;

export type Runtime = (typeof RUNTIMES)[number];

interface Executable {
	readonly title: string;
	/** The program itself: what npm puts into node_modules/.bin is a script that starts it as a process of its own. */
	readonly path: string;
	/** What it is told besides the program that it runs. `control` is loaded before that. */
	options(control: string): readonly string[];
	/** The file in peers/ that collects this engine's garbage. */
	readonly control: string;
}

const EXECUTABLES: Readonly<Record<Runtime, Executable>> = {
	node: {
		title: "Node",
		path: process.execPath,
		options: (control) => ["--conditions=source", "--expose-gc", "--import", control],
		control: "control-node.ts",
	},
	deno: {
		title: "Deno",
		path: path("../node_modules/deno/deno"),
		options: (control) =>
			"run --quiet --allow-all --no-check --conditions=source --v8-flags=--expose-gc --preload"
				.split(" ")
				.concat(control),
		control: "control-deno.ts",
	},
	bun: {
		title: "Bun",
		path: path("../node_modules/bun/bin/bun.exe"),
		options: (control) => ["--conditions=source", "--preload", control],
		control: "control-bun.ts",
	},
};

/** The command that runs a server on a runtime, with the bench's control loaded before it. */
export function serverCommand(runtime: Runtime, program: string): readonly string[] {
	const { title, path: executable, options, control } = EXECUTABLES[runtime];
	if (!existsSync(executable)) throw new Error(`there is no ${title} at ${executable}: install the dependencies first`);
	return [executable, ...options(path(`./peers/${control}`)), program];
}

/** "Deno 2.9.6" */
export function versionOf(runtime: Runtime): string {
	const { title, path: executable } = EXECUTABLES[runtime];
	const { stdout, error } = spawnSync(executable, ["--version"], { encoding: "utf8" });
	const version = /\d+\.\d+\.\d+/.exec(stdout ?? "")?.[0];
	if (version === undefined) throw new Error(`${title} does not tell its version: ${error?.message ?? stdout}`);
	return `${title} ${version}`;
}

function path(relative: string): string {
	return fileURLToPath(new URL(relative, import.meta.url));
}
