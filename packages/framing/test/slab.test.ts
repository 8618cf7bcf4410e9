import { expect, test } from "vitest";
import { commitToSlab, reserveInSlab, SLAB_SIZE, slab, slabFill } from "../src/slab.ts";

test("a slab is filled and then left as it is", () => {
	reserveInSlab(SLAB_SIZE);
	const first = slab;
	expect(first.length).toBe(SLAB_SIZE);
	expect(first.every((byte) => byte === 0)).toBe(true);
	commitToSlab(SLAB_SIZE - 10);
	expect(reserveInSlab(10)).toBe(SLAB_SIZE - 10);
	expect(slab).toBe(first);
	expect(reserveInSlab(11)).toBe(0);
	expect(slab).not.toBe(first);
	expect(slabFill).toBe(0);
});

test("a reservation takes nothing until it is committed", () => {
	const at = reserveInSlab(100);
	expect(reserveInSlab(100)).toBe(at);
});

test("a slab whose buffer has been transferred away is replaced", () => {
	reserveInSlab(1);
	structuredClone(slab, { transfer: [slab.buffer as ArrayBuffer] });
	expect(slab.length).toBe(0);
	expect(reserveInSlab(1)).toBe(0);
	expect(slab.length).toBe(SLAB_SIZE);
});
