/** Lets one message pass in each interval on average: what a late timer has lost, the next ones make up for. */
export class Pace {
	private readonly interval: number;
	private due: number = performance.now();

	constructor(interval: number) {
		this.interval = interval;
	}

	/** Resolves when the next message may pass; null: it may pass now. */
	next(): Promise<void> | null {
		if (this.interval === 0) return null;
		this.due += this.interval;
		const left = this.due - performance.now();
		return left <= 0 ? null : new Promise((resolve) => setTimeout(resolve, left));
	}
}
