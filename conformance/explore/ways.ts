/**
 * Follows the one way that leads on from each start, and gives the length of the longest until `isDone`. Throws where a way ends, or
 * goes round in a circle, before that.
 *
 * @param next Where the way leads from each state; undefined: it ends there.
 */
export function longestWay(
	starts: Iterable<number>,
	next: readonly (number | undefined)[],
	isDone: (state: number) => boolean,
	describe: (state: number) => string,
): number {
	/** How far it is from each state; undefined: not known yet. */
	const lengths: (number | undefined)[] = [];
	let longest = 0;
	for (const start of starts) {
		const passed: number[] = [];
		let at = start;
		while (lengths[at] === undefined && !isDone(at)) {
			passed.push(at);
			const following = next[at];
			if (following === undefined || passed.length > next.length)
				throw new Error(`nothing leads on to the end from ${describe(at)}`);
			at = following;
		}
		let length = lengths[at] ?? 0;
		for (const state of passed.reverse()) lengths[state] = ++length;
		longest = Math.max(longest, length);
	}
	return longest;
}
