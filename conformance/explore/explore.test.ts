import type { Role } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { IS_LONG_FORM } from "../long-form.ts";
import { walkClosure } from "./closure.ts";
import { checkState, exactKey, startOf, takeStep } from "./connection-space.ts";
import { walkPair } from "./fair-walk.ts";
import { ALL_INPUTS, CONTROL_INPUTS } from "./inputs.ts";
import { ALL_TIMERS, CLOSING_TIMER } from "./settings.ts";
import { type Walked, walk } from "./walk.ts";

/** No walk takes so long on one core; a test's own limit is for a hang. */
const HANG = { timeout: 120_000 };

/** A walk that becomes smaller has lost inputs or states. */
interface Floor {
	readonly states: number;
	readonly edges: number;
}

/** The sixth input takes twice as long as the five before it. */
const EVERY_INPUT = IS_LONG_FORM
	? { words: "six", length: 6, floor: { states: 27_100, edges: 289_000 } }
	: { words: "five", length: 5, floor: { states: 9_800, edges: 95_000 } };
const CLOSURE: Readonly<Record<Role, Floor>> = {
	server: { states: 3_200, edges: 160_000 },
	client: { states: 3_200, edges: 160_000 },
};
const PAIRS = [
	{ timers: "the closing deadline alone", settings: CLOSING_TIMER, floor: { states: 6_300, edges: 61_000 } },
	{ timers: "every deadline", settings: ALL_TIMERS, floor: { states: 120_000, edges: 1_230_000 } },
].slice(0, IS_LONG_FORM ? 2 : 1);

function expectAtLeast(name: string, { states, edges, depth }: Walked, floor: Floor): void {
	console.log(`explore: ${name}: ${states} states, ${edges} edges, ${depth} inputs deep`);
	expect(states).toBeGreaterThanOrEqual(floor.states);
	expect(edges).toBeGreaterThanOrEqual(floor.edges);
}

describe.each(["server", "client"] as const)("%s", (role) => {
	test(`what must hold holds after any ${EVERY_INPUT.words} of ${ALL_INPUTS.length} inputs`, HANG, () => {
		const settings = ALL_TIMERS;
		const walked = walk(
			{
				start: startOf(role, settings),
				inputs: ALL_INPUTS,
				key: exactKey,
				step: (state, input) => takeStep(state, settings, input),
				check: (state) => checkState(state, settings),
			},
			EVERY_INPUT.length,
		);
		expectAtLeast(`${role}, every input`, walked, EVERY_INPUT.floor);
	});

	test(
		`it holds after any number of ${CONTROL_INPUTS.length} inputs without messages, and silence ends each connection`,
		HANG,
		() => {
			const { walked, proved, silence } = walkClosure(role, ALL_TIMERS);
			expect(walked.isWhole).toBe(true);
			expectAtLeast(`${role}, control inputs`, walked, CLOSURE[role]);
			expect(proved).toBeGreaterThanOrEqual(6_700);
			// The idle deadline or an unanswered ping, then the closing deadline.
			expect(silence).toBeLessThanOrEqual(6);
		},
	);
});

describe("client and server", () => {
	test.each(PAIRS)("both come to `closed` from any state in which one has begun to end: $timers", HANG, (pair) => {
		const { walked, ending, longest } = walkPair(pair.settings);
		expectAtLeast(`pair, ${pair.timers}`, walked, pair.floor);
		expect(ending).toBeGreaterThan(walked.states / 2);
		// What is under way in both directions, the answer, and both ends.
		expect(longest).toBeLessThanOrEqual(5);
	});
});
