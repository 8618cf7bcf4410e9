/** In a millisecond. */
const STEPS = 10;

/** How late so many values came that each can't be kept: counted in steps of 0.1 ms. */
export class Late {
	private readonly counts = new Map<number, number>();
	count = 0;

	add(milliseconds: number): void {
		const step = Math.max(0, Math.ceil(milliseconds * STEPS));
		this.counts.set(step, (this.counts.get(step) ?? 0) + 1);
		this.count++;
	}

	/** The least that this share of them does not exceed; NaN: there are none. */
	percentile(share: number): number {
		let sum = 0;
		for (const [step, count] of [...this.counts].sort(([a], [b]) => a - b)) {
			sum += count;
			if (sum >= share * this.count) return step / STEPS;
		}
		return Number.NaN;
	}
}
