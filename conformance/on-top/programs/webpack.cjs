"use strict";

// webpack puts the package into one file.

const webpack = require("webpack");
const { checkPage, witness } = require("./bundle-checks.cjs");

/** Bundles one program, and gives the files of its modules. */
function bundle(options) {
	return new Promise((resolve, reject) => {
		// A warning would be one that every user of the package gets.
		webpack({ mode: "development", context: __dirname, devtool: false, ...options }, (error, stats) => {
			if (error !== null) return reject(error);
			if (stats.hasErrors() || stats.hasWarnings()) return reject(new Error(stats.toString()));
			resolve([...stats.compilation.modules].map(({ resource = "" }) => resource));
		});
	});
}

async function main() {
	const output = (filename) => ({ path: __dirname, filename });
	const entry = "./bundle-entry.mjs";
	witness("development", "development.cjs", await bundle({ entry, target: "node", output: output("development.cjs") }));
	const minified = { mode: "production", output: output("minified.cjs") };
	witness("minified", "minified.cjs", await bundle({ entry, target: "node", ...minified }));
	await bundle({ entry: "./bundle-page.cjs", target: "web", output: output("page.cjs") });
	checkPage("page.cjs");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
