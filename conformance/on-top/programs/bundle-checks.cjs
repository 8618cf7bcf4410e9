"use strict";

// What a bundle must do, whoever has made it.

const { strictEqual, ok } = require("node:assert");
const { execFileSync } = require("node:child_process");
const { join, resolve } = require("node:path");

/** The text of the programs' own error in a browser. */
const NOT_HERE = "ws does not work in the browser. Browser clients must use the native WebSocket object";

/** Runs a bundle where no package can be found, and gives what it prints. */
function runBundle(file) {
	return execFileSync(process.execPath, [file], { cwd: "/", encoding: "utf8" }).trim();
}

/** The file of ws among the modules of a bundle. */
function fileOfWs(modules) {
	const files = [...new Set(modules.filter((file) => /[\\/]ws[\\/]dist[\\/]index\.cjs$/.test(file)))];
	strictEqual(files.length, 1, `the bundle has ${files.length} copies of ws`);
	return resolve(__dirname, files[0]);
}

/** Reports on a bundle of bundle-entry.mjs: it was run, and these modules are in it. */
function witness(format, bundle, modules) {
	const used = JSON.parse(runBundle(join(__dirname, bundle)));
	ok(used.server > 0 && used.client > 0);
	console.log(`ok: ${format}`);
	console.log(`ws: ${JSON.stringify({ file: fileOfWs(modules), requiredBy: [format], ...used })}`);
}

function checkPage(bundle) {
	strictEqual(runBundle(join(__dirname, bundle)), NOT_HERE);
	console.log("ok: for a browser it throws");
}

module.exports = { witness, checkPage };
