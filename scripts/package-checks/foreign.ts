import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PublicPackage } from "../public-packages.ts";

interface Manifest {
	readonly dependencies?: Record<string, string>;
}

/**
 * The folders of the packages of others that ours need at run time, and of those that they need: an installation without a
 * network takes them from here.
 */
export function foreignFolders(packages: readonly PublicPackage[]): ReadonlyMap<string, string> {
	const folders = new Map<string, string>();
	const add = (name: string, from: string): void => {
		if (folders.has(name)) return;
		const folder = realpathSync(find(name, from));
		folders.set(name, folder);
		const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
		for (const needed of Object.keys(dependencies)) add(needed, folder);
	};
	for (const { folder, foreign } of packages) for (const name of foreign) add(name, folder);
	return folders;
}

/** As Node finds a package: in the nearest `node_modules` above. */
function find(name: string, from: string): string {
	for (let folder = from; ; folder = dirname(folder)) {
		const candidate = join(folder, "node_modules", name);
		try {
			return realpathSync(candidate);
		} catch {
			if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
		}
	}
}
