import { expect, test } from "vitest";
import { UsageError } from "../../bench/command.ts";
import { POLICIES, readArguments } from "./arguments.ts";

const runtimes = ["node", "deno", "bun"];

test("without arguments, everything in the long form", () => {
	expect(readArguments([])).toEqual({
		timed: true,
		runtimes,
		policies: POLICIES,
		subscribers: 500,
		seconds: 10,
		warmUp: 10,
	});
});

test("the short form, of what is chosen", () => {
	const settings = readArguments(["--", "--check", "--untimed", "--runtime", "bun", "--policy", "drop,latest"]);
	expect(settings).toEqual({
		timed: false,
		runtimes: ["bun"],
		policies: ["latest", "drop"],
		subscribers: 500,
		seconds: 2,
		warmUp: 3,
	});
});

test("--seconds goes before the form's own", () => {
	expect(readArguments(["--check", "--seconds", "30"])).toMatchObject({ seconds: 30, warmUp: 3 });
});

test("--help asks for the usage", () => {
	expect(readArguments(["--help"])).toBeNull();
});

test.each([
	["--policy", "newest"],
	["--runtime", "rhino"],
	["--seconds", "0"],
	["--seconds", "soon"],
	["--subscribers", "9"],
	["--only", "latest"],
])("%s %s is not understood", (...line) => {
	expect(() => readArguments(line)).toThrow(UsageError);
});
