import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";
import { CASE_IDS } from "./cases.ts";
import { UsageError } from "./command.ts";

test("without arguments, everything in the long form", () => {
	expect(readArguments([])).toMatchObject({
		cases: CASE_IDS,
		runtimes: ["node", "deno", "bun"],
		marks: false,
		write: false,
		options: [],
		idleConnections: 10_000,
		creepSeconds: 120,
	});
});

test("lists and repeated options, in the bench's own order", () => {
	const line = ["--", "--quick", "--only", "idle,20Bx32", "--only", "20Bx1", "--runtime", "bun,node", "--marks"];
	expect(readArguments(line)).toMatchObject({
		cases: ["20Bx1", "20Bx32", "idle"],
		runtimes: ["node", "bun"],
		marks: true,
		idleConnections: 2000,
		creepSeconds: 15,
	});
});

test.each([
	["20B", ["20Bx1", "20Bx32"]],
	["1KiBx16", ["1KiBx16"]],
	["ws", ["ws:20Bx1", "ws:20Bx32", "ws:1KiBx16", "ws:16KiBx4", "ws:idle", "ws:openings"]],
	["http", ["http:100Bx1", "http:100Bx8", "http:1MiBx1"]],
])("--only %s", (word, cases) => {
	expect(readArguments(["--only", word])?.cases).toEqual(cases);
});

test("--write, and what the command line was", () => {
	expect(readArguments(["--", "--write", "--quick"])).toMatchObject({ write: true, options: ["--write", "--quick"] });
});

test("--creep-seconds", () => {
	expect(readArguments(["--creep-seconds", "600"])?.creepSeconds).toBe(600);
});

test("--help asks for the usage", () => {
	expect(readArguments(["--help"])).toBeNull();
});

test.each([["--only", "20"], ["--runtime", "rhino"], ["--creep-seconds", "0"], ["--fast"], ["20B"]])(
	"%s %s is not understood",
	(...line) => {
		expect(() => readArguments(line)).toThrow(UsageError);
	},
);

test("an echo case for each size and window that the marks are about", () => {
	for (const id of ["20Bx1", "20Bx32", "1KiBx16", "16KiBx4", "1MiBx1"]) expect(CASE_IDS).toContain(id);
	expect(new Set(CASE_IDS).size).toBe(CASE_IDS.length);
});
