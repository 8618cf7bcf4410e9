import { expect, test } from "vitest";
import { OutputBuffer, SCRATCH_SIZE } from "../src/output-buffer.ts";

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

test("it grows by doubling, up to the most, and keeps what was written", () => {
	const output = new OutputBuffer();
	output.begin(SCRATCH_SIZE * 3 + 5);
	write(output, 1);
	const sizes: number[] = [];
	for (let byte = 2; output.bytes.length < SCRATCH_SIZE * 3 + 5; byte++) {
		output.grow();
		sizes.push(output.bytes.length);
		write(output, byte);
	}
	expect(sizes).toEqual([SCRATCH_SIZE * 2, SCRATCH_SIZE * 3 + 5]);
	const taken = output.take();
	expect([taken[0], taken[SCRATCH_SIZE], taken.at(-1)]).toEqual([1, 2, 3]);
	expect(taken.buffer.byteLength).toBe(SCRATCH_SIZE * 3 + 5);
});

test("memory that it has outgrown is freed at once", () => {
	const output = new OutputBuffer();
	output.begin(Number.POSITIVE_INFINITY);
	write(output, 1);
	output.grow();
	const outgrown = output.bytes.buffer;
	write(output, 2);
	output.grow();
	expect(outgrown.detached).toBe(true);
	output.fill -= 1;
	const untrimmed = output.bytes.buffer;
	expect(output.take().length).toBe(SCRATCH_SIZE * 2 - 1);
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
