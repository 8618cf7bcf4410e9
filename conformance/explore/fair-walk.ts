import type { ConnectionSettings } from "@barewire/connection";
import { FAIR, isEnding, type PairInput, type PairState, pairSpace } from "./pair-space.ts";
import { type Walked, walk } from "./walk.ts";
import { longestWay } from "./ways.ts";

/** What came of the walk over a pair. */
export interface FairWalk {
	readonly walked: Walked;
	/** States in which an end has begun. From each of them both ends come to `closed`. */
	readonly ending: number;
	/** The longest way from one of them to `closed` at both ends, in deliveries. */
	readonly longest: number;
}

/**
 * Walks all states of a pair. From each in which an end has begun it goes on in the fair way: all that is under way is delivered.
 * Throws where that does not lead to `closed` at both ends. It takes no deadline: those are for channels that keep something back.
 */
export function walkPair(settings: ConnectionSettings): FairWalk {
	const space = pairSpace(settings);
	const states: PairState[] = [space.start];
	/** Where the fair way leads, and which of `FAIR` that was. */
	const next: number[] = [];
	const ranks: number[] = [];
	const rankOf = space.inputs.map(({ name }) => FAIR.indexOf(name));
	const walked = walk<PairState, PairInput>({
		...space,
		edge: (from, input, to, reached, isNew) => {
			if (isNew) states[to] = reached;
			const rank = rankOf[input] ?? -1;
			if (rank < 0 || rank >= (ranks[from] ?? FAIR.length)) return;
			ranks[from] = rank;
			next[from] = to;
		},
	});
	if (!walked.isWhole) throw new Error("the walk is not whole");
	const ending = [...states.keys()].filter((state) => isEnding(states[state]!));
	const longest = longestWay(
		ending,
		next,
		(state) => states[state]!.server.isClosed && states[state]!.client.isClosed,
		(state) => JSON.stringify(states[state]),
	);
	return { walked, ending: ending.length, longest };
}
