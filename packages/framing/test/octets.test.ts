import { expect, test } from "vitest";
import { copyOctets } from "../src/octets.ts";

test("copies just the range, short and long", () => {
	for (const length of [0, 1, 47, 48, 49, 200]) {
		const source = Uint8Array.from({ length: length + 4 }, (_, i) => i + 1);
		const target = new Uint8Array(length + 6);
		copyOctets(target, 3, source, 2, length + 2);
		expect([...target]).toEqual([0, 0, 0, ...source.subarray(2, length + 2), 0, 0, 0]);
	}
});
