// Runs other projects' programs with @barewire/ws in the place of ws, installed from npm with `overrides`. Prints what was done; with --check it
// exits 1 when one fails, or was skipped: what was not seen is not shown. Names of projects: these alone; --short: a few. Needs the packages built, and a network.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packAll } from "../../scripts/package-checks/pack.ts";
import { publicPackages } from "../../scripts/public-packages.ts";
import { formatTable } from "../../scripts/table.ts";
import { PROJECTS, SHORT_FORM } from "./projects.ts";
import { type Result, runProject } from "./run-project.ts";

const folder = mkdtempSync(join(tmpdir(), "barewire-on-top-"));
const results: Result[] = [];
try {
	const [packed] = packAll(
		publicPackages().filter(({ name }) => name === "@barewire/ws"),
		folder,
	);
	if (packed === undefined) throw new Error("@barewire/ws is no package");
	const named = process.argv.slice(2).filter((word) => !word.startsWith("-"));
	const wanted = process.argv.includes("--short") ? SHORT_FORM : named;
	const unknown = wanted.filter((word) => PROJECTS.every(({ name }) => name !== word));
	if (unknown.length > 0)
		throw new Error(`unknown: ${unknown.join(", ")}; projects: ${PROJECTS.map(({ name }) => name).join(", ")}`);
	const chosen = PROJECTS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
	for (const project of chosen) results.push(runProject(project, packed.tarball, folder));
} finally {
	rmSync(folder, { recursive: true, force: true });
}
const rows = results.map(({ name, versions, done, connections, isOk, skipped }) => [
	name,
	versions,
	`${done.length}`,
	`${connections.server}`,
	`${connections.client}`,
	skipped === null ? (isOk ? "yes" : "NO") : "skipped",
]);
console.log(formatTable("On top of @barewire/ws", [["project", "version", "done", "server", "client", "ok"], ...rows]));
for (const { name, done, problem } of results) {
	console.log(`${name}: ${done.join(", ")}`);
	if (problem !== null) console.log(problem);
}
const good = results.filter(({ isOk }) => isOk).length;
console.log(`${good} of ${results.length}`);
if (process.argv.includes("--check") && good < results.length) process.exitCode = 1;
