import fc from "fast-check";
import { expect, test } from "vitest";
import { moved } from "./moving.ts";
import { begin, beginning, OPTIONS, run, steps } from "./steps.ts";

test("a connection that is moved after every step does the same as one that stays", () => {
	fc.assert(
		fc.property(beginning, steps, (start, list) => {
			const still = begin(start);
			const moving = begin(start);
			for (const [at, step] of list.entries()) {
				expect(run(moving, step)).toBe(run(still, step));
				const now = moving.now + (at % 2 === 0 ? 1_000_000 : -999_000);
				moving.connection = moved(moving.connection, moving.now, { ...OPTIONS, parts: start.parts }, now);
				moving.now = now;
				expect(moving.shown()).toEqual(still.shown());
				for (const life of [still, moving]) life.output = [];
			}
			for (const life of [still, moving]) {
				life.takeEvents();
				life.takeOutput();
				life.connection.receiveReset(life.now);
				life.takeEvents();
			}
			expect(moving.shown()).toEqual(still.shown());
		}),
		{ numRuns: 1_500 },
	);
});
