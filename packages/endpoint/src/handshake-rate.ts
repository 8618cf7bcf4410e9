/** A token bucket that holds what comes in within one second. */
export class HandshakeRate {
	readonly #perSecond: number;
	#tokens: number;
	/** When `#tokens` was right. */
	#since: number = Number.NEGATIVE_INFINITY;

	constructor(perSecond: number) {
		this.#perSecond = perSecond;
		this.#tokens = perSecond;
	}

	/** Whether one more may come at `now` (milliseconds): it is counted then. */
	take(now: number): boolean {
		this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#since) * this.#perSecond) / 1000);
		this.#since = now;
		if (this.#tokens < 1) return false;
		this.#tokens--;
		return true;
	}
}
