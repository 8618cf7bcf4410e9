import { expect, test } from "vitest";
import { STATES } from "./states.ts";
import { emptyTally, type Tally } from "./tally.ts";
import { counts, LEAST_MOVES, type Outcome, percentile, shortfalls } from "./verdict.ts";

const tally = (changes: Partial<Tally> = {}): Tally => ({ ...emptyTally(), expected: 100, received: 100, ...changes });
const MOVE = { id: 0, at: 0, handled: 0, sent: 0, states: STATES };
const SIDE = {
	moves: Array.from({ length: LEAST_MOVES }, () => MOVE),
	times: [{ kind: "fast" as const, time: 1 }],
	ended: [{ id: 0, tally: tally(), sent: 100, wasClean: true, moved: 20 }],
	failures: {},
};
const CLIENT = { id: 0, tally: tally(), sent: 100, code: 1000, wrongPongs: 0, silence: 1, failure: null };
const HELD: Outcome = { sides: [SIDE], clients: [CLIENT], flight: LEAST_MOVES / 2, connections: 1 };

const client = (changes: Partial<typeof CLIENT>): Outcome => ({ ...HELD, clients: [{ ...CLIENT, ...changes }] });
const side = (changes: Partial<Outcome["sides"][number]>): Outcome => ({ ...HELD, sides: [{ ...SIDE, ...changes }] });

test("a run in which everything arrived once has held", () => {
	expect(shortfalls(HELD)).toEqual([]);
	expect(counts(HELD)).toEqual({ messages: 200, lost: 0, repeated: 0, disordered: 0, torn: 0 });
});

test("what is lost in either direction counts, at the end too", () => {
	expect(counts(client({ sent: 103 })).lost).toBe(3);
	expect(counts(client({ tally: tally({ missing: [7], expected: 98 }) })).lost).toBe(3);
});

test("what is repeated, out of order or torn falls short", () => {
	expect(shortfalls(client({ tally: tally({ repeated: 1, disordered: 2, torn: 3 }) }))).toEqual([
		"1 messages repeated",
		"2 messages disordered",
		"3 messages torn",
	]);
});

test("a state with too few moves falls short, and so do too few with bytes under way", () => {
	const few = shortfalls(side({ moves: SIDE.moves.slice(1) }));
	expect(few).toHaveLength(STATES.length);
	expect(few[0]).toBe("19 moves with: between messages");
	expect(shortfalls({ ...HELD, flight: 9 })).toEqual(["9 of 20 moves began with bytes on their way both ways"]);
});

test("a connection that has not ended in order falls short, and so does a move that failed", () => {
	expect(shortfalls(side({ ended: SIDE.ended.map((each) => ({ ...each, wasClean: false })) }))).toHaveLength(1);
	expect(shortfalls({ ...HELD, connections: 2 })).toHaveLength(1);
	expect(shortfalls(side({ failures: { "Error: no": 2 } }))).toEqual(["2 times: Error: no"]);
	expect(shortfalls(client({ code: null as never }))).toEqual(["client 0: Close null"]);
	expect(shortfalls(client({ wrongPongs: 1 }))).toEqual(["client 0: 1 wrong pongs"]);
});

test("the percentiles", () => {
	expect([percentile([3, 1, 2], 0.5), percentile([3, 1, 2], 0.99)]).toEqual([2, 3]);
});
