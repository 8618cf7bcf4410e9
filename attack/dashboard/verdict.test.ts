import { expect, test } from "vitest";
import type { Figures } from "./figures.ts";
import { LIMITS, LONGEST_RUN, STREAM_ALLOWANCE } from "./limits.ts";
import { shortfalls } from "./verdict.ts";

const HELD: Figures = {
	quiet: { values: 1000, p50: 1, p99: 8 },
	during: { values: 1000, p50: 2, p99: 16 },
	server: {
		all: { values: 1000, stale: 10, age: 20, run: LONGEST_RUN },
		slow: { values: 10, stale: 10, age: 20, run: 10 },
		held: LIMITS.maxServerBytes,
		heldByOne: LIMITS.maxBufferedBytes + STREAM_ALLOWANCE,
		ends: {},
	},
	peak: 100_000_000,
	turn: 3,
	standing: { disorder: 0, missing: 0, missingSlow: 0, fastEnded: 0, slow: 100, slowEnded: 0, behind: 0 },
};

const server = (changes: Partial<Figures["server"]>): Figures => ({ ...HELD, server: { ...HELD.server, ...changes } });
const standing = (changes: Partial<Figures["standing"]>): Figures => ({
	...HELD,
	standing: { ...HELD.standing, ...changes },
});
const late = (quiet: number, during: number): Figures => ({
	...HELD,
	quiet: { ...HELD.quiet, p99: quiet },
	during: { ...HELD.during, p99: during },
});

test("what keeps to every limit has held", () => {
	for (const policy of ["latest", "drop", "wait"] as const) expect(shortfalls(policy, HELD, true)).toEqual([]);
	expect(shortfalls("disconnect", standing({ slowEnded: 100 }), true)).toEqual([]);
});

test("below 5 ms a factor says nothing", () => {
	expect(shortfalls("drop", late(0.5, 10), true)).toEqual([]);
	expect(shortfalls("drop", late(0.5, 10.1), true)).toEqual(["p99 10.1 ms, more than 10.0"]);
});

test("a machine that is too busy is said to be, and nothing else is", () => {
	expect(shortfalls("latest", late(101, 5000), true)).toEqual(["p99 101 ms without slow ones: too busy to tell"]);
	expect(shortfalls("latest", late(Number.NaN, 5), true)).toEqual(["p99 NaN ms without slow ones: too busy to tell"]);
});

test("where latencies don't count, all else does", () => {
	expect(shortfalls("latest", late(101, 5000), false)).toEqual([]);
	expect(shortfalls("drop", standing({ disorder: 1 }), false)).toEqual(["1 values out of order"]);
});

test.each<[string, "latest" | "wait" | "drop" | "disconnect", Figures, string]>([
	["a factor above 2", "wait", late(8, 16.1), "p99 16.1 ms, more than 16.0"],
	["no value at all", "wait", late(8, Number.NaN), "p99 NaN ms, more than 16.0"],
	["disorder", "drop", standing({ disorder: 1 }), "1 values out of order"],
	["a fast one that was ended", "drop", standing({ fastEnded: 1 }), "1 fast ones ended"],
	["one that does not come back", "wait", standing({ behind: 1 }), "1 slow ones did not catch up"],
	["too much in all", "wait", server({ held: LIMITS.maxServerBytes + 1024 }), "262145 KiB held"],
	["too much of one", "wait", server({ heldByOne: 2048 * 1024 }), "2048 KiB held by one"],
	["a missing value", "wait", standing({ missingSlow: 1 }), "1 values missing"],
	["a slow one that was ended", "latest", standing({ slowEnded: 1 }), "1 slow ones ended"],
	["one that was not", "disconnect", standing({ slowEnded: 99 }), "1 slow ones not disconnected"],
	[
		"more old values than can be framed",
		"latest",
		server({ all: { ...HELD.server.all, run: LONGEST_RUN + 1 } }),
		`${LONGEST_RUN + 1} values in a row were not the newest of their key`,
	],
])("%s falls short", (_, policy, figures, shortfall) => {
	expect(shortfalls(policy, figures, true)).toEqual([shortfall]);
});

test("a server that ended falls short, whatever was measured", () => {
	expect(shortfalls("wait", { broken: "ended (exit code 1)" }, true)).toEqual(["ended (exit code 1)"]);
});
