import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, toolPath } from "../command.ts";
import { ROOT } from "../repository.ts";
import { RUNTIMES, type RuntimeName, runtimeCommand } from "../runtime-command.ts";
import { type Checked, checked } from "./checked.ts";
import type { PackedPackage } from "./pack.ts";
import { compiles, type TypesName } from "./types.ts";

/** A program of scripts/consumers. */
interface Consumer {
	readonly source: string;
	/** The adapter that stands in the place of transport-node. */
	readonly adapter?: string;
	readonly types: readonly TypesName[];
	readonly runtimes: readonly RuntimeName[];
}

const CONSUMERS: readonly Consumer[] = [
	{ source: "conversation", types: ["none", "deno"], runtimes: RUNTIMES },
	{ source: "layers", types: ["none", "deno"], runtimes: RUNTIMES },
	{ source: "memory", types: ["node", "dom", "deno", "bun"], runtimes: RUNTIMES },
	{ source: "web", types: ["node", "dom", "deno", "bun"], runtimes: RUNTIMES },
	...RUNTIMES.map(
		(runtime): Consumer => ({
			source: "sockets",
			adapter: `@barewire/transport-${runtime}`,
			types: [runtime],
			runtimes: [runtime],
		}),
	),
];

/** Imports, requires, type-checks and runs the installed packages on each runtime they are for. */
export function checkConsumers(packed: readonly PackedPackage[], project: string): Checked[] {
	return [
		...loads(packed, project),
		...bundles(packed, project),
		...CONSUMERS.flatMap((consumer) => uses(consumer, project)),
	];
}

function loads(packed: readonly PackedPackage[], project: string): Checked[] {
	return packed.flatMap(({ name, entries, isCommonJs }) =>
		entries.map(({ subpath }) => {
			const module = `${name}${subpath.slice(1)}`;
			const program = isCommonJs
				? sameDefault(module)
				: `
				const imported = Object.keys(await import("${module}")).sort();
				const { createRequire } = await import("node:module");
				const required = Object.keys(createRequire(process.cwd() + "/x.js")("${module}")).sort();
				if (imported.length === 0) throw new Error("no exports");
				if (String(imported) !== String(required.filter((name) => name !== "__esModule")))
					throw new Error("import gives " + imported + ", require() gives " + required);`;
			return checked(
				`${module}: import and require()`,
				run(process.execPath, ["--input-type=module", "--eval", program], project),
			);
		}),
	);
}

/** A program that imports and requires a CommonJS package still runs when esbuild has put both into one file, in either format. */
function bundles(packed: readonly PackedPackage[], project: string): Checked[] {
	const esbuild = toolPath("esbuild");
	return packed
		.filter(({ isCommonJs }) => isCommonJs)
		.flatMap(({ name }) => {
			const program = `
				import imported from "${name}";
				if (imported !== require("${name}") || imported.length !== 3) throw new Error("it is another class");`;
			writeFileSync(join(project, "bundled.js"), program);
			return ["cjs", "esm"].map((format) => {
				const file = `bundle-${format}.${format === "cjs" ? "cjs" : "mjs"}`;
				const banner =
					"--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
				const options = ["--bundle", "--platform=node", `--format=${format}`, `--outfile=${file}`];
				const made = run(esbuild, ["bundled.js", ...options, ...(format === "esm" ? [banner] : [])], project);
				return checked(
					`${name}: bundled by esbuild as ${format}`,
					made.ok ? run(process.execPath, [file], project) : made,
				);
			});
		});
}

/** A program that throws where what is required is not what is imported by default, with every other name on it. */
function sameDefault(module: string): string {
	return `
		const { default: imported, ...named } = await import("${module}");
		const { createRequire } = await import("node:module");
		const required = createRequire(process.cwd() + "/x.js")("${module}");
		if (imported !== required) throw new Error("import and require() give different classes");
		for (const [name, value] of Object.entries(named))
			if (value === undefined || (name !== "module.exports" && required[name] !== value)) throw new Error(name + " differs");`;
}

function uses({ source, adapter, types, runtimes }: Consumer, project: string): Checked[] {
	const program = adapter === undefined ? `${source}.ts` : `${source}-${adapter.split("-").at(-1)}.ts`;
	const text = readFileSync(join(ROOT, "scripts/consumers", `${source}.ts`), "utf8");
	// The same program on every runtime: all that changes is what it imports.
	const written = adapter === undefined ? text : text.replace("@barewire/transport-node", adapter);
	writeFileSync(join(project, program), written);
	return [
		...types.map((name) => compiles(program, name, project)),
		...runtimes.map((runtime) => runs(program, runtime, project)),
	];
}

function runs(program: string, runtime: RuntimeName, project: string): Checked {
	const starter = `run-${program}.mjs`;
	const text = `
		import { deepStrictEqual } from "node:assert";
		import { setTimeout } from "node:timers";
		import { expected, main } from "./${program}";
		deepStrictEqual(await main(), [...expected]);
		// A program that is done must end by itself: nothing may keep the process.
		setTimeout(() => { throw new Error("something keeps the process running"); }, 10_000).unref();`;
	writeFileSync(join(project, starter), text);
	const { command, args } = runtimeCommand(runtime, starter);
	return checked(`${program}: runs on ${runtime}`, run(command, args, project));
}
