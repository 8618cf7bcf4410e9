import { describe, expect, test } from "vitest";
import { type Case, PROPERTIES, type Property } from "../arbitraries/cases.ts";
import { ArgumentError, readArguments } from "./arguments.ts";
import type { SavedFailure } from "./corpus.ts";
import { search } from "./search.ts";

describe("the command line", () => {
	test("without arguments it runs for 60 seconds", () => {
		expect(readArguments([])).toMatchObject({ seconds: 60, runs: Number.POSITIVE_INFINITY });
	});

	test("with --runs only the runs count", () => {
		expect(readArguments(["--runs", "10", "--seed=7"])).toEqual({
			seconds: Number.POSITIVE_INFINITY,
			runs: 10,
			seed: 7,
		});
	});

	test.each([
		[["--seconds", "0"], '--seconds must be a whole number from 1 to 31536000, not "0"'],
		[["--runs", "1e3"], '--runs must be a whole number from 1 to 9007199254740991, not "1e3"'],
		[["--seed=-1"], '--seed must be a whole number from 0 to 2147483647, not "-1"'],
		[["--seed", "2147483648"], '--seed must be a whole number from 0 to 2147483647, not "2147483648"'],
		[["--minutes", "1"], "Unknown option '--minutes'"],
		[["--runs"], "Option '--runs <value>' argument missing"],
		[["fast"], "Unexpected argument 'fast'"],
	])("%j is refused", (args, message) => {
		expect(() => readArguments(args)).toThrow(ArgumentError);
		expect(() => readArguments(args)).toThrow(message);
	});
});

test("the same seed tries the same cases, and as many as were asked for", () => {
	const lines: string[][] = [[], []];
	for (const printed of lines)
		expect(
			search(PROPERTIES, { seconds: Number.POSITIVE_INFINITY, runs: 300, seed: 1 }, (line) => printed.push(line)),
		).toBe(0);
	for (const printed of lines) {
		expect(printed[0]).toBe("seed 1");
		expect(printed.at(-1)?.replace(/\d+ s/, "N s")).toBe(
			`300 cases in N s, 0 of ${PROPERTIES.length} properties failed`,
		);
	}
});

test("a failure is shrunk and saved, once for each property", () => {
	const saved: SavedFailure[] = [];
	const printed: string[] = [];
	const means = {
		check(given: Case): void {
			if (given.hex.length >= 8) throw new Error("four bytes or more");
		},
		save(failure: SavedFailure): string {
			saved.push(failure);
			return "file.json";
		},
	};
	const asked = { seconds: Number.POSITIVE_INFINITY, runs: Number.POSITIVE_INFINITY, seed: 1 };
	const property = PROPERTIES.find(({ name }) => name === "server, any bytes") as Property;
	expect(search([property], asked, (line) => printed.push(line), means)).toBe(1);
	expect(saved).toMatchObject([
		{ property: "server, any bytes", error: "four bytes or more", case: { hex: "00000000" } },
	]);
	expect(printed[1]).toMatch(/^FAILED: server, any bytes \(seed 1, path [\d:]+\): four bytes or more$/);
});
