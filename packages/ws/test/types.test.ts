import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runTool } from "../../../scripts/command.ts";

const PACKAGE = join(import.meta.dirname, "..");

/** What the compiler says of the program, with these types in the place of those of ws. */
function compile(types: string | null): string {
	const folder = mkdtempSync(join(tmpdir(), "ws-types-"));
	try {
		const config = {
			compilerOptions: {
				module: "NodeNext",
				strict: true,
				noEmit: true,
				skipLibCheck: false,
				target: "ES2024",
				lib: ["ES2024"],
				types: ["node"],
				typeRoots: [join(PACKAGE, "node_modules/@types")],
				...(types === null ? null : { paths: { ws: [types] } }),
			},
			files: [join(PACKAGE, "test/programs/typed.ts")],
		};
		const file = join(folder, "tsconfig.json");
		writeFileSync(file, JSON.stringify(config));
		return runTool("typescript:tsc", ["-p", file]).output;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

test("a program compiles with @types/ws", () => {
	expect(compile(null)).toBe("");
});

test("the same program compiles with the types of this package", () => {
	expect(compile(join(PACKAGE, "package/index.d.ts"))).toBe("");
});
