import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_BYTES } from "../src/bytes.ts";
import { MessageAssembly } from "../src/message-assembly.ts";
import { concat } from "./wire.ts";

const ALL = Number.POSITIVE_INFINITY;

/** The buffers behind an assembly: what it really keeps alive. */
function retained(assembly: MessageAssembly): number {
	const buffers = new Set([...assembly.pieces, assembly.tail].map((piece) => piece.buffer));
	return [...buffers].reduce((size, buffer) => size + buffer.byteLength, 0);
}

test("pieces of any size, kept or copied, join to what was added, in memory bounded by it", () => {
	const sizes = fc.oneof(fc.nat(40), fc.constantFrom(0, 1, 1023, 1024, 1025, 5000, 70000));
	fc.assert(
		fc.property(fc.array(fc.tuple(sizes, fc.nat(3000)), { maxLength: 40 }), (pieces) => {
			const assembly = new MessageAssembly();
			const added: Uint8Array[] = [];
			pieces.forEach(([size, around], i) => {
				const chunk = new Uint8Array(size + around).fill(i + 1);
				const from = around >> 1;
				assembly.add(chunk, from, from + size);
				added.push(chunk.slice(from, from + size));
				// A kept piece may be half of its buffer, and the tail before it takes 128 bytes even for one.
				const bound = 128 + (2 + 128 / 1024) * assembly.size;
				if (retained(assembly) > bound) expect.fail(`${retained(assembly)} for ${assembly.size}`);
				// Two pieces that are each a half of one buffer count it twice.
				expect(assembly.memory).toBeGreaterThanOrEqual(retained(assembly));
				expect(assembly.memory).toBeLessThanOrEqual(bound);
			});
			expect(assembly.size).toBe(added.reduce((size, piece) => size + piece.length, 0));
			expect(Buffer.compare(assembly.join(ALL)!, concat(added))).toBe(0);
		}),
	);
});

test("put together by slices, a message is what was added, and takes no more memory than before but for the piece that is being copied", () => {
	const sizes = fc.oneof(fc.nat(40), fc.constantFrom(1, 999, 1000, 3000, 70000));
	// Two pieces of one chunk, which are kept, copied, or one of each; what is around them is not of the message.
	const chunk = fc.tuple(sizes, fc.nat(1500), sizes, fc.constantFrom(0, 0, 1));
	fc.assert(
		fc.property(fc.array(chunk, { minLength: 1, maxLength: 40 }), fc.array(fc.nat(100_000)), (chunks, slices) => {
			const assembly = new MessageAssembly();
			const added: Uint8Array[] = [];
			chunks.forEach(([first, between, second, behind], i) => {
				const bytes = new Uint8Array(first + between + second + behind).map((_, at) => i + at);
				added.push(bytes.slice(0, first), bytes.slice(first + between, first + between + second));
				assembly.add(bytes, 0, first);
				assembly.add(bytes, first + between, first + between + second);
			});
			const expected = concat(added);
			const before = assembly.memory;
			expect(assembly.isJoining).toBe(false);
			for (const slice of slices) {
				if (assembly.join(slice) !== null) break;
				expect([assembly.isJoining, assembly.size]).toEqual([true, expected.length]);
				expect(assembly.memory).toBeLessThanOrEqual(before + 71_501);
				expect(Buffer.compare(assembly.copy(), expected)).toBe(0);
			}
			expect(Buffer.compare(assembly.join(ALL)!, expected)).toBe(0);
			expect(assembly.memory).toBe(expected.length);
		}),
	);
});

test("each slice takes as many bytes as were asked for; a piece counts with its buffer until all of it is copied", () => {
	const assembly = new MessageAssembly();
	for (let i = 1; i <= 3; i++) assembly.add(new Uint8Array(4000 + i).fill(i), 0, 4000);
	const memory = [4001 + 4002 + 4003];
	for (const most of [0, 4000, 1000, 3000, 3999]) {
		expect(assembly.join(most)).toBeNull();
		memory.push(assembly.memory);
	}
	const last = 4003 + 11_999;
	expect(memory).toEqual([12_006, 12_006, 4000 + 8005, 5000 + 8005, 8000 + 4003, last]);
	expect(assembly.join(1)?.length).toBe(12_000);
});

test("a chunk that is used up is freed as soon as the last piece in it is copied", () => {
	const chunk = new Uint8Array(4000).fill(1);
	const other = new Uint8Array(4000).fill(2);
	const assembly = new MessageAssembly();
	// Both halves are kept, and a copied piece lies between.
	assembly.add(chunk, 0, 2000);
	assembly.add(new Uint8Array(10).fill(3), 0, 10);
	assembly.add(chunk, 2000, 4000);
	assembly.add(other, 0, 4000);
	const lengths = [2010, 1999, 1, 3999].map((most) => [assembly.join(most), chunk.length, other.length]);
	expect(lengths).toEqual([
		[null, 4000, 4000],
		[null, 4000, 4000],
		[null, 0, 4000],
		[null, 0, 4000],
	]);
	const expected = [new Uint8Array(2000).fill(1), new Uint8Array(10).fill(3), new Uint8Array(2000).fill(1)];
	expect(assembly.join(1)).toEqual(concat([...expected, new Uint8Array(4000).fill(2)]));
	expect(other.length).toBe(0);
});

test("full tails are freed as well", () => {
	const assembly = new MessageAssembly();
	for (let i = 0; i < 200; i++) assembly.add(new Uint8Array(900), 0, 900);
	const [first, second] = assembly.pieces;
	expect(assembly.join(64 * 1024)).toBeNull();
	expect([first?.buffer.byteLength, second?.buffer.byteLength]).toEqual([0, 64 * 1024]);
});

test("small pieces by turns with large ones don't each take a large tail", () => {
	const assembly = new MessageAssembly();
	for (let i = 0; i < 500; i++) {
		assembly.add(new Uint8Array(1024), 0, 1024);
		assembly.add(new Uint8Array(1), 0, 1);
	}
	expect(retained(assembly)).toBeLessThanOrEqual(2 * assembly.size);
});

test("a large piece is kept where it lies only if it makes up half of its buffer", () => {
	const whole = new Uint8Array(4000);
	const kept = new MessageAssembly();
	kept.add(whole, 2000, 4000);
	expect(kept.pieces[0]?.buffer).toBe(whole.buffer);
	const copied = new MessageAssembly();
	copied.add(whole, 2001, 4000);
	expect(copied.pieces).toEqual([]);
	expect(retained(copied)).toBeLessThan(4000);
});

test("chunks that the message uses up are freed with the join", () => {
	const assembly = new MessageAssembly();
	const begun = new Uint8Array(4001).fill(2);
	const goesOn = new Uint8Array(4001).fill(3);
	const small = new Uint8Array(4).fill(4);
	const expected = concat([begun.slice(1000), small.slice(), goesOn.slice(0, 4000)]);
	assembly.add(begun, 1000, 4001);
	assembly.add(small, 0, 4);
	assembly.add(goesOn, 0, 4000);
	expect(begun.length).toBe(4001);
	expect(Buffer.compare(assembly.join(ALL)!, expected)).toBe(0);
	expect([begun, small, goesOn].map(({ length }) => length)).toEqual([0, 4, 4001]);
});

test("a copy is no view and changes nothing", () => {
	const assembly = new MessageAssembly();
	assembly.add(new Uint8Array(2000).fill(1), 0, 2000);
	assembly.add(new Uint8Array(3).fill(2), 0, 3);
	const expected = concat([new Uint8Array(2000).fill(1), new Uint8Array(3).fill(2)]);
	const copy = assembly.copy();
	expect([copy, assembly.size]).toEqual([expected, 2003]);
	copy.fill(0);
	assembly.add(new Uint8Array(1).fill(3), 0, 1);
	expect(assembly.join(ALL)).toEqual(concat([expected, Uint8Array.of(3)]));
});

test("a message that is one piece is in memory of its own, too", () => {
	const assembly = new MessageAssembly();
	const whole = new Uint8Array(4000).fill(2);
	assembly.add(whole, 0, 4000);
	expect(assembly.join(ALL)).toEqual(new Uint8Array(4000).fill(2));
});

test("a million pieces of one byte are no million objects", () => {
	const assembly = new MessageAssembly();
	const chunk = new Uint8Array(65536);
	for (let i = 0; i < 1_000_000; i++) assembly.add(chunk, i % 65535, (i % 65535) + 1);
	expect(assembly.pieces.length).toBeLessThan(20);
	expect(retained(assembly)).toBeLessThan(1_000_000 + 2 * 65536);
	expect(assembly.join(ALL)?.length).toBe(1_000_000);
});

test("empty pieces take nothing", () => {
	const assembly = new MessageAssembly();
	for (let i = 0; i < 1000; i++) assembly.add(new Uint8Array(0), 0, 0);
	expect(retained(assembly)).toBe(0);
	expect(assembly.join(ALL)?.length).toBe(0);
});

test("a chunk that ends with a small piece is freed at once, unless a kept piece lies in it", () => {
	const assembly = new MessageAssembly();
	const chunk = new Uint8Array(4000).fill(1);
	assembly.add(chunk, 3999, 4000);
	expect([chunk.length, assembly.memory]).toEqual([0, 128]);
	const kept = new Uint8Array(4000).fill(2);
	assembly.add(kept, 0, 2000);
	assembly.add(kept, 3999, 4000);
	expect([kept.length, assembly.memory]).toEqual([4000, 128 + 4000 + 128]);
	expect(assembly.join(ALL)).toEqual(concat([Uint8Array.of(1), new Uint8Array(2001).fill(2)]));
	expect(kept.length).toBe(0);
});

test("dropped, it frees the memory of what it alone uses, whether or not it is being put together", () => {
	for (const joined of [0, 1, 5000, 9000]) {
		const assembly = new MessageAssembly();
		const own = [new Uint8Array(4000), new Uint8Array(4000)];
		for (const chunk of own) assembly.add(chunk, 0, chunk.length);
		// The rest of this chunk is not of the message.
		const shared = new Uint8Array(4000);
		assembly.add(shared, 0, 3000);
		if (joined > 0) expect(assembly.join(joined)).toBe(null);
		assembly.drop();
		expect(own.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
		expect(shared.length).toBe(4000);
		expect((NO_BYTES.buffer as ArrayBuffer).detached).toBe(false);
	}
});
