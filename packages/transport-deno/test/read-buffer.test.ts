import assert from "node:assert/strict";
import { ReadBuffer } from "../src/read-buffer.ts";

const KIBIBYTE = 1024;

/** How much room each read has, when the reads bring so many bytes. */
function rooms(buffer: ReadBuffer, reads: readonly number[]): number[] {
	return reads.map((count) => {
		const { length } = buffer.room;
		assert.equal(buffer.take(Math.min(count, length)).length, Math.min(count, length));
		return length / KIBIBYTE;
	});
}

const MUCH = 1024 * KIBIBYTE;

Deno.test("room grows while reads fill it, and one that does not ends that", () => {
	const buffer = new ReadBuffer(false);
	assert.deepEqual(
		rooms(buffer, [1, 2047, MUCH, MUCH, MUCH, MUCH, MUCH, MUCH, 1]),
		[2, 2, 2, 8, 32, 128, 256, 256, 256],
	);
	assert.deepEqual(rooms(buffer, [1, MUCH, 1, 1]), [2, 2, 8, 2]);
});

Deno.test("under TLS a read never brings more than a record", () => {
	assert.deepEqual(rooms(new ReadBuffer(true), [MUCH, MUCH, MUCH, MUCH, 1, 1]), [2, 8, 16, 16, 16, 2]);
});

Deno.test("an idle connection weighs the same again after a burst", () => {
	const buffer = new ReadBuffer(false);
	const { room } = buffer;
	rooms(buffer, [MUCH, MUCH, MUCH, 1]);
	assert.equal(buffer.room, room);
});

Deno.test("what was taken is never read into again", () => {
	const buffer = new ReadBuffer(false);
	const chunks: Uint8Array[] = [];
	for (let byte = 1; byte <= 6; byte++) {
		buffer.room.fill(byte);
		chunks.push(buffer.take(byte === 4 ? 1 : buffer.room.length));
	}
	assert.deepEqual(
		chunks.map((chunk) => [...new Set(chunk)]),
		[[1], [2], [3], [4], [5], [6]],
	);
	assert.equal(new Set(chunks.map(({ buffer }) => buffer)).size, chunks.length);
});
