/** A value at a time. */
export interface Point {
	readonly time: number;
	readonly value: number;
}

export interface Trend {
	/** By how much the values grew from the first time to the last, as the slope says. */
	readonly growth: number;
	/** How sure it is that they rise, in standard deviations: above 2.3, a series without a trend is so in one of 100 cases. */
	readonly certainty: number;
}

/**
 * The slope of Theil and Sen: the median of the slopes between any two points, which a few values that stand out don't change. The
 * certainty is Mann and Kendall's: how many more pairs rise than fall, by the deviation of that number where there is no trend.
 */
export function trendOf(points: readonly Point[]): Trend {
	const slopes: number[] = [];
	let rising = 0;
	for (const [i, a] of points.entries()) {
		for (const b of points.slice(i + 1)) {
			slopes.push((b.value - a.value) / (b.time - a.time));
			rising += Math.sign(b.value - a.value);
		}
	}
	const { length } = points;
	if (slopes.length === 0) return { growth: 0, certainty: 0 };
	const deviation = Math.sqrt((length * (length - 1) * (2 * length + 5)) / 18);
	const span = points.at(-1)!.time - points[0]!.time;
	return { growth: median(slopes) * span, certainty: rising / deviation };
}

/** The one in the middle, or the mean of the two; NaN of none. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length / 2;
	return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle) - 1] ?? Number.NaN)) / 2;
}
