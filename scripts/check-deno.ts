// `deno check` on what users have of Deno: the adapter's sources and the example. Our own compiler looks at the same files
// with other types, and at the tests, which want Node's.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.ts";
import { ROOT } from "./repository.ts";

const FILES = [
	"packages/transport-deno/src/index.ts",
	"packages/transport-web/src/index.ts",
	"packages/backplane-broadcast-channel/src/index.ts",
	"examples/echo/deno.ts",
	"conformance/run/deno.ts",
];

const manifest = join(ROOT, "package.json");
const before = readFileSync(manifest);
const { ok, output } = run(join(ROOT, "node_modules/.bin/deno"), ["check", "--conditions=source", ...FILES]);
// When Deno does not find a package, it writes the folders of pnpm-workspace.yaml into package.json, unasked.
if (!readFileSync(manifest).equals(before)) writeFileSync(manifest, before);
console.log(ok ? `deno check: ${FILES.join(", ")}` : output);
process.exitCode = ok ? 0 : 1;
