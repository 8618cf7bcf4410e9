import { expect, test } from "vitest";
import { UsageError } from "../bench/command.ts";
import { readArguments } from "./arguments.ts";

const total = (counts: Readonly<Record<string, number>>): number =>
	Object.values(counts).reduce((sum, count) => sum + count, 0);

test("the long form has 100 connections that move 20 times, and a million messages", () => {
	const { check, connections, messages, moves } = readArguments([])!;
	expect({ check, moves, connections: total(connections) }).toEqual({ check: false, moves: 20, connections: 100 });
	expect(2 * connections.fast * messages.fast).toBeGreaterThan(1_000_000);
});

test("the short form", () => {
	const { check, connections } = readArguments(["--", "--check"])!;
	expect({ check, connections: total(connections) }).toEqual({ check: true, connections: 24 });
});

test("--help asks for the usage, and what is unknown is named", () => {
	expect(readArguments(["--help"])).toBe(null);
	for (const line of [["20"], ["--long"]]) expect(() => readArguments(line)).toThrow(UsageError);
});
