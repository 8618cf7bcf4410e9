import { relative } from "node:path";
import type { PublicPackage } from "./public-packages.ts";

/**
 * Not on JSR: `deno publish` checks types, and those of Bun can't be had there, as they are declared for the whole program
 * and not exported by a package. Bun's users have npm. And what stands in the place of a package of npm is of use there alone.
 * Nor are those that need a client that is on npm alone.
 */
const NOT_ON_JSR: readonly string[] = [
	"@barewire/transport-bun",
	"@barewire/ws",
	"@barewire/backplane-nats",
	"@barewire/backplane-redis",
];

/** The packages that are published to JSR as well. */
export function jsrPackages(packages: readonly PublicPackage[]): PublicPackage[] {
	return packages.filter(({ name }) => !NOT_ON_JSR.includes(name));
}

/** The text of a package's `jsr.json`: all of it follows from its `package.json`. */
export function jsrManifest({ name, version, folder, entries, dependencies }: PublicPackage): string {
	const manifest = {
		name,
		version,
		license: "MIT",
		exports: Object.fromEntries(entries.map(({ subpath, source }) => [subpath, `./${relative(folder, source)}`])),
		...(dependencies.length === 0
			? null
			: { imports: Object.fromEntries(dependencies.map((needed) => [needed, `jsr:${needed}@^${version}`])) }),
		publish: { include: ["src", "README.md"] },
	};
	// Lists on one line, as the formatter has them.
	const text = JSON.stringify(manifest, null, 2).replaceAll(/\[\s+([^\]]+?)\s+\]/g, (_, inner: string) => {
		return `[${inner.replaceAll(/\s+/g, " ")}]`;
	});
	return `${text}\n`;
}
