import { expect, it } from "vitest";
import { DEFAULT_HTTP_LIMITS, RequestReader } from "../src/index.ts";
import { httpLimits } from "../src/limits.ts";

it("keeps the defaults where nothing is chosen", () => {
	expect(httpLimits()).toEqual(DEFAULT_HTTP_LIMITS);
	expect(httpLimits({ maxLineSize: 1 })).toEqual({ ...DEFAULT_HTTP_LIMITS, maxLineSize: 1 });
});

it.each([0, -1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY])("%s is no limit", (maxHeadSize) => {
	expect(() => new RequestReader({ maxHeadSize })).toThrow(
		expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_LIMIT" }),
	);
});

it("takes Infinity for none", () => {
	expect(httpLimits({ maxHeadSize: Number.POSITIVE_INFINITY }).maxHeadSize).toBe(Number.POSITIVE_INFINITY);
});
