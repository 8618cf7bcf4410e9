import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SendQueue } from "../src/send-queue.ts";

const fresh = (size: number): Uint8Array => new Uint8Array(size);

function queueOf(...pieces: readonly Uint8Array[]): SendQueue {
	const queue = new SendQueue();
	for (const piece of pieces) queue.push(piece);
	return queue;
}

describe("SendQueue", () => {
	test("gives nothing when nothing waits", () => {
		const queue = queueOf(new Uint8Array(0));
		expect(queue.length).toBe(0);
		expect(queue.next(fresh)).toHaveLength(0);
	});

	test("gives one piece as it is, and what is left of it as a view", () => {
		const piece = Uint8Array.of(1, 2, 3, 4);
		const queue = queueOf(piece);
		expect(queue.next(fresh)).toBe(piece);
		queue.taken(1);
		expect(queue.next(fresh)).toEqual(Uint8Array.of(2, 3, 4));
		expect(queue.next(fresh).buffer).toBe(piece.buffer);
		expect(queue.length).toBe(3);
	});

	test("joins short pieces, from where the last write stopped", () => {
		const queue = queueOf(Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5));
		queue.taken(1);
		expect(queue.next(fresh)).toEqual(Uint8Array.of(2, 3, 4, 5));
		queue.taken(2);
		expect(queue.next(fresh)).toEqual(Uint8Array.of(4, 5));
	});

	test("joins in the room it is given, even when there is more", () => {
		const scratch = new Uint8Array(1024);
		const queue = queueOf(Uint8Array.of(1), Uint8Array.of(2));
		const joined = queue.next(() => scratch);
		expect(joined).toEqual(Uint8Array.of(1, 2));
		expect(joined.buffer).toBe(scratch.buffer);
	});

	test("never copies a long piece", () => {
		const long = new Uint8Array(16 * 1024 + 1);
		const queue = queueOf(Uint8Array.of(1), long, Uint8Array.of(2));
		expect(queue.next(fresh)).toHaveLength(1);
		queue.taken(1);
		expect(queue.next(fresh)).toBe(long);
	});

	test("joins 64 KiB at most", () => {
		const queue = queueOf(...Array.from({ length: 9 }, () => new Uint8Array(8 * 1024)));
		expect(queue.next(fresh)).toHaveLength(64 * 1024);
	});

	test("forgets on demand", () => {
		const queue = queueOf(Uint8Array.of(1, 2), Uint8Array.of(3));
		queue.taken(1);
		queue.clear();
		expect([queue.length, queue.next(fresh).length]).toEqual([0, 0]);
		queue.push(Uint8Array.of(9));
		expect(queue.next(fresh)).toEqual(Uint8Array.of(9));
	});

	// An adapter that wrote nothing of nothing, again and again, would never end.
	test.each([
		["alone", [4]],
		["in part", [8]],
		["in front of others", [4, 1]],
		["behind others", [1, 4]],
	])("a piece whose buffer was transferred is an error: %s", (_name, lengths) => {
		const pieces = lengths.map((length) => new Uint8Array(length));
		const lost = pieces.find(({ length }) => length > 1);
		if (lost === undefined) return expect.fail();
		const queue = queueOf(...pieces);
		if (lost.length === 8) queue.taken(4);
		lost.buffer.transfer(0);
		const message = "the payload was transferred before it was sent";
		expect(() => queue.next(fresh)).toThrow(message);
		expect(() => queue.taken(4)).toThrow(message);
	});

	test("whatever is pushed comes out in order, however much each write takes", () => {
		const lengths = fc.oneof(fc.nat(8), fc.constantFrom(16 * 1024, 16 * 1024 + 1, 64 * 1024));
		const steps = fc.array(
			fc.oneof(fc.record({ push: lengths }), fc.record({ part: fc.double({ min: 0, max: 1, noNaN: true }) })),
		);
		fc.assert(
			fc.property(steps, (each) => {
				const queue = new SendQueue();
				let pushed = 0;
				let out = 0;
				const write = (part: number): void => {
					const bytes = queue.next(fresh);
					const count = Math.ceil(bytes.length * part);
					for (let i = 0; i < count; i++) if (bytes[i] !== (out + i) % 251) throw new Error(`byte ${out + i} is wrong`);
					out += count;
					queue.taken(count);
				};
				for (const step of each) {
					if ("part" in step) write(step.part);
					else {
						const start = pushed;
						queue.push(Uint8Array.from({ length: step.push }, (_, i) => (start + i) % 251));
						pushed += step.push;
					}
					expect(queue.length).toBe(pushed - out);
				}
				while (queue.length > 0) write(1);
				expect(out).toBe(pushed);
			}),
		);
	});
});
