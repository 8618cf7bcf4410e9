// Breaks each rule about what a package may use, once, and expects the linter or the compiler to name it.

import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTool } from "../command.ts";
import { ROOT } from "../repository.ts";

const PURE = ["errors", "framing", "http1", "handshake", "permessage-deflate", "connection"];

const ZLIB_CODEC = "@barewire/permessage-deflate/zlib";

let folder = "";

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "barewire-purity-"));
});

afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

describe("the linter", () => {
	const ALLOWED: Record<string, readonly string[]> = {
		errors: [],
		framing: ["@barewire/errors"],
		http1: ["@barewire/errors"],
		handshake: ["@barewire/http1"],
		"permessage-deflate": ["@barewire/errors", "@barewire/framing", "@barewire/handshake"],
		connection: ["@barewire/errors", "@barewire/framing", "@barewire/handshake", "@barewire/http1"],
		endpoint: [
			"@barewire/connection",
			"@barewire/errors",
			"@barewire/framing",
			"@barewire/handshake",
			"@barewire/http1",
			"@barewire/permessage-deflate",
		],
		"transport-node": ["@barewire/endpoint", ZLIB_CODEC, "node:net", "node:tls", "node:zlib"],
		"transport-deno": ["@barewire/endpoint", ZLIB_CODEC],
		"transport-bun": ["@barewire/endpoint", ZLIB_CODEC, "bun", "node:fs", "node:zlib"],
		"transport-web": ["@barewire/endpoint"],
		"backplane-broadcast-channel": ["@barewire/endpoint"],
		"backplane-ipc": ["@barewire/endpoint"],
		"backplane-nats": ["@barewire/endpoint", "@nats-io/transport-node"],
		"backplane-redis": ["@barewire/endpoint", "@redis/client"],
	};
	const MODULES = [
		...Object.keys(ALLOWED).map((name) => `@barewire/${name}`),
		...[
			ZLIB_CODEC,
			"node:net",
			"node:tls",
			"node:zlib",
			"net",
			"bun",
			"ws",
			"npm:ws",
			"pako",
			"@scope/package",
			"@nats-io/transport-node",
			"@redis/client",
		],
		"../../http1/src/index.ts",
	];
	const DENIED_GLOBALS = [
		"Buffer.alloc(1)",
		"process.pid",
		"Date.now()",
		"performance.now()",
		"crypto",
		"console.log()",
	];

	/** The rules that each file breaks. */
	let broken: ReadonlyMap<string, readonly string[]> = new Map();

	beforeAll(() => {
		const project = join(folder, "linter");
		for (const name of Object.keys(ALLOWED)) {
			const sources = join(project, "packages", name, "src");
			mkdirSync(sources, { recursive: true });
			writeFileSync(join(sources, "relative.ts"), 'export { a } from "./a.ts";\nexport { b } from "../b.ts";\n');
			for (const [index, module] of MODULES.entries()) {
				writeFileSync(
					join(sources, `value-${index}.ts`),
					`import { a } from "${module}";\nexport const b: string = a;\n`,
				);
				writeFileSync(join(sources, `type-${index}.ts`), `import type { A } from "${module}";\nexport type B = A;\n`);
				writeFileSync(join(sources, `export-${index}.ts`), `export { a } from "${module}";\n`);
				writeFileSync(join(sources, `dynamic-${index}.ts`), `export const a: unknown = import("${module}");\n`);
			}
			for (const [index, code] of DENIED_GLOBALS.entries())
				writeFileSync(join(sources, `global-${index}.ts`), `export const a: unknown = ${code};\n`);
			writeFileSync(join(sources, "global-this.ts"), "export const a: unknown = globalThis;\n");
		}
		copyFileSync(join(ROOT, "biome.jsonc"), join(project, "biome.jsonc"));
		const { stdout } = runTool(
			"@biomejs/biome:biome",
			["lint", "--reporter=json", "--max-diagnostics=none", "packages"],
			project,
		);
		const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string; location: { path: string } }[] };
		// Other rules have other things to say about the files.
		const restricted = diagnostics.filter(({ category }) => category.startsWith("lint/style/noRestricted"));
		broken = new Map(
			[...Map.groupBy(restricted, ({ location }) => location.path)].map(([path, found]) => [
				path,
				found.map(({ category }) => category),
			]),
		);
	});

	const CASES = Object.entries(ALLOWED).flatMap(([name, allowed]) =>
		MODULES.map((module, index) => ({ name, module, index, verdict: allowed.includes(module) ? "may" : "may not" })),
	);

	test.each(CASES)("$name $verdict import $module", ({ name, index, verdict }) => {
		const wanted = verdict === "may" ? undefined : ["lint/style/noRestrictedImports"];
		for (const form of ["value", "type", "export", "dynamic"])
			expect(broken.get(`packages/${name}/src/${form}-${index}.ts`), form).toEqual(wanted);
	});

	test.each(Object.keys(ALLOWED))("%s may import its own modules", (name) => {
		expect(broken.get(`packages/${name}/src/relative.ts`)).toBeUndefined();
	});

	test.each(PURE.flatMap((name) => DENIED_GLOBALS.map((code, index) => ({ name, code, index }))))(
		"$name may not use $code",
		({ name, index }) => {
			expect(broken.get(`packages/${name}/src/global-${index}.ts`)).toEqual(["lint/style/noRestrictedGlobals"]);
		},
	);

	test.each(PURE)("%s may not use globalThis", (name) => {
		expect(broken.get(`packages/${name}/src/global-this.ts`)).toEqual(["lint/style/noRestrictedGlobals"]);
	});
});

describe("the compiler", () => {
	const FOREIGN = [
		"Buffer",
		"globalThis.Buffer",
		"process",
		"console",
		"setTimeout",
		"queueMicrotask",
		"performance",
		"crypto",
		"URL",
		"Headers",
		"Response",
		"AbortSignal",
		"structuredClone",
		'import("node:net")',
	];

	test.each(PURE)("%s is compiled without a runtime's types", (name) => {
		const { output, ok } = compile(
			name,
			FOREIGN.map((code, index) => `export const a${index}: unknown = ${code};`),
		);
		expect(ok).toBe(false);
		expect(linesWithErrors(output)).toEqual(FOREIGN.map((_, index) => index + 1));
	});

	test.each(PURE)("%s is compiled with the two classes it may use", (name) => {
		const { output, ok } = compile(name, ["export const a: unknown = [TextEncoder, TextDecoder, Map, Uint8Array];"]);
		expect(output).toBe("");
		expect(ok).toBe(true);
	});

	/** Compiles one file with the options of a package. */
	function compile(name: string, lines: readonly string[]): { ok: boolean; output: string } {
		const project = join(folder, "compiler", name);
		mkdirSync(project, { recursive: true });
		writeFileSync(join(project, "package.json"), '{ "type": "module" }');
		writeFileSync(join(project, "probe.ts"), `${lines.join("\n")}\n`);
		writeFileSync(
			join(project, "tsconfig.json"),
			JSON.stringify({
				extends: join(ROOT, "packages", name, "tsconfig.json"),
				compilerOptions: { rootDir: null, outDir: "dist" },
				files: ["probe.ts", join(ROOT, "ambient/text-coding.d.ts")],
				include: [],
				references: [],
			}),
		);
		return runTool("typescript:tsc", ["-p", project, "--pretty", "false"]);
	}

	function linesWithErrors(output: string): number[] {
		return [...output.matchAll(/probe\.ts\((\d+),/g)].map(([, line]) => Number(line));
	}
});
