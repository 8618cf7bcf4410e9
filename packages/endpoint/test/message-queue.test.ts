import { expect, test } from "vitest";
import { MessageQueue } from "../src/message-queue.ts";

test("messages come out in order, then the end", async () => {
	const queue = new MessageQueue<string | Uint8Array>();
	queue.push("a", 1);
	queue.push(Uint8Array.of(1), 1);
	queue.end();
	expect(await queue.take()).toEqual({ done: false, value: "a" });
	expect(await queue.take()).toEqual({ done: false, value: Uint8Array.of(1) });
	expect(await queue.take()).toEqual({ done: true, value: undefined });
	expect(await queue.take()).toEqual({ done: true, value: undefined });
});

test("those who wait are served in order, and ended together", async () => {
	const queue = new MessageQueue<string | Uint8Array>();
	const taken = [queue.take(), queue.take(), queue.take()];
	queue.push("a", 1);
	queue.push("b", 1);
	queue.end();
	expect(await Promise.all(taken)).toEqual([
		{ done: false, value: "a" },
		{ done: false, value: "b" },
		{ done: true, value: undefined },
	]);
});

test("room ends with 64 KiB of unread messages, counting empty ones, and comes back", async () => {
	const queue = new MessageQueue<string | Uint8Array>();
	let pushed = 0;
	while (queue.hasRoom) {
		queue.push("", 0);
		pushed++;
	}
	expect(pushed).toBe(1_024);
	await queue.take();
	expect(queue.hasRoom).toBe(true);
});

test("whoever waits for one that is there gets it by `give`, before all that come later, and the end behind them", async () => {
	const queue = new MessageQueue<string>();
	queue.push("a", 100_000);
	const taken = [queue.wait(), queue.wait(), queue.wait()];
	queue.push("b", 1);
	expect([queue.isAwaited, queue.isOwed, queue.hasRoom]).toEqual([false, true, false]);
	queue.end();
	queue.give();
	expect(queue.isOwed).toBe(true);
	queue.give();
	expect(queue.isOwed).toBe(false);
	expect(await Promise.all(taken)).toEqual([
		{ done: false, value: "a" },
		{ done: false, value: "b" },
		{ done: true, value: undefined },
	]);
});

test("what is there stays for the next loop when the one that waits for it is left", async () => {
	const queue = new MessageQueue<string>();
	queue.push("a", 1);
	const left = queue.wait();
	queue.release();
	queue.give();
	expect([await left, await queue.take()]).toEqual([
		{ done: true, value: undefined },
		{ done: false, value: "a" },
	]);
});

test("whoever waits makes room", () => {
	const queue = new MessageQueue<string | Uint8Array>();
	queue.push(new Uint8Array(100_000), 100_000);
	expect(queue.hasRoom).toBe(false);
	void queue.take();
	void queue.take();
	expect(queue.hasRoom).toBe(true);
});
