import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { jsrManifest, jsrPackages } from "../jsr-manifest.ts";
import { publicPackages } from "../public-packages.ts";
import { ROOT } from "../repository.ts";

const packages = publicPackages();

describe("jsr.json", () => {
	test.each(jsrPackages(packages))("of $name says what package.json says (`pnpm jsr` writes it)", (each) => {
		expect(readFileSync(join(each.folder, "jsr.json"), "utf8")).toBe(jsrManifest(each));
	});

	test("a dependency is wanted in the version that the package has itself", () => {
		const manifest = jsrManifest({
			name: "@barewire/b",
			version: "1.2.3",
			folder: "/packages/b",
			entries: [
				{ subpath: ".", source: "/packages/b/src/index.ts", bundle: "dist/index.js" },
				{ subpath: "./memory", source: "/packages/b/src/memory/index.ts", bundle: "dist/memory/index.js" },
			],
			dependencies: ["@barewire/a"],
			foreign: [],
			isCommonJs: false,
		});
		expect(JSON.parse(manifest)).toEqual({
			name: "@barewire/b",
			version: "1.2.3",
			license: "MIT",
			exports: { ".": "./src/index.ts", "./memory": "./src/memory/index.ts" },
			imports: { "@barewire/a": "jsr:@barewire/a@^1.2.3" },
			publish: { include: ["src", "README.md"] },
		});
	});
});

test("what the packages depend on at run time is ours, and so has the same version, except for the clients of brokers", () => {
	const names = packages.map(({ name }) => name);
	for (const { name, dependencies } of packages)
		for (const needed of dependencies) expect(names, name).toContain(needed);
	const foreign = packages.filter((each) => each.foreign.length > 0);
	expect(Object.fromEntries(foreign.map((each) => [each.name, each.foreign]))).toEqual({
		"@barewire/backplane-nats": ["@nats-io/transport-node"],
		"@barewire/backplane-redis": ["@redis/client"],
	});
});

test("versions are only ever changed together with jsr.json", () => {
	const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
		scripts: Record<string, string>;
	};
	expect(scripts["packages:version"]).toBe(
		"changeset version && node scripts/jsr.ts && node scripts/check-ws-version.ts",
	);
});
