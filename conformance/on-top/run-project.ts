import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../scripts/command.ts";
import type { Project } from "./projects.ts";

/** What came of one project. */
export interface Result {
	readonly name: string;
	readonly versions: string;
	/** What the program says that it has done. */
	readonly done: readonly string[];
	/** How many connections @barewire/ws has had in it, in each role. */
	readonly connections: { readonly server: number; readonly client: number };
	readonly isOk: boolean;
	/** Why nothing was done, as the program says; null: it was not skipped. */
	readonly skipped: string | null;
	/** What went wrong; null: nothing. */
	readonly problem: string | null;
}

/** What `programs/witness.cjs` says of a file that `ws` was resolved to. */
interface Witnessed {
	readonly file: string;
	readonly requiredBy: readonly string[];
	readonly server: number;
	readonly client: number;
}

const PROGRAMS = join(import.meta.dirname, "programs");

/** Installs the project with the tarball in the place of ws, and runs its program. */
export function runProject(project: Project, tarball: string, folder: string): Result {
	const { name, dependencies, program, requiredBy, files = [], reports = 0, isInRange = false } = project;
	const place = join(folder, name.replaceAll(/[^\w.]+/g, "-"));
	mkdirSync(place);
	for (const file of [program, "witness.cjs", ...files]) copyFileSync(join(PROGRAMS, file), join(place, file));
	// A dependency of one's own can't be overridden by another one: npm wants both to be the same.
	const ours = `file:${tarball}`;
	const wanted = "ws" in dependencies || isInRange ? { ...dependencies, ws: ours } : dependencies;
	const manifest = { private: true, dependencies: wanted, ...(isInRange ? null : { overrides: { ws: ours } }) };
	writeFileSync(join(place, "package.json"), JSON.stringify(manifest, null, 2));
	const versions = Object.values(dependencies)[0] as string;
	const installed = run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], place);
	if (!installed.ok) {
		const nothing = { done: [], connections: NONE, isOk: false, skipped: null };
		return { name, versions, ...nothing, problem: installed.output };
	}
	const environment = [`REQUIRED_BY=${requiredBy.join()}`];
	const { ok, output, stdout } = run(
		"env",
		[...environment, process.execPath, ...(reports === 0 ? ["--require", "./witness.cjs"] : []), program],
		place,
	);
	const lines = stdout.split("\n");
	const done = lines.filter((line) => line.startsWith("ok: ")).map((line) => line.slice(4));
	const seen = lines.filter((line) => line.startsWith("ws: ")).map((line) => JSON.parse(line.slice(4)) as Witnessed);
	const skipped = lines.find((line) => line.startsWith("skipped: ")) ?? null;
	const problem =
		skipped ?? (ok ? problemOf(seen, reports === 0 ? Math.max(1, requiredBy.length) : reports, place) : output);
	return { name, versions, done, connections: sum(seen), isOk: problem === null && done.length > 0, skipped, problem };
}

const NONE = { server: 0, client: 0 };

/** Each package that requires ws must have got ours, and have used it. */
function problemOf(seen: readonly Witnessed[], count: number, place: string): string | null {
	if (seen.flatMap(({ requiredBy }) => requiredBy).length !== count) return "not every package was looked at";
	for (const { file, server, client } of seen) {
		// The bundle of ws itself is another file.
		if (!file.startsWith(place) || !file.endsWith(join("ws", "dist", "index.cjs"))) return `ws was ${file}`;
		if (server + client === 0) return `${file} was not used`;
	}
	return null;
}

function sum(seen: readonly Witnessed[]): { server: number; client: number } {
	return seen.reduce((all, { server, client }) => ({ server: all.server + server, client: all.client + client }), NONE);
}
