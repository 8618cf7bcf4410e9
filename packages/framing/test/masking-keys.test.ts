import { expect, test } from "vitest";
import { maskingKeysFrom, nextMaskingKey } from "../src/masking-keys.ts";

test("every key comes from bytes of its own", () => {
	let calls = 0;
	const random = (into: Uint8Array): void => {
		calls++;
		new DataView(into.buffer).setUint32(0, calls);
		for (let at = 4; at < into.length; at += 4) new DataView(into.buffer).setUint32(at, calls * 2 ** 16 + at);
	};
	const keys = maskingKeysFrom(random);
	expect(calls).toBe(0);
	const seen = new Set(Array.from({ length: 1000 }, () => nextMaskingKey(keys)));
	expect(seen.size).toBe(1000);
	expect(calls).toBe(4);
});

test("one pool for each source, shared", () => {
	const random = (into: Uint8Array): void => void into.fill(1);
	expect(maskingKeysFrom(random)).toBe(maskingKeysFrom(random));
	expect(maskingKeysFrom(() => {})).not.toBe(maskingKeysFrom(random));
});

test("a source that throws leaves no key to be used twice", () => {
	let isBroken = true;
	const keys = maskingKeysFrom((into) => {
		if (isBroken) throw new Error("no entropy");
		into.fill(9);
	});
	expect(() => nextMaskingKey(keys)).toThrow("no entropy");
	isBroken = false;
	expect(nextMaskingKey(keys)).toBe(0x09090909);
});
