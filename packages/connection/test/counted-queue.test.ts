import { expect, test } from "vitest";
import { CountedQueue } from "../src/counted-queue.ts";
import { hex } from "./wire.ts";

const sizeOf = ({ length }: Uint8Array): number => length;

test("pieces come out in their order, the very same", () => {
	const queue = new CountedQueue(sizeOf);
	const pieces = [hex("01"), hex("02 03"), hex("")];
	for (const piece of pieces) queue.push(piece);
	expect(queue.bytes).toBe(3);
	expect(queue.next()).toBe(pieces[0]);
	expect(queue.bytes).toBe(2);
	expect(queue.next()).toBe(pieces[1]);
	expect(queue.next()).toBe(pieces[2]);
	expect([queue.next(), queue.next(), queue.bytes]).toEqual([null, null, 0]);
});

test("it can be filled again, also before it is empty", () => {
	const queue = new CountedQueue(sizeOf);
	queue.push(hex("01"));
	queue.push(hex("02"));
	expect(queue.next()).toEqual(hex("01"));
	queue.push(hex("03"));
	expect([queue.next(), queue.next(), queue.next()]).toEqual([hex("02"), hex("03"), null]);
	queue.push(hex("04"));
	expect([queue.bytes, queue.next(), queue.next()]).toEqual([1, hex("04"), null]);
});

test("what was given out is not held, however much still waits", () => {
	const queue = new CountedQueue(sizeOf);
	for (let count = 0; count < 10; count++) queue.push(new Uint8Array(1));
	for (let count = 0; count < 4; count++) queue.next();
	expect(queue.items.filter((item) => item !== null)).toHaveLength(6);
});

test("a queue that is never empty holds no more than what waits", () => {
	const queue = new CountedQueue(sizeOf);
	queue.push(new Uint8Array(1));
	for (let count = 0; count < 10_000; count++) {
		queue.push(new Uint8Array(1));
		queue.next();
	}
	expect(queue.bytes).toBe(1);
	expect(queue.items.length).toBeLessThan(10);
});
