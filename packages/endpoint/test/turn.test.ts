import { expect, test } from "vitest";
import { Context } from "../src/context.ts";
import { Turn, type Waiting } from "../src/turn.ts";
import { BusyClock } from "./busy-clock.ts";

/** So many times something small is done before the clock is looked at. */
const UNITS = 64;

/** Does something small until the turn is over; how often. */
function untilOver(clock: BusyClock, turn: Turn, milliseconds: number): number {
	for (let count = 1; ; count++) {
		clock.work(milliseconds);
		turn.spend(0);
		if (turn.isOver) return count;
	}
}

test("no clock is read for a few small events, nor a turn asked for", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	for (let i = 0; i < UNITS - 1; i++) {
		turn.spend(0);
		expect(turn.isOver).toBe(false);
	}
	expect([clock.readings, clock.asked]).toEqual([0, 0]);
});

test("the turn is over a millisecond after the next one was asked for, until it comes", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	expect(untilOver(clock, turn, 0.01)).toBe(3 * UNITS);
	expect([turn.isOverAt(clock.now()), clock.asked]).toEqual([true, 1]);
	clock.runTurn();
	expect(turn.isOverAt(clock.now())).toBe(false);
	expect(untilOver(clock, turn, 0.01)).toBe(3 * UNITS);
});

test("a platform may have longer turns", () => {
	const clock = new BusyClock();
	const turn = new Turn(Object.assign(clock, { turnTime: 2 }));
	expect(untilOver(clock, turn, 0.01)).toBe(5 * UNITS);
});

test("time in which the loop turns is nobody's work", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	for (let i = 0; i < 10 * UNITS; i++) {
		turn.spend(0);
		expect(turn.isOver).toBe(false);
		clock.work(1);
		clock.runTurn();
	}
});

test("a large event is looked at sooner, and where events take long, small ones are as well", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	turn.spend(UNITS * 1024);
	expect([turn.isOver, clock.asked]).toEqual([false, 1]);
	clock.runTurn();
	const waiting: Waiting = { pump: () => turn.wait(waiting) };
	turn.wait(waiting);
	const counts = Array.from({ length: 4 }, () => {
		const count = untilOver(clock, turn, 1);
		clock.runTurn();
		return count;
	});
	expect(counts).toEqual([UNITS, UNITS / 4, UNITS / 16, 1]);
});

test("those that wait go on in their order, as many in a turn as it has room for, and one at least", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	const order: string[] = [];
	const long = (name: string): Waiting => {
		const one: Waiting = {
			pump() {
				order.push(name);
				clock.work(1);
				if (order.length < 6) turn.wait(one);
			},
		};
		return one;
	};
	turn.wait(long("a"));
	turn.wait(long("b"));
	for (let i = 0; i < 3; i++) turn.wait({ pump: () => void order.push("short") });
	const seen = Array.from({ length: 7 }, () => {
		clock.runTurn();
		return order.splice(0).join();
	});
	expect(seen.slice(0, 4)).toEqual(["a", "b", "short,short,short,a", "b"]);
});

test("a source that is always ready waits when the turn is over", async () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	expect(turn.over()).toBeNull();
	clock.work(0.9);
	expect(turn.over()).toBeNull();
	clock.work(0.1);
	const over = turn.over();
	expect(over).not.toBeNull();
	clock.runTurn();
	await over;
	expect(turn.over()).toBeNull();
});

test("what a message to thousands has to flush does not hold one turn", async () => {
	const clock = new BusyClock();
	const context = new Context(clock, {}, {});
	const flushed: number[] = [];
	for (let i = 0; i < 1000; i++)
		context.flushLater({
			flush() {
				clock.work(0.01);
				flushed.push(i);
			},
		});
	await Promise.resolve();
	const counts = [flushed.length];
	while (clock.runTurn()) counts.push(flushed.length - counts.reduce((sum, count) => sum + count, 0));
	expect(Math.max(...counts)).toBeLessThanOrEqual(3 * UNITS);
	expect(flushed).toEqual(Array.from({ length: 1000 }, (_, i) => i));
});
