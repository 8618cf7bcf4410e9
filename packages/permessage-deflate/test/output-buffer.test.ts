import { expect, test } from "vitest";
import { OutputBuffer, SCRATCH_SIZE, SLICE_ROOM } from "../src/output-buffer.ts";

function write(output: OutputBuffer, byte: number): void {
	output.bytes.fill(byte, output.fill);
	output.fill = output.bytes.length;
}

test("what is short is made in shared memory and taken in memory of its own", () => {
	const output = new OutputBuffer();
	output.begin(10);
	expect(output.bytes.length).toBe(10);
	const shared = output.bytes.buffer;
	write(output, 1);
	const taken = output.take();
	expect(taken).toEqual(new Uint8Array(10).fill(1));
	expect(taken.buffer.byteLength).toBe(10);
	output.begin(Number.POSITIVE_INFINITY);
	expect([output.bytes.buffer === shared, output.bytes.length]).toEqual([true, SCRATCH_SIZE]);
});

const MIB = 1024 * 1024;

/** How large it is with each `grow`, until it is as large as `most`; and what is taken then. */
function grown(most: number, first?: number): { sizes: number[]; taken: Uint8Array } {
	const output = new OutputBuffer();
	output.begin(most, first);
	const sizes = [output.bytes.length];
	write(output, 1);
	while (output.bytes.length < most) {
		output.grow();
		sizes.push(output.bytes.length);
		write(output, sizes.length);
	}
	return { sizes, taken: output.take() };
}

test.each([
	[10, 10, [10]],
	[3 * SCRATCH_SIZE + 5, undefined, [SCRATCH_SIZE, 3 * SCRATCH_SIZE + 5]],
	[3 * MIB, undefined, [SCRATCH_SIZE, SLICE_ROOM, 2 * SLICE_ROOM, 3 * MIB]],
	[3 * MIB, MIB, [SCRATCH_SIZE, MIB, SLICE_ROOM, 2 * SLICE_ROOM, 3 * MIB]],
	[MIB + 5, MIB, [SCRATCH_SIZE, MIB, MIB + 5]],
	[2 * SCRATCH_SIZE, 10, [10, SCRATCH_SIZE, 2 * SCRATCH_SIZE]],
	[3 * MIB, 2 * MIB, [SCRATCH_SIZE, SLICE_ROOM, 2 * MIB, 3 * MIB]],
])("it grows to its shared memory, then by doubling, up to the most: %i, first %i", (most, first, expected) => {
	const { sizes, taken } = grown(most, first);
	expect(sizes).toEqual(expected);
	const written = new Uint8Array(most);
	for (const [i, size] of sizes.entries()) written.fill(i + 1, sizes[i - 1] ?? 0, size);
	expect(Buffer.compare(taken, written)).toBe(0);
	expect(taken.buffer.byteLength).toBe(most);
});

test("a slice is made in memory that is shared with no one who takes it, and that is used again", () => {
	const output = new OutputBuffer();
	/** Where 100,000 bytes are made. */
	const make = (byte: number): { made: ArrayBuffer; taken: Uint8Array } => {
		output.begin(Number.POSITIVE_INFINITY, MIB);
		output.grow();
		const made = output.bytes.buffer;
		output.bytes.fill(byte, 0, 100_000);
		output.fill = 100_000;
		return { made, taken: output.take() };
	};
	const first = make(1);
	expect(first.made.byteLength).toBe(SLICE_ROOM);
	const second = make(2);
	expect([second.made === first.made, output.bytes.length]).toEqual([true, 0]);
	expect([first.taken, second.taken]).toEqual([1, 2].map((byte) => new Uint8Array(100_000).fill(byte)));
	expect(first.taken.buffer.byteLength).toBe(100_000);
	first.made.transfer();
	const third = make(3);
	expect([third.made === first.made, third.made.byteLength]).toEqual([false, SLICE_ROOM]);
	expect(third.taken).toEqual(new Uint8Array(100_000).fill(3));
});

test("memory that it has outgrown is freed at once", () => {
	const output = new OutputBuffer();
	output.begin(Number.POSITIVE_INFINITY);
	for (let i = 0; i < 2; i++) {
		write(output, 1);
		output.grow();
	}
	const outgrown = output.bytes.buffer;
	write(output, 2);
	output.grow();
	expect(outgrown.detached).toBe(true);
	output.fill -= 1;
	const untrimmed = output.bytes.buffer;
	expect(output.take().length).toBe(SLICE_ROOM * 2 - 1);
	expect(untrimmed.detached).toBe(true);
});

test("what is dropped is not taken", () => {
	const output = new OutputBuffer();
	output.begin(5);
	output.drop();
	expect(output.bytes.length).toBe(0);
});

test("shared memory that somebody has transferred away is replaced", () => {
	const output = new OutputBuffer();
	output.begin(Number.POSITIVE_INFINITY);
	output.bytes.buffer.transfer();
	output.begin(Number.POSITIVE_INFINITY);
	expect(output.bytes.length).toBe(SCRATCH_SIZE);
});
