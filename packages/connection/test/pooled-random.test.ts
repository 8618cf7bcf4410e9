import { expect, test } from "vitest";
import { pooledRandom } from "../src/index.ts";

/** Fills with 32-bit numbers that never come again, and counts the calls. */
function source() {
	let next = 0;
	const asked: number[] = [];
	const random = (into: Uint8Array): void => {
		asked.push(into.length);
		const view = new DataView(into.buffer, into.byteOffset);
		for (let at = 0; at + 4 <= into.length; at += 4) view.setUint32(at, next++);
	};
	return { asked, random };
}

function key(random: (into: Uint8Array) => void): number {
	const into = new Uint8Array(4);
	random(into);
	return new DataView(into.buffer).getUint32(0);
}

test("every key comes from bytes of its own, and the source is asked for many at a time", () => {
	const { asked, random } = source();
	const pooled = pooledRandom(random);
	expect(asked).toEqual([]);
	const keys = new Set(Array.from({ length: 1000 }, () => key(pooled)));
	expect([keys.size, asked]).toEqual([1000, [1024, 1024, 1024, 1024]]);
});

test("no byte is given twice, whatever lengths are asked for", () => {
	const { random } = source();
	const pooled = pooledRandom(random);
	const given: number[] = [];
	for (const length of [4, 16, 1020, 4, 1024, 4]) {
		const into = new Uint8Array(length);
		pooled(into);
		const view = new DataView(into.buffer);
		for (let at = 0; at < length; at += 4) given.push(view.getUint32(at));
	}
	expect(new Set(given).size).toBe(given.length);
});

test("more bytes than the pool holds come from the source itself", () => {
	const { asked, random } = source();
	pooledRandom(random)(new Uint8Array(1025));
	expect(asked).toEqual([1025]);
});

test("each has a pool of its own", () => {
	const { asked, random } = source();
	expect(key(pooledRandom(random))).not.toBe(key(pooledRandom(random)));
	expect(asked.length).toBe(2);
});

test("a source that throws leaves no key to be used twice", () => {
	let isBroken = true;
	const pooled = pooledRandom((into) => {
		if (isBroken) throw new Error("no entropy");
		into.fill(9);
	});
	expect(() => key(pooled)).toThrow("no entropy");
	isBroken = false;
	expect(key(pooled)).toBe(0x09090909);
});
