import fc from "fast-check";
import { expect, test } from "vitest";
import { HandshakeRate } from "../src/handshake-rate.ts";

test("a second's worth at once, then as they come in", () => {
	const rate = new HandshakeRate(4);
	const take = (now: number, times: number): number =>
		Array.from({ length: times }, () => rate.take(now)).filter((taken) => taken).length;
	expect(take(0, 10)).toBe(4);
	expect(take(249, 10)).toBe(0);
	expect(take(250, 10)).toBe(1);
	expect(take(1_000, 10)).toBe(3);
	// What is not used is kept for one second.
	expect(take(60_000, 10)).toBe(4);
});

test("in no span of time more than what comes in, and what was there", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 50 }),
			fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
			(perSecond, gaps) => {
				const rate = new HandshakeRate(perSecond);
				let now = 0;
				const taken: number[] = [];
				for (const gap of gaps) {
					now += gap;
					if (rate.take(now)) taken.push(now);
				}
				for (const [i, from] of taken.entries())
					for (const [j, to] of taken.entries())
						if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(perSecond + ((to - from) * perSecond) / 1000 + 1e-6);
			},
		),
	);
});
