import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, runTool } from "../command.ts";
import { ROOT } from "../repository.ts";
import type { PackedPackage } from "./pack.ts";

interface Consumer {
	/** The program's file in scripts/consumers. */
	readonly program: string;
	/** With types for Node; without: ECMAScript alone. */
	readonly node: boolean;
}

interface Checked {
	readonly check: string;
	readonly findings: readonly string[];
}

const CONSUMERS: readonly Consumer[] = [
	{ program: "conversation.ts", node: false },
	{ program: "layers.ts", node: false },
	{ program: "memory.ts", node: true },
	{ program: "sockets.ts", node: true },
];

/** Installs the tarballs in a project of their own, and imports, requires, type-checks and runs them there. */
export function checkConsumers(packed: readonly PackedPackage[], folder: string): Checked[] {
	const project = join(folder, "consumer");
	mkdirSync(project);
	writeJson(join(project, "package.json"), {
		private: true,
		type: "module",
		dependencies: Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`])),
	});
	const options = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
	const installed = finding("npm install", run("npm", ["install", ...options], project));
	if (installed.findings.length > 0) return [installed];
	const checked = [installed, ...loads(packed, project)];
	for (const { program, node } of CONSUMERS) {
		copyFileSync(join(ROOT, "scripts/consumers", program), join(project, program));
		checked.push(compiles(program, node, project), runs(program, project));
	}
	return checked;
}

function loads(packed: readonly PackedPackage[], project: string): Checked[] {
	return packed.flatMap(({ name, entries }) =>
		entries.map(({ subpath }) => {
			const module = `${name}${subpath.slice(1)}`;
			const program = `
				const imported = Object.keys(await import("${module}")).sort();
				const { createRequire } = await import("node:module");
				const required = Object.keys(createRequire(process.cwd() + "/x.js")("${module}")).sort();
				if (imported.length === 0) throw new Error("no exports");
				if (String(imported) !== String(required.filter((name) => name !== "__esModule")))
					throw new Error("import gives " + imported + ", require() gives " + required);`;
			return finding(
				`${module}: import and require()`,
				run(process.execPath, ["--input-type=module", "--eval", program], project),
			);
		}),
	);
}

// Neither `skipLibCheck` nor the DOM library nor the `source` condition: what the declarations need, they must bring.
function compiles(program: string, node: boolean, project: string): Checked {
	const config = `tsconfig.${program}.json`;
	writeJson(join(project, config), {
		compilerOptions: {
			target: "ES2024",
			lib: ["ES2024"],
			module: "NodeNext",
			moduleResolution: "NodeNext",
			strict: true,
			exactOptionalPropertyTypes: true,
			skipLibCheck: false,
			noEmit: true,
			typeRoots: [join(ROOT, "scripts/node_modules/@types")],
			types: node ? ["node"] : [],
		},
		files: [program],
	});
	const types = node ? "the types of Node" : "no runtime's types";
	return finding(
		`${program}: compiles with ${types}`,
		runTool("typescript:tsc", ["-p", config, "--pretty", "false"], project),
	);
}

function runs(program: string, project: string): Checked {
	const text = `
		import { deepStrictEqual } from "node:assert";
		import { expected, main } from "./${program}";
		deepStrictEqual(await main(), [...expected]);
		// A program that is done must end by itself: nothing may keep the process.
		setTimeout(() => { throw new Error("something keeps the process running"); }, 10_000).unref();`;
	const starter = join(project, `run-${program}.mjs`);
	writeFileSync(starter, text);
	return finding(`${program}: runs`, run(process.execPath, [starter], project));
}

function finding(check: string, { ok, output }: { readonly ok: boolean; readonly output: string }): Checked {
	return { check, findings: ok ? [] : [output || "failed without a word"] };
}

function writeJson(file: string, value: unknown): void {
	writeFileSync(file, JSON.stringify(value, null, 2));
}
