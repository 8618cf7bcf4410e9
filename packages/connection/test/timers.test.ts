import { expect, test } from "vitest";
import { Timers } from "../src/timers.ts";

const NEVER = Number.POSITIVE_INFINITY;
const NAMES = ["idle", "pong", "keepAlive", "closing"] as const;

test("none runs at first", () => {
	const timers = new Timers(NAMES);
	expect(timers.next).toBe(NEVER);
	expect(NAMES.filter((name) => timers.isRunning(name))).toEqual([]);
	expect(timers.takeDue(Number.MAX_VALUE)).toBeNull();
});

test("the earliest deadline is the next", () => {
	const timers = new Timers(NAMES);
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
	const timers = new Timers(NAMES);
	timers.set("closing", 100);
	expect(timers.takeDue(99.9)).toBeNull();
	expect(timers.takeDue(100)).toBe("closing");
	expect([timers.takeDue(100), timers.next]).toEqual([null, NEVER]);
});

test("those that are due together come one by one, in the order of the names", () => {
	const timers = new Timers(NAMES);
	for (const name of NAMES) timers.set(name, 10);
	const due = NAMES.map(() => timers.takeDue(10));
	expect(due).toEqual(NAMES);
	expect(timers.takeDue(10)).toBeNull();
});
