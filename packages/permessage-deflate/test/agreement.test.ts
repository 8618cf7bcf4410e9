import { expect, test } from "vitest";
import { Agreements } from "../src/agreement.ts";

test("those who agree on the same share one object", () => {
	const agreements = new Agreements();
	const own = { contextTakeover: true, windowBits: 12 };
	const peer = { contextTakeover: false, windowBits: 15 };
	const agreed = agreements.of(own, peer);
	expect(agreed).toEqual({ own, peer });
	expect(agreements.of({ ...own }, { ...peer })).toBe(agreed);
	expect(agreements.of(peer, own)).not.toBe(agreed);
	expect(agreements.of({ ...own, windowBits: 11 }, peer)).not.toBe(agreed);
});
