import type { Platform } from "./platform.ts";

/** Milliseconds that one source may keep the event loop busy. */
const LONGEST = 1;

/**
 * A loop over a source that is always ready runs in one turn of the event loop: awaiting settled promises lets no timer and no other
 * connection come first. With this it stops after a millisecond, for one turn.
 */
export class TimeSlice {
	readonly #platform: Platform;
	#began: number;

	constructor(platform: Platform) {
		this.#platform = platform;
		this.#began = platform.now();
	}

	/** To be awaited; null: go on at once. */
	over(): Promise<void> | null {
		if (this.#platform.now() - this.#began < LONGEST) return null;
		return new Promise((resolve) =>
			this.#platform.nextTurn(() => {
				this.#began = this.#platform.now();
				resolve();
			}),
		);
	}
}
