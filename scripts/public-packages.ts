import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./repository.ts";

/** One package that is published. */
export interface PublicPackage {
	/** `@barewire/framing`. */
	readonly name: string;
	readonly version: string;
	readonly folder: string;
	/** What can be imported from it: the path behind the name, and the source file there. */
	readonly entries: readonly Entry[];
	/** The names of our packages that it needs at run time. */
	readonly dependencies: readonly string[];
	/** The names of the packages of others that it needs at run time: the clients of brokers. */
	readonly foreign: readonly string[];
	/** It is a CommonJS bundle, with all that it needs inside, and the files of its folder `package` around it. */
	readonly isCommonJs: boolean;
}

export interface Entry {
	/** `.` or `./memory`. */
	readonly subpath: string;
	readonly source: string;
	/** The bundle, within the package's folder: `dist/memory/index.js`. */
	readonly bundle: string;
}

interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly private?: boolean;
	readonly exports: Record<string, string | Target>;
	readonly dependencies?: Record<string, string>;
}

/** Where an entry leads: to one module, or to one that is imported and one that is required. */
type Target =
	| { readonly source: string; readonly default: string }
	| { readonly source: string; readonly import: { readonly default: string } };

/** All packages that are published, each behind the ones it needs. */
export function publicPackages(): PublicPackage[] {
	const folder = join(ROOT, "packages");
	const found = readdirSync(folder)
		.sort()
		.map((name) => readPackage(join(folder, name)))
		.filter((candidate) => candidate !== null);
	const ordered: PublicPackage[] = [];
	const place = (each: PublicPackage): void => {
		if (ordered.includes(each)) return;
		for (const needed of found) if (each.dependencies.includes(needed.name)) place(needed);
		ordered.push(each);
	};
	found.forEach(place);
	return ordered;
}

function readPackage(folder: string): PublicPackage | null {
	const file = join(folder, "package.json");
	// A folder that another branch has left behind is no package.
	if (!existsSync(file)) return null;
	const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
	if (manifest.private === true) return null;
	// `./package.json` is a file as it is.
	const targets = Object.entries(manifest.exports).filter(
		(entry): entry is [string, Target] => typeof entry[1] !== "string",
	);
	const needed = Object.keys(manifest.dependencies ?? {});
	const isOurs = (dependency: string): boolean => dependency.startsWith("@barewire/");
	return {
		name: manifest.name,
		version: manifest.version,
		folder,
		entries: targets.map(([subpath, target]) => ({
			subpath,
			source: join(folder, target.source),
			bundle: ("import" in target ? target.import : target).default.replace("./", ""),
		})),
		dependencies: needed.filter(isOurs),
		foreign: needed.filter((each) => !isOurs(each)),
		isCommonJs: targets.some(([, target]) => "import" in target),
	};
}
