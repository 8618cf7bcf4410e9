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

/** Events were small until now, and then none came for a while. */
function learned(clock: BusyClock): Turn {
	const turn = new Turn(clock);
	for (let i = 0; i < 100 * UNITS; i++) turn.spendOne();
	clock.runTurn();
	clock.work(10);
	clock.readings = 0;
	clock.asked = 0;
	return turn;
}

test("no clock is read for a few small events, nor a turn asked for", () => {
	const clock = new BusyClock();
	const turn = learned(clock);
	for (let i = 0; i < UNITS - 1; i++) {
		turn.spend(0);
		expect(turn.isOver).toBe(false);
	}
	expect([clock.readings, clock.asked]).toEqual([0, 0]);
});

test("the turn is over a millisecond after the next one was asked for, until it comes", () => {
	const clock = new BusyClock();
	const turn = learned(clock);
	// At the first look, behind all that are done without one, it is asked for.
	const count = untilOver(clock, turn, 0.01);
	expect([count >= UNITS + 100, count < UNITS + 200]).toEqual([true, true]);
	expect([turn.isOverAt(clock.now()), clock.asked]).toEqual([true, 1]);
	clock.runTurn();
	expect(turn.isOverAt(clock.now())).toBe(false);
	expect(untilOver(clock, turn, 0.01)).toBeLessThan(UNITS + 200);
});

test("a platform may have longer turns", () => {
	const clock = new BusyClock();
	const turn = new Turn(Object.assign(clock, { turnTime: 2 }));
	const count = untilOver(clock, turn, 0.01);
	expect([count >= 200, count < 300]).toEqual([true, true]);
});

test("the last turn is never over", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	turn.becomeLast();
	for (let i = 0; i < 100 * UNITS; i++) {
		clock.work(1);
		expect([turn.spendOne(), turn.isOver, turn.isOverForWork, turn.isOverAt(clock.now())]).toEqual(
			Array(4).fill(false),
		);
	}
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

test("a large event is looked at sooner", () => {
	const clock = new BusyClock();
	const turn = learned(clock);
	turn.spend(UNITS * 1024);
	expect([turn.isOver, clock.asked]).toEqual([false, 1]);
});

/** How many events of so many milliseconds are done in each of some turns. Something waits for each. */
function counts(clock: BusyClock, turn: Turn, milliseconds: number): number[] {
	const waiting: Waiting = { pump() {} };
	return Array.from({ length: 4 }, () => {
		const count = untilOver(clock, turn, milliseconds);
		turn.wait(waiting);
		clock.runTurn();
		return count;
	});
}

test("where events take long, each ends its turn: after 64 small ones if they were small before, at once if nothing was known", () => {
	const clock = new BusyClock();
	expect(counts(clock, learned(clock), 1)).toEqual([UNITS + 1, 1, 1, 1]);
	expect(counts(clock, new Turn(clock), 1)).toEqual([2, 1, 1, 1]);
});

test("what was seen to take long is not forgotten when nothing waits", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	counts(clock, turn, 1);
	// Nothing waits any more.
	clock.work(10);
	for (let i = 0; i < 2; i++) clock.runTurn();
	expect(untilOver(clock, turn, 1)).toBeLessThan(8);
});

test.each([0.1, 0.2, 0.3, 0.4])("events of %f ms fill a turn, and little more", (milliseconds) => {
	const clock = new BusyClock();
	const turn = learned(clock);
	const [, ...later] = counts(clock, turn, milliseconds);
	for (const count of later) {
		expect(count * milliseconds).toBeGreaterThanOrEqual(0.99);
		expect(count * milliseconds).toBeLessThan(2);
	}
});

test("of those that go on late, no more do so in one turn than events fit into it", () => {
	const clock = new BusyClock();
	const turn = new Turn(clock);
	counts(clock, turn, 1);
	let late = 0;
	let others = 0;
	turn.wait({ pump: () => void others++ });
	for (let i = 0; i < 10; i++) turn.wait({ isLate: true, pump: () => void late++ });
	const seen = Array.from({ length: 3 }, () => {
		clock.runTurn();
		return [others, late];
	});
	expect(seen).toEqual([
		[1, 1],
		[1, 2],
		[1, 3],
	]);
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

// ── Where asking for a turn is dear ────────────────────────────────────────────────────────────────────────────

/** A clock whose loop has rounds in which the sockets are not looked at. */
class RoundClock extends BusyClock {
	/** How often the end of a round was asked for. */
	rounds: number = 0;
	#tasks: (() => void)[] = [];

	nextRound(task: () => void): void {
		this.rounds++;
		this.#tasks.push(task);
	}

	endRound(): void {
		for (const task of this.#tasks.splice(0)) task();
	}
}

/** Does so many small things, each in a round of its own. */
function doInRounds(clock: RoundClock, turn: Turn, count: number, milliseconds: number): void {
	for (let i = 0; i < count; i++) {
		clock.work(milliseconds);
		expect(turn.spendOne()).toBe(false);
		clock.endRound();
	}
}

test("the end of a round is asked for, and where rounds are short, once in two turns' time", () => {
	const clock = new RoundClock();
	const turn = new Turn(clock);
	doInRounds(clock, turn, 20_000, 0.001);
	expect(clock.asked).toBe(0);
	clock.rounds = 0;
	doInRounds(clock, turn, 20_000, 0.001);
	expect(clock.rounds).toBeGreaterThanOrEqual(8);
	expect(clock.rounds).toBeLessThanOrEqual(10);
});

test.each([0.005, 0.01, 0.1, 0.5])(
	"behind short rounds, events of %f ms still end the turn in a few milliseconds",
	(milliseconds) => {
		const clock = new RoundClock();
		const turn = new Turn(clock);
		doInRounds(clock, turn, 20_000, 0.001);
		const count = untilOver(clock, turn, milliseconds);
		// Up to 64 events are done before the clock is read.
		expect(count * milliseconds).toBeLessThan(4 + UNITS * milliseconds);
	},
);

test("rounds that take a turn together end it: the sockets come next", () => {
	const clock = new RoundClock();
	const turn = new Turn(clock);
	let done = 0;
	while (clock.asked === 0) {
		for (let i = 0; i < 40 && !turn.isOver; i++, done++) {
			clock.work(0.01);
			turn.spend(0);
		}
		clock.endRound();
	}
	// Only what comes behind the request in a round is timed.
	expect(done * 0.01).toBeLessThan(15);
	clock.work(1);
	expect(turn.isOverAt(clock.now())).toBe(true);
	clock.runTurn();
	expect(turn.isOverAt(clock.now())).toBe(false);
});

test("who waits goes on when the sockets were looked at, and not before", () => {
	const clock = new RoundClock();
	const turn = new Turn(clock);
	untilOver(clock, turn, 1);
	let pumped = 0;
	turn.wait({ pump: () => void pumped++ });
	clock.endRound();
	expect([pumped, clock.asked]).toEqual([0, 1]);
	clock.runTurn();
	expect(pumped).toBe(1);
	// Nothing was timed: there is no round to wait for.
	clock.runTurn();
	turn.wait({ pump: () => void pumped++ });
	clock.runTurn();
	expect([pumped, clock.rounds]).toEqual([2, 1]);
});

// ── Those that share a turn ────────────────────────────────────────────────────────────────────────────────────

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
