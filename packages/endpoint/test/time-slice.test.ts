import { expect, test } from "vitest";
import { VirtualClock } from "../src/memory/index.ts";
import { TimeSlice } from "../src/time-slice.ts";

test("after a millisecond the others have their turn, and it begins anew", async () => {
	const clock = new VirtualClock();
	const turns: (() => void)[] = [];
	clock.nextTurn = (task) => void turns.push(task);
	const slice = new TimeSlice(clock);
	await clock.advance(0.9);
	expect(slice.over()).toBeNull();
	await clock.advance(0.1);
	const over = slice.over();
	expect(over).not.toBeNull();
	turns[0]?.();
	await over;
	expect([slice.over(), turns.length]).toEqual([null, 1]);
});
