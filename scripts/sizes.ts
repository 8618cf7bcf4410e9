// Prints what each package weighs, minified and gzipped, with all that it needs, how many lines it has and how many names it
// exports; fails above a budget of bytes.

import { bundle, gzippedSize } from "./bundle.ts";
import { BUNDLE_ROWS } from "./bundle-rows.ts";
import { exportsOnly, packageSources, totalCodeLines } from "./code-lines.ts";
import { exportedNames } from "./exported-names.ts";
import { countLines, largestFile, medianLines, totalLines } from "./line-counts.ts";
import { publicPackages } from "./public-packages.ts";
import { ROOT } from "./repository.ts";
import { formatTable, withTotal } from "./table.ts";

const packages = publicPackages();

let over = 0;
const weights: string[][] = [["minified, gzipped, bytes", "size", "budget", ""]];
for (const { name, source, budget } of BUNDLE_ROWS) {
	const size = gzippedSize((await bundle(source, { minify: true })).code);
	if (size > budget) over += 1;
	weights.push([name, `${size}`, `${budget}`, size > budget ? `${size - budget} too many` : ""]);
}
console.log(formatTable("What a bundle weighs", weights));

const code = packages.map(({ name, folder }) => {
	const sources = packageSources(folder);
	const withoutLists = sources.filter((source) => !exportsOnly(source));
	return { name, counts: [totalCodeLines(sources), totalCodeLines(withoutLists), withoutLists.length] };
});
console.log(
	formatTable("Lines of code, without blank ones and comments", [
		["", "all", "without lists of exports", "files"],
		...withTotal(code),
	]),
);

const sources = packages.map(({ name, folder }) => ({ name, folder, files: countLines(folder, "src") }));
const lines = sources.map(({ name, folder, files }) => ({
	name,
	counts: [totalLines(files), totalLines(countLines(folder, "test")), 0],
}));
const conformance = { name: "conformance", counts: [0, 0, totalLines(countLines(ROOT, "conformance"))] };
console.log(formatTable("All lines", [["", "source", "test", "conformance"], ...withTotal([...lines, conformance])]));

const files = sources.flatMap((each) => each.files);
const shortPath = (path: string): string => path.slice(ROOT.length + 1);
const largest = sources.map((each) => largestFile(each.files));
console.log(
	formatTable("The largest source file of each package and of all, and the median of all", [
		...largest.map(({ path, lines }) => [shortPath(path), `${lines}`]),
		[`of all: ${shortPath(largestFile(files).path)}`, `${largestFile(files).lines}`],
		["median of all", `${medianLines(files)}`],
	]),
);

const names = packages.map((each) => ({ name: each.name, counts: [exportedNames(each).size] }));
console.log(formatTable("Exported names, types included, each where it comes from", withTotal(names)));

if (over > 0) {
	console.error(`${over} above the budget (scripts/bundle-rows.ts)`);
	process.exit(1);
}
