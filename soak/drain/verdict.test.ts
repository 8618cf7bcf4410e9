import { expect, test } from "vitest";
import { deviation, histogram, type Outcome, shortfalls } from "./verdict.ts";

const arrivals = Array.from({ length: 100 }, (_, i) => i * 10);
const good: Outcome = {
	connections: 100,
	counts: { clean: 100, cut: 0 },
	seen: { clean: 100, reset: 0, cut: 0 },
	took: 1_100,
	deadline: 2_000,
	spread: 1_000,
	arrivals,
};

test("even arrivals deviate by nothing, and a late one counts to the last tenth", () => {
	expect(histogram(arrivals, 1_000)).toEqual(Array(10).fill(10));
	expect(deviation(histogram(arrivals, 1_000))).toBe(0);
	expect(histogram([1_500], 1_000).at(-1)).toBe(1);
	expect(deviation([15, 5])).toBe(0.5);
	expect(deviation([0, 0])).toBe(1);
});

test("a good drain has no shortfall", () => {
	expect(shortfalls(good)).toEqual([]);
	expect(shortfalls({ ...good, spread: 0, arrivals: Array(100).fill(1) })).toEqual([]);
});

test.each([
	[{ counts: { clean: 99, cut: 1 } }, "the server counts 99 clean and 1 cut of 100"],
	[{ seen: { clean: 99, reset: 1, cut: 0 } }, "the clients saw 99 clean, 1 reset and 0 cut"],
	[{ took: 2_001 }, "it took 2001 ms of 2000"],
	[{ arrivals: arrivals.slice(0, 99) }, "99 clients reached the successor"],
	[{ arrivals: Array(100).fill(1) }, "a tenth of the time has 900.0 % more or less than the mean"],
])("%j falls short", (change, text) => {
	expect(shortfalls({ ...good, ...change })).toContain(text);
});
