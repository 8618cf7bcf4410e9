"use strict";

// esbuild puts the package into one file.

const { build } = require("esbuild");
const { checkPage, witness } = require("./bundle-checks.cjs");

/** Bundles one program, and gives the files of its modules. */
async function bundle(options) {
	const { metafile, warnings } = await build({
		absWorkingDir: __dirname,
		bundle: true,
		platform: "node",
		metafile: true,
		logLevel: "silent",
		...options,
	});
	if (warnings.length > 0) throw new Error(warnings[0].text);
	return Object.keys(metafile.inputs);
}

async function main() {
	const entryPoints = ["bundle-entry.mjs"];
	witness("CommonJS", "one.cjs", await bundle({ entryPoints, format: "cjs", outfile: "one.cjs" }));
	// esbuild leaves `require` of Node's own modules to whoever makes it.
	const js = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
	witness("ESM", "one.mjs", await bundle({ entryPoints, format: "esm", outfile: "one.mjs", banner: { js } }));
	witness("minified", "min.cjs", await bundle({ entryPoints, format: "cjs", outfile: "min.cjs", minify: true }));
	await bundle({ entryPoints: ["bundle-page.cjs"], platform: "browser", outfile: "page.js" });
	checkPage("page.js");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
