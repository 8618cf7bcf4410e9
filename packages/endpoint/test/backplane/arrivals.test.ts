import { expect, test } from "vitest";
import { Arrivals, GRACE } from "../../src/backplane/arrivals.ts";

function guaranteed(): Arrivals {
	const arrivals = new Arrivals();
	arrivals.isGuaranteed = true;
	return arrivals;
}

test("a repetition is not new, nor is a message of an earlier epoch", () => {
	const arrivals = guaranteed();
	expect(arrivals.came("p", 1, 1, true)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.came("p", 1, 1, true)).toEqual({ isNew: false, missed: 0 });
	expect(arrivals.came("p", 2, 1, true)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.came("p", 1, 2, true)).toEqual({ isNew: false, missed: 0 });
	expect(arrivals.announced("p", { epoch: 1, number: 9 }, 0, true)).toBe(false);
	expect(arrivals.came("q", 1, 1, true)).toEqual({ isNew: true, missed: 0 });
});

test("before the guarantee nothing is missing, and it counts from what has come", () => {
	const arrivals = new Arrivals();
	expect(arrivals.came("p", 1, 5, false)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.came("p", 1, 7, false)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.announced("p", { epoch: 1, number: 20 }, 0, false)).toBe(false);
	arrivals.isGuaranteed = true;
	expect(arrivals.came("p", 1, 9, false)).toEqual({ isNew: true, missed: 1 });
});

test("of a publisher that was not known, the number of the missing ones is not known either", () => {
	const arrivals = guaranteed();
	expect(arrivals.came("p", 1, 5, false)).toEqual({ isNew: true, missed: null });
	expect(arrivals.came("p", 1, 7, false)).toEqual({ isNew: true, missed: 1 });
	expect(arrivals.came("q", 1, 5, true)).toEqual({ isNew: true, missed: 4 });
	arrivals.announced("r", { epoch: 1, number: 5 }, 0, false);
	expect(arrivals.overdue(GRACE)).toEqual({ missed: null, waits: false });
});

test("the start that a publisher tells may come after its first messages, and before late ones", () => {
	const arrivals = new Arrivals();
	arrivals.startsAt("p", { epoch: 1, number: 5 });
	arrivals.isGuaranteed = true;
	expect(arrivals.came("p", 1, 5, false)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.came("p", 1, 6, false)).toEqual({ isNew: true, missed: 0 });
	arrivals.startsAt("p", { epoch: 1, number: 4 });
	expect(arrivals.came("p", 1, 7, false)).toEqual({ isNew: true, missed: 0 });
});

test("announced messages are overdue after a time, each counted once", () => {
	const arrivals = guaranteed();
	arrivals.came("p", 1, 1, true);
	expect(arrivals.announced("p", { epoch: 1, number: 1 }, 0, true)).toBe(false);
	expect(arrivals.announced("p", { epoch: 1, number: 3 }, 0, true)).toBe(true);
	expect(arrivals.announced("p", { epoch: 1, number: 4 }, GRACE - 1, true)).toBe(true);
	expect(arrivals.overdue(GRACE - 1)).toEqual({ missed: 0, waits: true });
	expect(arrivals.overdue(GRACE)).toEqual({ missed: 2, waits: true });
	expect(arrivals.overdue(2 * GRACE - 2)).toEqual({ missed: 0, waits: true });
	expect(arrivals.came("p", 1, 2, true)).toEqual({ isNew: true, missed: 0 });
	expect(arrivals.overdue(2 * GRACE - 1)).toEqual({ missed: 1, waits: false });
	expect(arrivals.came("p", 1, 5, true)).toEqual({ isNew: true, missed: 0 });
	arrivals.forget("p");
	expect(arrivals.came("p", 1, 1, true)).toEqual({ isNew: true, missed: 0 });
});
