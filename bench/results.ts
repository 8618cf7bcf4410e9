import { BAREWIRE } from "./servers.ts";

/** What was measured of one server: a number for each round. */
export interface Measured {
	readonly name: string;
	readonly rounds: readonly number[];
	/** What else a table tells of it, by the titles of the columns. */
	readonly columns?: Columns;
}

export type Columns = Readonly<Record<string, string>>;

/** A server beside the reference. */
export interface Compared {
	readonly name: string;
	/** Median over the rounds, in what was measured. */
	readonly cost: number;
	/** To the reference in the same round: the median over the rounds, and the ends. */
	readonly ratio: number;
	readonly lowest: number;
	readonly highest: number;
	/** What it costs more than the reference in the same round: the median over the rounds. */
	readonly difference: number;
	readonly columns: Columns;
	/** The ratios are to this one. */
	readonly isReference: boolean;
}

/** Puts all servers beside the best of `references`, round by round. */
export function compare(measured: readonly Measured[], references: readonly string[]): Compared[] {
	const candidates = measured.filter(({ name }) => references.includes(name));
	const reference = candidates.reduce((best, next) => (median(next.rounds) < median(best.rounds) ? next : best));
	return measured.map((server) => {
		const ratios = server.rounds.map((cost, round) => cost / reference.rounds[round]!);
		return {
			name: server.name,
			cost: median(server.rounds),
			ratio: median(ratios),
			lowest: Math.min(...ratios),
			highest: Math.max(...ratios),
			difference: median(server.rounds.map((cost, round) => cost - reference.rounds[round]!)),
			columns: server.columns ?? {},
			isReference: server === reference,
		};
	});
}

/** What was found of barewire, or of what stands for it. */
export function ownResult(compared: readonly Compared[], name: string = BAREWIRE): Compared {
	const own = compared.find((one) => one.name === name);
	if (own === undefined) throw new Error(`${name} was not measured`);
	return own;
}

/** Of an even number the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
	const sorted = numbers.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
