import { expect, test } from "vitest";
import { randomNumbers } from "../bench/load/payload.ts";
import { median, trendOf } from "./trend.ts";

const points = (values: readonly number[]) => values.map((value, i) => ({ time: i * 10, value }));

test("a line grows by what lies between its ends, and is sure", () => {
	const { growth, certainty } = trendOf(points([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
	expect(growth).toBeCloseTo(9);
	expect(certainty).toBeGreaterThan(3);
});

test("values that stand out don't make a trend, nor hide one", () => {
	expect(trendOf(points([5, 5, 5, 5, 5, 5, 500, 5, 5, 900])).growth).toBe(0);
	expect(trendOf(points([1, 2, 3, 4, -900, 6, 7, 8, 900, 10])).growth).toBeCloseTo(9);
});

test("noise is not sure", () => {
	const next = randomNumbers(1);
	const { certainty } = trendOf(points(Array.from({ length: 60 }, () => next() / 2 ** 32)));
	expect(Math.abs(certainty)).toBeLessThan(2.3);
});

test("a leak below the noise is sure", () => {
	const next = randomNumbers(2);
	const { growth, certainty } = trendOf(points(Array.from({ length: 60 }, (_, i) => i / 60 + (next() / 2 ** 32) * 2)));
	expect(growth).toBeGreaterThan(0.5);
	expect(certainty).toBeGreaterThan(2.3);
});

test("one point has no trend", () => {
	expect(trendOf(points([7]))).toEqual({ growth: 0, certainty: 0 });
});

test("medians of odd and even numbers of values", () => {
	expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, Number.NaN]);
});
