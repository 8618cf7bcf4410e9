// Builds every package into its `dist`: tsc writes the declarations, esbuild one bundle for each entry.

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { runTool } from "./command.ts";
import { fileSpecifiersToJs } from "./declarations.ts";
import { type PublicPackage, publicPackages } from "./public-packages.ts";

const packages = publicPackages();

// What an earlier build left of a module that exists no more must not be packed.
for (const { folder } of packages) rmSync(join(folder, "dist"), { recursive: true, force: true });

// `--force`: without it, errors outlive a change of a tsconfig.
const declarations = runTool("typescript:tsc", ["-b", "--force"]);
if (!declarations.ok) {
	console.error(declarations.output);
	process.exit(1);
}
for (const each of packages) {
	rewriteDeclarations(join(each.folder, "dist"));
	await (each.isCommonJs ? bundleCommonJs(each) : bundle(each));
	console.log(`built ${each.name}: ${each.entries.map(({ bundle: file }) => file).join(", ")}`);
}

async function bundle({ folder, entries, dependencies, foreign }: PublicPackage): Promise<void> {
	await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ source }) => source),
		outdir: "dist",
		outbase: "src",
		bundle: true,
		format: "esm",
		// Two entries of one package share their classes, or `instanceof` would lie.
		splitting: true,
		chunkNames: "shared/[name]-[hash]",
		// Not minified: a stack trace should be read, and whoever bundles an application minifies it whole.
		sourcemap: true,
		target: "es2024",
		platform: "neutral",
		external: [...dependencies, ...foreign, "node:*"],
		logLevel: "warning",
	});
}

/** What is required is the default export itself. Jest and others load no ECMAScript module, so nothing is left to be imported but Node's own. */
async function bundleCommonJs({ folder, entries }: PublicPackage): Promise<void> {
	await build({
		absWorkingDir: folder,
		entryPoints: entries.map(({ source }) => source),
		outdir: "dist",
		outbase: "src",
		outExtension: { ".js": ".cjs" },
		bundle: true,
		format: "cjs",
		footer: { js: "module.exports = module.exports.default;" },
		conditions: ["source"],
		sourcemap: true,
		target: "es2024",
		platform: "node",
		logLevel: "warning",
	});
	cpSync(join(folder, "package"), join(folder, "dist"), { recursive: true });
}

function rewriteDeclarations(folder: string): void {
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		if (!name.endsWith(".d.ts")) continue;
		const file = join(folder, name);
		writeFileSync(file, fileSpecifiersToJs(readFileSync(file, "utf8")));
	}
}
