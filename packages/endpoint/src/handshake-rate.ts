/** A token bucket with a capacity of one second. */
export class HandshakeRate {
	readonly #perSecond: number;
	#tokens: number;
	/** The time for which `#tokens` is valid. */
	#since: number = Number.NEGATIVE_INFINITY;

	constructor(perSecond: number) {
		this.#perSecond = perSecond;
		this.#tokens = perSecond;
	}

	/** Whether one more is allowed at `now` (milliseconds). If so, it is counted. */
	take(now: number): boolean {
		this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#since) * this.#perSecond) / 1000);
		this.#since = now;
		if (this.#tokens < 1) return false;
		this.#tokens--;
		return true;
	}
}
