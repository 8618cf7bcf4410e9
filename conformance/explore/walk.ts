/** What is walked: states, told apart by their keys, and inputs that lead from one to another. */
export interface Space<State, Input extends { readonly name: string }> {
	readonly start: State;
	readonly inputs: readonly Input[];
	key(state: State): string;
	/** null: the input can't come in this state. Throws where something is broken. */
	step(state: State, input: Input): State | null;
	/** Looks at each state once, before it is left. Throws where something is broken. */
	check?(state: State): void;
	/** Sees each edge. `isNew`: the state that it leads to was not known. */
	edge?(from: number, input: number, to: number, reached: State, isNew: boolean): void;
}

export interface Walked {
	readonly states: number;
	readonly edges: number;
	/** The length of the longest of the shortest ways. */
	readonly depth: number;
	/** No state was left out: every input of every state leads to one of these. */
	readonly isWhole: boolean;
	/** Which state has that key, by the order in which they were found. */
	numberOf(key: string): number | undefined;
}

/** Walks breadth-first, at most `length` inputs far. What is broken is thrown with the shortest way that leads to it. */
export function walk<State, Input extends { readonly name: string }>(
	space: Space<State, Input>,
	length: number = Number.POSITIVE_INFINITY,
): Walked {
	const { start, inputs } = space;
	const known = new Map<string, number>([[space.key(start), 0]]);
	const parents: number[] = [-1];
	const ways: number[] = [-1];
	const namesTo = (state: number, last?: Input): string => {
		const names = last === undefined ? [] : [last.name];
		for (let at = state; at > 0; at = parents[at] ?? 0) names.unshift(inputs[ways[at] ?? 0]?.name ?? "");
		return names.join(" | ");
	};
	let edges = 0;
	let depth = 0;
	let level: State[] = [start];
	let first = 0;
	for (; level.length > 0 && depth < length; depth++) {
		const next: State[] = [];
		for (const [at, state] of level.entries()) {
			const from = first + at;
			attempt(
				() => space.check?.(state),
				() => namesTo(from),
			);
			for (const [i, input] of inputs.entries()) {
				const reached = attempt(
					() => space.step(state, input),
					() => namesTo(from, input),
				);
				if (reached === null) continue;
				edges++;
				const key = space.key(reached);
				const seen = known.get(key);
				const to = seen ?? known.size;
				if (seen === undefined) {
					known.set(key, to);
					parents.push(from);
					ways.push(i);
					next.push(reached);
				}
				space.edge?.(from, i, to, reached, seen === undefined);
			}
		}
		first += level.length;
		level = next;
	}
	return {
		states: known.size,
		edges,
		depth: level.length > 0 ? depth : depth - 1,
		isWhole: level.length === 0,
		numberOf: (key) => known.get(key),
	};
}

function attempt<Result>(what: () => Result, way: () => string): Result {
	try {
		return what();
	} catch (error) {
		throw new Error(`${error instanceof Error ? error.message : error}, by: ${way()}`, { cause: error });
	}
}
