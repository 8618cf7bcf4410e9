import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../command.ts";
import { ROOT } from "../repository.ts";

const PROGRAM = "scripts/test/programs/natural-lines.ts";

const COMPILERS = {
	"TypeScript 5.7": "scripts/node_modules/typescript-5.7/bin/tsc",
	"the repository's TypeScript": "node_modules/typescript/bin/tsc",
};

const folder = mkdtempSync(join(tmpdir(), "barewire-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

for (const [title, compiler] of Object.entries(COMPILERS))
	for (const libraries of [["DOM", "DOM.AsyncIterable"], []])
		test(`${title}, ${libraries.length > 0 ? "with" : "without"} the types of the DOM: natural lines compile`, () => {
			expect(complaints(compiler, libraries)).toEqual([]);
		}, 120_000);

/** What the compiler says of the program. Our sources are checked by our own configuration, not by these. */
function complaints(compiler: string, libraries: readonly string[]): string[] {
	const config = join(folder, "tsconfig.json");
	const compilerOptions = {
		target: "ES2024",
		lib: ["ES2024", "ESNext.Disposable", ...libraries],
		module: "NodeNext",
		moduleResolution: "NodeNext",
		customConditions: ["source"],
		allowImportingTsExtensions: true,
		strict: true,
		exactOptionalPropertyTypes: true,
		skipLibCheck: true,
		noEmit: true,
		typeRoots: [join(ROOT, "scripts/node_modules/@types")],
		types: ["node"],
	};
	writeFileSync(config, JSON.stringify({ compilerOptions, files: [join(ROOT, PROGRAM)] }));
	const { output, ok } = run(process.execPath, [join(ROOT, compiler), "-p", config, "--pretty", "false"]);
	const lines = output.split("\n");
	const found = lines.filter((line) => line.includes("natural-lines.ts"));
	// A compiler that did not come as far as the program has said nothing of it.
	if (!ok && lines.every((line) => !/\.ts\(\d/.test(line))) found.push(output);
	return found;
}
