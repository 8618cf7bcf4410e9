import { readFileSync } from "node:fs";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import { type Runtime, versionOf } from "./runtimes.ts";

/** Where and by what something was measured. */
export interface Machine {
	/** "2026-01-31" */
	readonly date: string;
	readonly processor: string;
	readonly processors: number;
	readonly memory: string;
	readonly system: string;
	/** "Node 24.21.0", "ws 8.23.0" */
	readonly versions: readonly string[];
}

/** The packages that are measured beside the runtimes' own. */
const PACKAGES = ["ws", "bufferutil", "utf-8-validate", "websocket-driver", "crossws"];

/** This machine, now. */
export function thisMachine(runtimes: readonly Runtime[]): Machine {
	return {
		date: new Date().toISOString().slice(0, 10),
		processor: cpus()[0]?.model.trim() ?? "unknown",
		processors: availableParallelism(),
		memory: `${(totalmem() / 1024 ** 3).toFixed(0)} GiB`,
		system: `Linux ${release()}`,
		versions: [...runtimes.map(versionOf), ...packageVersions()],
	};
}

function packageVersions(): string[] {
	const { dependencies } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as {
		dependencies: Readonly<Record<string, string>>;
	};
	return PACKAGES.map((name) => `${name} ${dependencies[name]}`);
}
