/** Milliseconds until the second attempt to connect, and at most between two of them. */
const FIRST_DELAY = 250;
const LAST_DELAY = 10_000;

/** The times between attempts to connect: growing, and random, so that many servers don't come at the same time. */
export class Retries {
	#failures: number = 0;
	#wake: () => void = () => {};
	#isStopped: boolean = false;

	succeeded(): void {
		this.#failures = 0;
	}

	/** Resolves when it is time for another attempt, or after `stop`. */
	async wait(): Promise<void> {
		if (this.#isStopped) return;
		const delay = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.#failures++) * (0.5 + Math.random());
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, delay);
		this.#wake = resolve;
		await promise;
		clearTimeout(timer);
	}

	stop(): void {
		this.#isStopped = true;
		this.#wake();
	}
}
