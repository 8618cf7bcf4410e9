import { expect, test } from "vitest";
import type { Figures } from "./figures.ts";
import { LEVEL_ALLOWANCE, shortfalls } from "./verdict.ts";

const HEALTH = { sent: 100, lost: 0, p50: 1, p99: 2, failure: null };
const LEVEL = { bytes: 50_000_000, resident: 90_000_000, files: 20 };
const HELD: Figures = {
	count: 1000,
	milliseconds: 1000,
	peak: 60_000_000,
	turn: 3,
	quiet: HEALTH,
	during: { ...HEALTH, p50: 3, p99: 50 },
	before: LEVEL,
	after: { ...LEVEL, bytes: LEVEL.bytes + LEVEL_ALLOWANCE },
};

const during = (changes: Partial<typeof HELD.during>): Figures => ({ ...HELD, during: { ...HELD.during, ...changes } });

test("a server that keeps to every limit has held", () => {
	expect(shortfalls(HELD, "node", true)).toEqual([]);
});

test.each<[string, Figures, string]>([
	["a lost message", during({ lost: 1 }), "1 healthy messages lost"],
	["one that was lost before the attack", { ...HELD, quiet: { ...HEALTH, lost: 2 } }, "2 healthy messages lost"],
	["a healthy client that was cut off", during({ failure: "closed" }), "healthy client cut off: closed"],
	["a median beyond three times", during({ p50: 3.1 }), "p50 3.1 ms, more than 3.0"],
	["a 99th percentile beyond 50 ms", during({ p99: 50.6 }), "p99 51 ms"],
	["a file that stays open", { ...HELD, after: { ...LEVEL, files: 21 } }, "1 files left open"],
	["memory that stays", { ...HELD, after: { ...LEVEL, bytes: LEVEL.bytes + 9 * 1024 * 1024 } }, "level 9.0 MiB higher"],
])("%s falls short", (_, figures, shortfall) => {
	expect(shortfalls(figures, "node", true)).toEqual([shortfall]);
});

test("a median counts at least as long as a turn: a millisecond, on Deno two", () => {
	const quiet = { ...HEALTH, p50: 0.1 };
	expect(shortfalls({ ...during({ p50: 6 }), quiet }, "deno", true)).toEqual([]);
	expect(shortfalls({ ...during({ p50: 3 }), quiet }, "node", true)).toEqual([]);
	expect(shortfalls({ ...during({ p50: 9.1 }), quiet: { ...HEALTH, p50: 3 } }, "node", true)).toEqual([
		"p50 9.1 ms, more than 9.0",
	]);
});

test("where latencies don't count, all else does", () => {
	expect(shortfalls(during({ p50: 30, p99: 500 }), "node", false)).toEqual([]);
	expect(shortfalls(during({ p99: 500, lost: 1 }), "node", false)).toEqual(["1 healthy messages lost"]);
});

test("no latency at all falls short", () => {
	expect(shortfalls(during({ p50: Number.NaN, p99: Number.NaN }), "node", true)).toEqual([
		"p50 NaN ms, more than 3.0",
		"p99 NaN ms",
	]);
});

test("a server that ended falls short, whatever was measured", () => {
	expect(shortfalls({ broken: "ended (exit code 1)" }, "node", true)).toEqual(["ended (exit code 1)"]);
});
