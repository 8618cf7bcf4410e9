import type { ClientFound } from "./raw-client.ts";
import type { SideFound } from "./side.ts";
import { STATES } from "./states.ts";
import type { Tally } from "./tally.ts";

/** What a run has shown. */
export interface Outcome {
	readonly sides: readonly SideFound[];
	readonly clients: readonly Omit<ClientFound, "history">[];
	/** How many moves began with bytes on their way both ways. */
	readonly flight: number;
	readonly connections: number;
}

export const LEAST_MOVES = 20;

export interface Counts {
	readonly messages: number;
	readonly lost: number;
	readonly repeated: number;
	readonly disordered: number;
	readonly torn: number;
}

/** `sent`: by the other end. */
function countsOf(tally: Tally, sent: number): Counts {
	const { expected, received, missing, repeated, disordered, torn } = tally;
	return { messages: received, lost: missing.length + Math.max(sent - expected, 0), repeated, disordered, torn };
}

/** Both directions of all connections. */
export function counts({ sides, clients }: Outcome): Counts {
	const ended = new Map(sides.flatMap((side) => side.ended).map((each) => [each.id, each]));
	const all: Counts[] = [];
	for (const { id, tally, sent } of clients) {
		const end = ended.get(id);
		all.push(countsOf(tally, end?.sent ?? tally.expected));
		if (end !== undefined) all.push(countsOf(end.tally, sent));
	}
	const sum = (of: keyof Counts): number => all.reduce((total, each) => total + each[of], 0);
	return {
		messages: sum("messages"),
		lost: sum("lost"),
		repeated: sum("repeated"),
		disordered: sum("disordered"),
		torn: sum("torn"),
	};
}

/** How many moves began in each state. */
export function movesByState({ sides }: Outcome): Map<string, number> {
	const moves = sides.flatMap((side) => side.moves);
	return new Map(STATES.map((state) => [state, moves.filter(({ states }) => states.includes(state)).length]));
}

export function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** What falls short, in a few words each; empty: nothing does. */
export function shortfalls(outcome: Outcome): string[] {
	const { sides, clients, flight, connections } = outcome;
	const short: string[] = [];
	const found = counts(outcome);
	for (const what of ["lost", "repeated", "disordered", "torn"] as const)
		if (found[what] > 0) short.push(`${found[what]} messages ${what}`);
	for (const [state, moves] of movesByState(outcome))
		if (moves < LEAST_MOVES) short.push(`${moves} moves with: ${state}`);
	const moves = sides.reduce((sum, side) => sum + side.moves.length, 0);
	if (flight * 2 < moves) short.push(`${flight} of ${moves} moves began with bytes on their way both ways`);
	const ended = sides.flatMap((side) => side.ended);
	const unclean = ended.filter(({ wasClean }) => !wasClean).length;
	if (ended.length !== connections || unclean > 0)
		short.push(`${ended.length} of ${connections} connections have ended, ${unclean} without a closing handshake`);
	for (const { id, code, failure, wrongPongs } of clients) {
		if (failure !== null || code !== 1000) short.push(`client ${id}: ${failure ?? `Close ${code}`}`);
		if (wrongPongs > 0) short.push(`client ${id}: ${wrongPongs} wrong pongs`);
	}
	for (const side of sides)
		for (const [failure, times] of Object.entries(side.failures)) short.push(`${times} times: ${failure}`);
	return short;
}
