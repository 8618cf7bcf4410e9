import { expect, test } from "vitest";
import { cpuBetween } from "./cpu.ts";

test("what all threads took in between, also new ones", () => {
	const before = new Map([
		["1", 100],
		["2", 50],
	]);
	const after = new Map([
		["1", 130],
		["2", 50],
		["3", 7],
	]);
	expect(cpuBetween(before, after)).toBe(37);
});

test("what a thread did before that has ended does not count", () => {
	const before = new Map([
		["1", 100],
		["2", 5000],
	]);
	expect(cpuBetween(before, new Map([["1", 130]]))).toBe(30);
});
