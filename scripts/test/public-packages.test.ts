import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicPackages } from "../public-packages.ts";
import { ROOT } from "../repository.ts";

const packages = publicPackages();
const names = packages.map(({ name }) => name);

function readJson(path: string): unknown {
	return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

test("each package comes behind the ones that it needs", () => {
	for (const { name, dependencies } of packages)
		for (const needed of dependencies) expect(names.indexOf(needed), name).toBeLessThan(names.indexOf(name));
});

test("an entry names its source and its bundle", () => {
	const endpoint = packages.find(({ name }) => name === "@barewire/endpoint");
	expect(endpoint?.entries).toContainEqual({
		subpath: "./memory",
		source: join(ROOT, "packages/endpoint/src/memory/index.ts"),
		bundle: "dist/memory/index.js",
	});
});

test("all packages are published under one version, and the one that stands for ws under its own", () => {
	const { fixed } = readJson(".changeset/config.json") as { fixed: string[][] };
	const others = names.filter((name) => name !== "@barewire/ws");
	expect(fixed.map((group) => group.toSorted())).toEqual([others.toSorted(), ["@barewire/ws"]]);
});

test("all packages are built", () => {
	const { references } = readJson("tsconfig.json") as { references: { path: string }[] };
	const folders = packages.map(({ folder }) => folder.slice(ROOT.length + 1));
	expect(references.map(({ path }) => path).toSorted()).toEqual(folders.toSorted());
});
