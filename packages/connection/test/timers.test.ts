import { expect, test } from "vitest";
import { TIMERS } from "../src/index.ts";
import { Timers } from "../src/timers.ts";

const NEVER = Number.POSITIVE_INFINITY;

test("none runs at first", () => {
	const timers = new Timers();
	expect(timers.next).toBe(NEVER);
	expect(TIMERS.filter((name) => timers.isRunning(name))).toEqual([]);
	expect(timers.takeDue(Number.MAX_VALUE)).toBeNull();
});

test("the earliest deadline is the next", () => {
	const timers = new Timers();
	timers.set("idle", 30);
	timers.set("pong", 20);
	expect([timers.next, timers.isRunning("pong"), timers.isRunning("closing")]).toEqual([20, true, false]);
	timers.set("pong", 40);
	expect(timers.next).toBe(30);
	timers.clear("idle");
	expect(timers.next).toBe(40);
	timers.clearAll();
	expect([timers.next, timers.isRunning("pong")]).toEqual([NEVER, false]);
});

test("a timer is due at its deadline, not earlier, and once", () => {
	const timers = new Timers();
	timers.set("closing", 100);
	expect(timers.takeDue(99.9)).toBeNull();
	expect(timers.takeDue(100)).toBe("closing");
	expect([timers.takeDue(100), timers.next]).toEqual([null, NEVER]);
});

test("those that are due together come one by one, the judgement of an old ping before the next ping", () => {
	const timers = new Timers();
	for (const name of TIMERS) timers.set(name, 10);
	const due = TIMERS.map(() => timers.takeDue(10));
	expect(due).toEqual(["handshake", "httpIdle", "idle", "pong", "keepAlive", "closing"]);
	expect(timers.takeDue(10)).toBeNull();
});
