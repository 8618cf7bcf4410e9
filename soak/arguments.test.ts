import { expect, test } from "vitest";
import { UsageError } from "../bench/command.ts";
import { readArguments } from "./arguments.ts";

const runtimes = ["node", "deno", "bun"];

test("minutes, on all runtimes", () => {
	expect(readArguments(["20"])).toEqual({ minutes: 20, check: false, runtimes });
	expect(readArguments(["--", "0.5"])).toEqual({ minutes: 0.5, check: false, runtimes });
});

test("faults, in the short form, on some", () => {
	expect(readArguments(["--faults", "--check", "--runtime", "bun,node"])).toEqual({
		minutes: null,
		check: true,
		runtimes: ["node", "bun"],
	});
});

test("--help asks for the usage", () => {
	expect(readArguments(["--help"])).toBeNull();
});

test.each([
	[],
	["soon"],
	["0"],
	["-1"],
	["Infinity"],
	["1", "2"],
	["1", "--check"],
	["1", "--faults"],
	["1", "--runtime", "rhino"],
])("%s %s %s is not understood", (...line) => {
	expect(() => readArguments(line)).toThrow(UsageError);
});
