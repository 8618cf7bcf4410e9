import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../command.ts";
import { type Checked, checked } from "./checked.ts";
import type { PackedPackage } from "./pack.ts";

/** Makes a project of its own in `project` that has the tarballs installed, as npm does it and without a network. */
export function installProject(
	packed: readonly PackedPackage[],
	foreign: ReadonlyMap<string, string>,
	project: string,
): Checked {
	mkdirSync(project);
	writeJson(join(project, "package.json"), {
		private: true,
		type: "module",
		dependencies: Object.fromEntries([
			...packed.map(({ name, tarball }) => [name, `file:${tarball}`]),
			...[...foreign].map(([name, folder]) => [name, `file:${folder}`]),
		]),
	});
	const options = ["--offline", "--install-links", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
	return checked("npm install", run("npm", ["install", ...options], project));
}

export function writeJson(file: string, value: unknown): void {
	writeFileSync(file, JSON.stringify(value, null, 2));
}
