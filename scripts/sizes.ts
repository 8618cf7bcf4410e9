// Prints what each package weighs, minified and gzipped, with all that it needs, and how many lines of code it has; fails
// above a budget of bytes.

import { bundle, gzippedSize } from "./bundle.ts";
import { packageSources } from "./code-lines.ts";
import { publicPackages } from "./public-packages.ts";
import { formatTable } from "./table.ts";

interface Row {
	readonly name: string;
	/** What is weighed. */
	readonly source: string;
	/** In bytes. */
	readonly budget: number;
}

const all = (name: string): string => `export * from "./packages/${name}/src/index.ts";`;

const HANDSHAKE = "./packages/handshake/src/index.ts";
const HTTP1 = "./packages/http1/src/index.ts";

const ROWS: readonly Row[] = [
	{ name: "errors", source: all("errors"), budget: 256 },
	{ name: "framing and what it needs of errors", source: all("framing"), budget: 6 * 1024 },
	{ name: "http1 and what it needs of errors", source: all("http1"), budget: 6 * 1024 },
	{ name: "handshake and what it needs of http1", source: all("handshake"), budget: 7 * 1024 },
	{
		name: "handshake with http1, a server's: bytes to 101",
		source: `export { evaluateRequest, createAcceptResponse } from "${HANDSHAKE}";
			export { RequestReader, encodeResponseHead } from "${HTTP1}";`,
		budget: 7 * 1024,
	},
	{
		name: "handshake with http1, a client's: bytes to 101",
		source: `export { createKey, createRequest, evaluateResponse } from "${HANDSHAKE}";
			export { ResponseReader, encodeRequestHead } from "${HTTP1}";`,
		budget: 7 * 1024,
	},
	{
		name: "handshake with http1, all of both",
		source: `export * from "${HANDSHAKE}"; export * as http1 from "${HTTP1}";`,
		budget: 10 * 1024,
	},
	{ name: "permessage-deflate and what it needs of framing", source: all("permessage-deflate"), budget: 4 * 1024 },
	{ name: "connection and all below it", source: all("connection"), budget: 20 * 1024 },
	{ name: "endpoint and all below it", source: all("endpoint"), budget: 34 * 1024 },
	...["node", "deno", "bun", "web"].map((runtime) => ({
		name: `transport-${runtime} and all below it`,
		source: all(`transport-${runtime}`),
		budget: 36 * 1024,
	})),
];

let over = 0;
const weights: string[][] = [["minified, gzipped, bytes", "size", "budget", ""]];
for (const { name, source, budget } of ROWS) {
	const size = gzippedSize((await bundle(source, { minify: true })).code);
	if (size > budget) over += 1;
	weights.push([name, `${size}`, `${budget}`, size > budget ? `${size - budget} too many` : ""]);
}
console.log(formatTable("What a bundle weighs", weights));

const counts = publicPackages().map(({ name, folder }) => {
	const sources = packageSources(folder);
	// An entry that only exports what other modules have is a list, and no code.
	const listed = sources.filter(({ lines }) => exportsOnly(lines));
	return [name, `${total(sources)}`, `${total(sources) - total(listed)}`, `${sources.length - listed.length}`];
});
console.log(
	formatTable("Lines of code, without blank ones and comments", [
		["", "all", "without lists of exports", "files"],
		...counts,
	]),
);

if (over > 0) {
	console.error(`${over} above the budget (scripts/sizes.ts)`);
	process.exit(1);
}

function total(sources: readonly { lines: readonly string[] }[]): number {
	return sources.reduce((sum, { lines }) => sum + lines.length, 0);
}

/** Whether a module is nothing but `export … from`. */
function exportsOnly(lines: readonly string[]): boolean {
	return /^(export (type )?(\{[^}]*\}|\*) from "[^"]+";\s*)+$/.test(lines.join(" "));
}
