import { expect, test } from "vitest";
import { fileSpecifiersToJs } from "../declarations.ts";

test.each([
	['export { a } from "./a.ts";', 'export { a } from "./a.js";'],
	['import type { A } from "../deep/a.ts";', 'import type { A } from "../deep/a.js";'],
	['declare const a: import("./a.ts").A;', 'declare const a: import("./a.js").A;'],
	['import "./effect.ts";', 'import "./effect.js";'],
])("%s becomes %s", (written, wanted) => {
	expect(fileSpecifiersToJs(written)).toBe(wanted);
});

test.each([
	'export { a } from "@barewire/a.ts";',
	'export { a } from "./a.js";',
	'export declare const file = "./a.ts";',
])("%s stays", (written) => {
	expect(fileSpecifiersToJs(written)).toBe(written);
});
