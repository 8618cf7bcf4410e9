import { expect, test } from "vitest";
import { Late } from "./late.ts";

test("percentiles by nearest rank, in steps of 0.1 ms", () => {
	const late = new Late();
	for (const time of [3, 0.04, 1, 2]) late.add(time);
	expect([0.25, 0.5, 0.51, 0.99].map((share) => late.percentile(share))).toEqual([0.1, 1, 2, 3]);
	expect(late.count).toBe(4);
});

test("a clock that differs makes nothing earlier than at once", () => {
	const late = new Late();
	late.add(-0.3);
	expect(late.percentile(0.5)).toBe(0);
});

test("none", () => {
	expect(new Late().percentile(0.5)).toBeNaN();
});
