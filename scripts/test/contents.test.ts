import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentFindings } from "../package-checks/contents.ts";
import type { PackedPackage } from "../package-checks/pack.ts";

let contents = "";

beforeEach(() => {
	contents = mkdtempSync(join(tmpdir(), "barewire-contents-"));
	mkdirSync(join(contents, "dist"));
	for (const file of ["LICENSE", "README.md", "dist/index.js", "dist/index.js.map", "dist/index.d.ts"])
		writeFileSync(join(contents, file), "");
	manifest({ exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } } });
});

afterEach(() => {
	rmSync(contents, { recursive: true, force: true });
});

function manifest(value: unknown): void {
	writeFileSync(join(contents, "package.json"), JSON.stringify(value));
}

function findings(): string[] {
	const packed: PackedPackage = {
		name: "@barewire/a",
		entries: [{ subpath: ".", source: "src/index.ts", bundle: "dist/index.js" }],
		isCommonJs: false,
		tarball: "",
		contents,
	};
	return contentFindings(packed);
}

test("a package as it should be", () => {
	expect(findings()).toEqual([]);
});

test.each(["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"])("%s is missed", (file) => {
	rmSync(join(contents, file));
	expect(findings()).toEqual([`${file} is missing`]);
});

test.each(["index.ts", "dist/index.ts", "dist/tsconfig.tsbuildinfo", ".env"])("%s is not packed", (file) => {
	writeFileSync(join(contents, file), "");
	expect(findings()).toEqual([`${file} is packed`]);
});

test("a `source` condition is found at any depth", () => {
	manifest({ exports: { ".": { node: { source: "./src/index.ts" } } } });
	expect(findings()).toEqual(["package.json: the `source` condition points at no file"]);
});

test("a dependency into the workspace is found", () => {
	manifest({ dependencies: { "@barewire/b": "workspace:^" } });
	expect(findings()).toEqual(["package.json: a dependency points into the workspace"]);
});
