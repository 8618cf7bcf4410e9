import { expect, test } from "vitest";
import { type Dated, Deadlines } from "../src/deadlines.ts";
import { settle, VirtualClock } from "../src/memory/index.ts";

function dated(clock: VirtualClock, calls: number[]): Dated {
	return { slot: null, deadlineReached: () => void calls.push(clock.now()) };
}

test("calls at the deadline or up to 50 ms later, once", async () => {
	const clock = new VirtualClock();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	deadlines.schedule(dated(clock, calls), 120);
	await clock.advance(1_000);
	expect(calls).toEqual([150]);
});

test("a deadline that has passed is due at once, and no timer runs backwards", async () => {
	const delays: number[] = [];
	class Noting extends VirtualClock {
		override setTimer(callback: () => void, delay: number): () => void {
			delays.push(delay);
			return super.setTimer(callback, delay);
		}
	}
	const clock = new Noting();
	await clock.advance(1_000);
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	deadlines.schedule(dated(clock, calls), 120);
	for (let round = 0; round < 3; round++) await settle();
	expect([calls, Math.min(...delays)]).toEqual([[1_000], 0]);
});

test("a later deadline of the same one costs nothing and changes nothing; an earlier one moves it", async () => {
	const clock = new VirtualClock();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	const one = dated(clock, calls);
	deadlines.schedule(one, 500);
	deadlines.schedule(one, 900);
	expect(one.slot).toBe(10);
	deadlines.schedule(one, 100);
	await clock.advance(1_000);
	expect(calls).toEqual([100]);
});

test("many share one timer", async () => {
	const clock = new VirtualClock();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	for (let index = 0; index < 1_000; index++) deadlines.schedule(dated(clock, calls), 100 + index);
	expect(clock.pendingTimers).toBe(1);
	await clock.advance(2_000);
	expect(calls).toHaveLength(1_000);
	expect(clock.pendingTimers).toBe(0);
});

test("what is forgotten is not called, and the last one takes the timer along", async () => {
	const clock = new VirtualClock();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	const [one, two] = [dated(clock, calls), dated(clock, calls)];
	deadlines.schedule(one, 100);
	deadlines.schedule(two, 100);
	deadlines.forget(one);
	deadlines.forget(one);
	await clock.advance(100);
	expect(calls).toEqual([100]);
	deadlines.schedule(one, 300);
	deadlines.forget(one);
	expect(clock.pendingTimers).toBe(0);
});

test("one that schedules itself again from its call is called again", async () => {
	const clock = new VirtualClock();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	const one: Dated = {
		slot: Number.POSITIVE_INFINITY,
		deadlineReached() {
			calls.push(clock.now());
			if (calls.length < 3) deadlines.schedule(one, clock.now() + 100);
		},
	};
	deadlines.schedule(one, 100);
	await clock.advance(1_000);
	expect(calls).toEqual([100, 200, 300]);
});

test("what is read right behind the timer counts before the deadline", async () => {
	class Reading extends VirtualClock {
		override setTimer(callback: () => void, delay: number): () => void {
			// The timer has come: the sockets are looked at before the next one.
			if (delay === 0) deadlines.forget(one);
			return super.setTimer(callback, delay);
		}
	}
	const clock = new Reading();
	const deadlines = new Deadlines(clock);
	const calls: number[] = [];
	const [one, two] = [dated(clock, calls), dated(clock, calls)];
	deadlines.schedule(one, 100);
	deadlines.schedule(two, 100);
	await clock.advance(100);
	expect(calls).toEqual([100]);
});
