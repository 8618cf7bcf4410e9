import type { ConnectionSettings } from "@barewire/connection";
import type { Role } from "@barewire/framing";
import { type ConnectionState, checkState, normalisedKey, startOf, takeStep } from "./connection-space.ts";
import { ASKED, CONTROL_INPUTS, canCome, type Input, SILENCE } from "./inputs.ts";
import { Twins } from "./twins.ts";
import { type Walked, walk } from "./walk.ts";
import { longestWay } from "./ways.ts";

/** Sees each edge of the walk. */
export type OnEdge = (from: ConnectionState, input: Input, to: ConnectionState) => void;

export interface Closure {
	readonly walked: Walked;
	/** Steps by which the key was put to the proof. */
	readonly proved: number;
	/** The longest way to `closed` when nothing comes any more, in deadlines. */
	readonly silence: number;
}

/** Walks all states that control frames, commands, time and the end of the stream lead to, until no new one appears. */
export function walkClosure(role: Role, settings: ConnectionSettings, onEdge: OnEdge = () => {}): Closure {
	const start = startOf(role, settings);
	const states = [start];
	const silent: number[] = [];
	const twins = new Twins(start, settings);
	const walked = walk<ConnectionState, Input>({
		start,
		inputs: CONTROL_INPUTS,
		key: normalisedKey,
		step: (state, input) => (canCome(state.snapshot, input) ? takeStep(state, settings, input) : null),
		check: (state) => checkState(state, settings),
		edge: (from, input, to, reached, isNew) => {
			if (isNew) states[to] = reached;
			twins.edge(from, input, to, reached, isNew);
			onEdge(states[from]!, CONTROL_INPUTS[input]!, reached);
			// A connection without a deadline has ended, and only has to be asked.
			if (CONTROL_INPUTS[input] === SILENCE || (CONTROL_INPUTS[input] === ASKED && silent[from] === undefined))
				silent[from] = to;
		},
	});
	const silence = longestWay(
		states.keys(),
		silent,
		(state) => states[state]!.history.closed,
		(state) => JSON.stringify(states[state]!.snapshot),
	);
	return { walked, proved: twins.check(walked.numberOf), silence };
}
