import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

test("the nearest rank, whatever the order", () => {
	const values = [5, 1, 4, 2, 3];
	expect([0, 0.2, 0.21, 0.5, 0.99, 1].map((share) => percentile(values, share))).toEqual([1, 1, 2, 3, 5, 5]);
});

test("of two values the median is the smaller one", () => {
	expect(percentile([10, 2], 0.5)).toBe(2);
});

test("numbers are not sorted as texts", () => {
	expect(percentile([9, 10, 100], 1)).toBe(100);
});

test("none has no percentile", () => {
	expect(percentile([], 0.5)).toBeNaN();
});
