import fc from "fast-check";
import { expect, test } from "vitest";
import { LatestBytes } from "../src/latest-bytes.ts";
import { concat, noise } from "./bytes.ts";

test("for any pieces and any limit, the latest bytes are those at the end of all", () => {
	fc.assert(
		fc.property(fc.nat(300), fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 20 }), (limit, pieces) => {
			const latest = new LatestBytes(limit);
			let all = new Uint8Array(0);
			for (const piece of pieces) {
				latest.append(piece);
				all = concat([all, piece]);
				const expected = all.slice(Math.max(0, all.length - limit));
				expect(latest.size).toBe(expected.length);
				expect(latest.copy()).toEqual(expected);
			}
		}),
	);
});

test("the oldest bytes can be forgotten", () => {
	const latest = new LatestBytes(8);
	latest.append(noise(11));
	latest.keep(9);
	expect(latest.copy()).toEqual(noise(11).subarray(3));
	latest.keep(2);
	expect(latest.copy()).toEqual(noise(11).subarray(9));
	latest.append(noise(7));
	expect(latest.copy()).toEqual(concat([noise(11).subarray(10), noise(7)]));
	latest.keep(0);
	expect(latest.copy()).toEqual(noise(0));
});

test("what is appended is copied, and so is what is given", () => {
	const latest = new LatestBytes(8);
	const piece = noise(4);
	latest.append(piece);
	piece.fill(0);
	latest.copy().fill(0);
	expect(latest.copy()).toEqual(noise(4));
});
