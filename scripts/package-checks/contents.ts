import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PackedPackage } from "./pack.ts";

const BESIDE_DIST = ["LICENSE", "README.md", "package.json"];

/** Of a package that is a CommonJS bundle: what is required, and what stands in its place in a browser. */
const COMMON_JS = ["dist/index.cjs", "dist/index.d.cts", "dist/browser.cjs"];

/** What is packed and should not be, or the other way round. */
export function contentFindings({ contents, entries, isCommonJs }: PackedPackage): string[] {
	const files = readdirSync(contents, { recursive: true, encoding: "utf8" }).filter((file) =>
		statSync(join(contents, file)).isFile(),
	);
	const wanted = [
		...BESIDE_DIST,
		...(isCommonJs ? COMMON_JS : []),
		...entries.flatMap(({ bundle }) => [bundle, bundle.replace(/\.js$/, ".d.ts")]),
	];
	const manifest = readFileSync(join(contents, "package.json"), "utf8");
	const findings = wanted.filter((file) => !files.includes(file)).map((file) => `${file} is missing`);
	for (const file of files)
		if (!BESIDE_DIST.includes(file) && !/^dist\/.+\.(c?js|c?js\.map|d\.c?ts)$/.test(file))
			findings.push(`${file} is packed`);
	if (hasKey(JSON.parse(manifest), "source")) findings.push("package.json: the `source` condition points at no file");
	if (manifest.includes("workspace:")) findings.push("package.json: a dependency points into the workspace");
	return findings;
}

function hasKey(value: unknown, key: string): boolean {
	if (typeof value !== "object" || value === null) return false;
	return Object.entries(value).some(([name, inner]) => name === key || hasKey(inner, key));
}
