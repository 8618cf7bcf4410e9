import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./repository.ts";

/** How a finished command went. */
export interface Outcome {
	readonly ok: boolean;
	/** What it printed, both streams after one another. */
	readonly output: string;
	readonly stdout: string;
}

/** Runs a command to its end, without input, and keeps what it prints. */
export function run(command: string, args: readonly string[], directory: string = ROOT): Outcome {
	const { status, stdout, stderr, error } = spawnSync(command, args, {
		cwd: directory,
		encoding: "utf8",
		maxBuffer: 64 * 1024 * 1024,
		stdio: ["ignore", "pipe", "pipe"],
		// A tool that hangs must fail.
		timeout: 300_000,
	});
	if (error !== undefined) return { ok: false, output: `${command}: ${error.message}\n`, stdout: "" };
	return { ok: status === 0, output: stdout + stderr, stdout };
}

/** Runs a tool from npm under the very Node that runs this script, whatever Node a shell would find. */
export function runTool(tool: string, args: readonly string[], directory: string = ROOT): Outcome {
	return run(process.execPath, [toolPath(tool), ...args], directory);
}

/** The JavaScript file behind `package` or `package:command`. */
export function toolPath(tool: string): string {
	const [name = tool, command = name] = tool.split(":");
	const folder = join(ROOT, "node_modules", name);
	const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { bin: Record<string, string> };
	const file = bin[command];
	if (file === undefined) throw new Error(`${name} has no command ${command}`);
	return join(folder, file);
}

/** Runs the pnpm that started this script, or the pinned one when another program did. */
export function runPnpm(args: readonly string[], directory: string = ROOT): Outcome {
	const { npm_execpath: starter } = process.env;
	if (starter?.includes("pnpm") === true) return run(starter, args, directory);
	const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { packageManager: string };
	return run("npx", ["--yes", packageManager, ...args], directory);
}
