import { expect, test } from "vitest";
import { UsageError } from "../bench/command.ts";
import { readArguments, serversFor } from "./arguments.ts";
import { ATTACK_NAMES } from "./attacks/index.ts";

test("without arguments, everything in the long form", () => {
	const runtimes = ["node", "deno", "bun"];
	expect(readArguments([])).toEqual({ check: false, timed: true, runtimes, attacks: ATTACK_NAMES, servers: null });
});

test("lists and repeated options, in the suite's own order", () => {
	const settings = readArguments([
		"--",
		"--check",
		"--untimed",
		"--only",
		"pings,flood",
		"--only",
		"bombs",
		"--runtime",
		"bun",
	]);
	expect(settings).toEqual({
		check: true,
		timed: false,
		runtimes: ["bun"],
		attacks: ["flood", "pings", "bombs"],
		servers: null,
	});
});

test("--help asks for the usage", () => {
	expect(readArguments(["--help"])).toBeNull();
});

test.each([
	["--only", "flod"],
	["--runtime", "rhino"],
	["--server", "file"],
	["--quick", ""],
])("%s %s is not understood", (...line) => {
	expect(() => readArguments(line)).toThrow(UsageError);
});

test("the long form takes both servers, the short one takes them in turn", () => {
	const [long, short] = [readArguments([])!, readArguments(["--check"])!];
	expect(serversFor(long, 1)).toEqual(["echo", "chat"]);
	expect([0, 1, 2].map((place) => serversFor(short, place))).toEqual([["echo"], ["chat"], ["echo"]]);
});

test("--server is what both forms take", () => {
	expect(serversFor(readArguments(["--check", "--server", "chat"])!, 0)).toEqual(["chat"]);
});
