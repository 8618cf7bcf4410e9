import { expect, test } from "vitest";
import { Output } from "../src/output.ts";
import { commitToSlab, reserveInSlab, slab } from "../src/slab.ts";
import { hex, toHex } from "./wire.ts";

function addCopy(output: Output, digits: string): void {
	const bytes = hex(digits);
	const at = reserveInSlab(bytes.length);
	slab.set(bytes, at);
	output.addFromSlab(at, at + bytes.length);
}

test("neighbours become one piece, in order with what is added by reference", () => {
	// Room enough for all of it in one slab.
	reserveInSlab(1000);
	const output = new Output();
	const large = new Uint8Array(5000);
	addCopy(output, "01");
	addCopy(output, "02");
	output.add(large);
	addCopy(output, "03");
	expect(output.buffered).toBe(5003);
	expect(toHex(output.next()!)).toBe("0102");
	expect(output.next()).toBe(large);
	addCopy(output, "04");
	expect(toHex(output.next()!)).toBe("0304");
	expect(output.next()).toBeNull();
	expect(output.buffered).toBe(0);
});

test("a copy of all that waits takes nothing and is no view", () => {
	const output = new Output();
	expect(output.copy().length).toBe(0);
	addCopy(output, "01");
	output.add(hex("aabb"));
	addCopy(output, "02");
	const copy = output.copy();
	expect([toHex(copy), copy.buffer.byteLength, output.buffered]).toEqual(["01aabb02", 4, 4]);
	output.next();
	expect([toHex(copy), toHex(output.copy())]).toEqual(["01aabb02", "02"]);
});

test("no copy without a piece whose buffer was transferred", () => {
	const output = new Output();
	const bytes = new Uint8Array(5000);
	output.add(bytes);
	structuredClone(bytes, { transfer: [bytes.buffer] });
	expect(() => output.copy()).toThrow(expect.objectContaining({ name: "UsageError", code: "ERR_TRANSFERRED" }));
});

test("small pieces leave together, up to 4096 bytes", () => {
	const output = new Output();
	const frames = Array.from({ length: 5 }, (_, i) => new Uint8Array(1000).fill(i));
	for (const frame of frames) output.add(frame);
	const first = output.next();
	expect(first).toEqual(Uint8Array.from(frames.slice(0, 4).flatMap((frame) => [...frame])));
	expect([output.buffered, output.next() === frames[4], output.next()]).toEqual([1000, true, null]);
});

test("one whose buffer was transferred leaves by itself, and empty", () => {
	const output = new Output();
	const frames = [hex("01"), hex("02"), hex("03")];
	for (const frame of frames) output.add(frame);
	structuredClone(frames[1], { transfer: [frames[1]!.buffer] });
	expect([output.next(), output.next()].map((piece) => piece?.length)).toEqual([1, 0]);
});

test("another writer's bytes in between part the pieces", () => {
	reserveInSlab(1000);
	const output = new Output();
	const other = new Output();
	addCopy(output, "01");
	addCopy(other, "ff");
	addCopy(output, "02");
	expect(toHex(output.next()!)).toBe("01");
	expect(toHex(output.next()!)).toBe("02");
	expect(output.next()).toBeNull();
	expect(toHex(other.next()!)).toBe("ff");
});

test("a range that ends where a new slab's begins is not continued", () => {
	const output = new Output();
	reserveInSlab(slab.length + 1 > 65536 ? 65536 : 1);
	addCopy(output, "01");
	commitToSlab(slab.length);
	addCopy(output, "02");
	expect(toHex(output.next()!)).toBe("01");
	expect(toHex(output.next()!)).toBe("02");
});

test("pieces that lie apart take memory of their own; neighbours don't", () => {
	reserveInSlab(1000);
	const output = new Output();
	expect(output.memory).toBe(0);
	for (let i = 0; i < 10; i++) addCopy(output, "01");
	expect(output.memory).toBe(10);
	output.add(hex("aabb"));
	expect(output.memory).toBe(12 + 2 * 128);
	while (output.next() !== null);
	expect(output.memory).toBe(0);
});
