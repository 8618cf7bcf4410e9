import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { run } from "../command.ts";
import { ROOT } from "../repository.ts";

const COMPILERS = {
	"TypeScript 5.7": "scripts/node_modules/typescript-5.7/bin/tsc",
	"the repository's TypeScript": "node_modules/typescript/bin/tsc",
};

const folder = mkdtempSync(join(tmpdir(), "barewire-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

for (const [title, compiler] of Object.entries(COMPILERS))
	for (const libraries of [["DOM", "DOM.AsyncIterable"], []])
		test(`${title}, ${libraries.length > 0 ? "with" : "without"} the types of the DOM: natural lines compile`, () => {
			expect(complaints("natural-lines", compiler, libraries)).toEqual([]);
		}, 120_000);

// TypeScript 5.7 takes the types of a handler's parameters from the first overload, and says another thing of messages in parts.
for (const [title, count] of [
	["TypeScript 5.7", 2],
	["the repository's TypeScript", 3],
] as const)
	test(`${title}: what lacks \`upgrade\` is told so`, () => {
		const found = complaints("without-upgrade", COMPILERS[title], ["DOM", "DOM.AsyncIterable"]);
		expect(found.filter((each) => each.includes("Property 'upgrade' is missing"))).toHaveLength(count);
	}, 120_000);

/** What the compiler says of the program, each with its reasons. Our sources are checked by our own configuration, not by these. */
function complaints(program: string, compiler: string, libraries: readonly string[]): string[] {
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
	const files = [join(ROOT, "scripts/test/programs", `${program}.ts`)];
	writeFileSync(config, JSON.stringify({ compilerOptions, files }));
	const { output, ok } = run(process.execPath, [join(ROOT, compiler), "-p", config, "--pretty", "false"]);
	const all = output.split(/\n(?! )/);
	const found = all.filter((each) => each.includes(`${program}.ts`));
	// A compiler that did not come as far as the program has said nothing of it.
	if (!ok && all.every((each) => !/\.ts\(\d/.test(each))) found.push(output);
	return found;
}
