import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { publicPackages } from "./public-packages.ts";
import { ROOT } from "./repository.ts";

export const WS = "@barewire/ws";

/** What is known of the version of `@barewire/ws`, and of what its next release does to it. */
export interface WsRelease {
	/** Its own version. */
	readonly version: string;
	/** The version of ws that its tests compare it with. */
	readonly compared: string;
	/** The packages whose code is in its bundle. */
	readonly bundled: readonly string[];
	/** The groups of packages that share one version. */
	readonly groups: readonly (readonly string[])[];
	/** The changesets that the next release consists of. */
	readonly changesets: readonly Changeset[];
}

export interface Changeset {
	readonly file: string;
	/** What kind of release it asks for, by package. */
	readonly releases: ReadonlyMap<string, string>;
}

/**
 * What would take `@barewire/ws` out of the range of the ws that it stands for. Packages ask for ws by ranges such as `^8.23.0`, and npm takes
 * this package in its place only while its version is in them.
 */
export function wsVersionFindings({ version, compared, bundled, groups, changesets }: WsRelease): string[] {
	const findings: string[] = [];
	const [major, minor, patch] = numbersOf(version);
	const [comparedMajor, comparedMinor, comparedPatch] = numbersOf(compared);
	if (major !== comparedMajor || minor !== comparedMinor || !(patch >= comparedPatch))
		findings.push(
			`${WS} is ${version}, and is compared with ws ${compared}: ${comparedMajor}.${comparedMinor}.x is wanted`,
		);
	if (groups.filter((group) => group.includes(WS)).some((group) => group.length > 1))
		findings.push(`.changeset/config.json: ${WS} shares its version with other packages`);
	for (const { file, releases } of changesets) {
		const kind = releases.get(WS) ?? "patch";
		if (kind !== "patch" && kind !== "none")
			findings.push(`${file}: ${WS} would get a ${kind} release, and may only get patches`);
	}
	const isReleased = (name: string): boolean => changesets.some(({ releases }) => releases.has(name));
	const left = bundled.filter(isReleased);
	if (left.length > 0 && !isReleased(WS))
		findings.push(`${left.join(", ")} would be released without ${WS}, which has a copy: name it in a changeset too`);
	return findings;
}

/** The state of the repository, or of a copy of it. */
export function wsRelease(root: string = ROOT): WsRelease {
	const { version, devDependencies } = readJson(join(root, "packages/ws/package.json")) as {
		version: string;
		devDependencies: Record<string, string>;
	};
	const { fixed } = readJson(join(root, ".changeset/config.json")) as { fixed: string[][] };
	const folder = join(root, ".changeset");
	const files = readdirSync(folder).filter((file) => file.endsWith(".md"));
	return {
		version,
		compared: devDependencies.ws as string,
		bundled: bundledIn(Object.keys(devDependencies)),
		groups: fixed,
		changesets: files.map((file) => ({ file, releases: releasesOf(readFileSync(join(folder, file), "utf8")) })),
	};
}

/** The kind of release for each package, from the lines above the text of a changeset. */
export function releasesOf(changeset: string): Map<string, string> {
	const [, head = ""] = changeset.split(/^---$/m);
	return new Map([...head.matchAll(/^"([^"]+)": (\w+)$/gm)].map(([, name = "", kind = ""]) => [name, kind]));
}

/** These packages of ours, and all that they need. */
function bundledIn(names: readonly string[]): string[] {
	const packages = publicPackages();
	const all = new Set<string>();
	const add = (name: string): void => {
		const found = packages.find((each) => each.name === name);
		if (found === undefined || all.has(name)) return;
		all.add(name);
		found.dependencies.forEach(add);
	};
	names.forEach(add);
	return [...all];
}

function numbersOf(version: string): [major: number, minor: number, patch: number] {
	// A range, or a version with a label, is none that can be compared.
	const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
	return [Number(major), Number(minor), Number(patch)];
}

function readJson(file: string): unknown {
	return JSON.parse(readFileSync(file, "utf8"));
}
