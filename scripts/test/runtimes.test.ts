// No package knows of a runtime but its own, and none asks which one it runs on: whoever imports it has said so.

import { expect, test } from "vitest";
import { codeLines, packageSources } from "../code-lines.ts";
import { publicPackages } from "../public-packages.ts";

/** What gives a runtime away, and the packages that may have it. */
const MARKS: readonly { readonly mark: RegExp; readonly owners: readonly string[] }[] = [
	{ mark: /\bDeno\b/, owners: ["@barewire/transport-deno"] },
	{ mark: /\bBun\b|["']bun(:[a-z]+)?["']/, owners: ["@barewire/transport-bun"] },
	{
		mark: /["']node:[a-z/]+["']|\bBuffer\b/,
		// The client of Redis takes and gives `Buffer`s.
		owners: [
			"@barewire/handover",
			"@barewire/transport-node",
			"@barewire/backplane-ipc",
			"@barewire/backplane-redis",
			"@barewire/ws",
		],
	},
	// Asking is nobody's.
	{
		mark: /\btypeof (Deno|Bun|process|navigator|window)\b|\bprocess\??\.|\bnavigator\??\.|\bglobalThis\b/,
		owners: [],
	},
];

/** Lines that look like it and are not: each with its reason. */
const ALLOWED: readonly { readonly place: string; readonly line: RegExp }[] = [
	// Deno's own `node:buffer`, `node:timers` and `node:zlib`, and whether they are there: an import would want Node's types of everybody.
	{
		place: "@barewire/transport-deno platform.ts",
		line: /BufferModule|Buffer\.prototype|readonly Buffer:|"node:(buffer|timers|zlib)"|getBuiltinModule/,
	},
	// The channel that `fork()` makes is a part of `process`, which all three runtimes have.
	{ place: "@barewire/backplane-ipc ipc-backplane.ts", line: /\bprocess\??\.(send|on|off|connected)\b/ },
	// Bun's own.
	{ place: "@barewire/transport-bun platform.ts", line: /^import \* as zlib from "node:zlib";$/ },
	{
		place: "@barewire/transport-bun serve.ts",
		line: /^import \{ (closeSync, openSync|env, pid) \} from "node:(fs|process)";$/,
	},
	// Node's own, imported. It is told something, and not asked which runtime it is of.
	{ place: "@barewire/ws exit.ts", line: /process\.on\("exit", / },
];

/** The lines of a file that name a runtime which is not the package's. */
function foreign(name: string, file: string, lines: readonly string[]): string[] {
	return lines.filter(
		(line) =>
			MARKS.some(({ mark, owners }) => !owners.includes(name) && mark.test(line)) &&
			!ALLOWED.some((allowed) => allowed.place === `${name} ${file}` && allowed.line.test(line)),
	);
}

test.each(publicPackages())("$name names no other runtime", ({ name, folder }) => {
	const found = packageSources(folder).flatMap(({ file, lines }) =>
		foreign(name, file, lines).map((line) => `${file}: ${line}`),
	);
	expect(found).toEqual([]);
});

test.each([
	'if (typeof Deno === "undefined") return;',
	"const { listen } = Deno;",
	"return Bun.listen(options);",
	'import { connect } from "node:net";',
	'import type { Socket } from "bun";',
	"if (process.versions.bun) return;",
	'const { version } = process?.versions ?? { version: "" };',
	'if (navigator.userAgent.startsWith("Node.js")) return;',
	'const runtime = "Deno" in globalThis;',
	"const bytes = Buffer.alloc(1);",
])("%s is found", (line) => {
	expect(foreign("@barewire/endpoint", "server.ts", [line])).toEqual([line]);
});

test("an adapter may use its own runtime, and may not ask for it", () => {
	expect(foreign("@barewire/transport-deno", "serve.ts", ["Deno.listen({ port })"])).toEqual([]);
	expect(foreign("@barewire/transport-deno", "serve.ts", ["Bun.listen({ port })"])).toHaveLength(1);
	expect(foreign("@barewire/transport-deno", "serve.ts", ["typeof Deno"])).toHaveLength(1);
});

test("what is no code is not counted", () => {
	const source = [
		"// Deno",
		"",
		"/** one line */",
		"/**",
		" * Bun",
		"not a comment's mark, but inside of one",
		" */",
		"const a = 1; // stays",
		"\t",
		"const b = a * 2;",
	];
	expect(codeLines(source.join("\n"))).toEqual(["const a = 1; // stays", "const b = a * 2;"]);
});
