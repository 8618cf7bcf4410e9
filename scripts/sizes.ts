// Prints what each package weighs, minified and gzipped, with all that it needs; fails above a budget.

import { bundle, gzippedSize } from "./bundle.ts";

interface Row {
	readonly name: string;
	/** What is weighed. */
	readonly source: string;
	/** In octets. */
	readonly budget: number;
}

const all = (name: string): string => `export * from "./packages/${name}/src/index.ts";`;

const HANDSHAKE = "./packages/handshake/src/index.ts";
const HTTP1 = "./packages/http1/src/index.ts";

const ROWS: readonly Row[] = [
	{ name: "framing", source: all("framing"), budget: 6 * 1024 },
	{ name: "http1", source: all("http1"), budget: 6 * 1024 },
	{ name: "handshake and what it needs of http1", source: all("handshake"), budget: 7 * 1024 },
	{
		name: "handshake with http1, a server's: octets to 101",
		source: `export { evaluateRequest, createAcceptResponse } from "${HANDSHAKE}";
			export { RequestReader, encodeResponseHead } from "${HTTP1}";`,
		budget: 7 * 1024,
	},
	{
		name: "handshake with http1, a client's: octets to 101",
		source: `export { createKey, createRequest, evaluateResponse } from "${HANDSHAKE}";
			export { ResponseReader, encodeRequestHead } from "${HTTP1}";`,
		budget: 7 * 1024,
	},
	{
		name: "handshake with http1, all of both",
		source: `export * from "${HANDSHAKE}"; export * as http1 from "${HTTP1}";`,
		budget: 10 * 1024,
	},
	{ name: "connection and all below it", source: all("connection"), budget: 20 * 1024 },
	{ name: "endpoint and all below it", source: all("endpoint"), budget: 30 * 1024 },
	{ name: "transport-node and all below it", source: all("transport-node"), budget: 32 * 1024 },
];

const widest = Math.max(...ROWS.map(({ name }) => name.length));
let over = 0;
console.log(`${"minified, gzipped, octets".padEnd(widest)}     size   budget`);
for (const { name, source, budget } of ROWS) {
	const size = gzippedSize((await bundle(source, { minify: true })).code);
	if (size > budget) over += 1;
	const remark = size > budget ? `  ${size - budget} too many` : "";
	console.log(`${name.padEnd(widest)}  ${`${size}`.padStart(7)}  ${`${budget}`.padStart(7)}${remark}`);
}
if (over > 0) {
	console.error(`${over} above the budget (scripts/sizes.ts)`);
	process.exit(1);
}
