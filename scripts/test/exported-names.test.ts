import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportedNames } from "../exported-names.ts";

let folder = "";

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "barewire-names-"));
});

afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

function namesOf(...modules: string[]): string[] {
	const entries = modules.map((text, index) => {
		const source = join(folder, `${index}.ts`);
		writeFileSync(source, text);
		return { subpath: ".", source, bundle: "" };
	});
	return [...exportedNames({ entries })].sort();
}

test.each([
	[`export { a, type B } from "./x.ts";`, ["B", "a"]],
	[`export type { A, B } from "./x.ts";`, ["A", "B"]],
	[`export {\n\ta as b,\n\ttype C,\n} from "./x.ts";`, ["C", "b"]],
	[`export const a = 1;\nexport function b() {}\nexport async function c() {}`, ["a", "b", "c"]],
	[`export class A {}\nexport interface B {}\nexport type C = A;\ninterface D {}`, ["A", "B", "C"]],
	[`export * from "@barewire/endpoint/application";\nexport { serve } from "./serve.ts";`, ["serve"]],
])("%j", (text, names) => {
	expect(namesOf(text)).toEqual(names);
});

test("a name that two entries have is one, and what a file passes on of another of the package counts", () => {
	expect(namesOf(`export { a, b } from "./x.ts";`, `export { b, c } from "./x.ts";\nexport * from "./0.ts";`)).toEqual([
		"a",
		"b",
		"c",
	]);
});

test("an export of another form is not left out in silence", () => {
	expect(() => namesOf("export default 1;")).toThrow("a form that is not counted");
});
