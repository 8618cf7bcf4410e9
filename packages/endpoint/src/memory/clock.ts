import type { Platform } from "../platform.ts";

interface Timer {
	readonly at: number;
	readonly callback: () => void;
}

/** Runs everything that is ready: promises, streams, deferred tasks. No virtual time passes. */
export function settle(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A platform whose time only advances by `advance()`, and whose random bytes are the same in each run. */
export class VirtualClock implements Platform {
	/** Errors that were reported because there is no `error` handler. */
	readonly reported: unknown[] = [];
	#time: number = 0;
	#timers: Timer[] = [];
	#seed: number = 1;

	now(): number {
		return this.#time;
	}

	setTimer(callback: () => void, delay: number): () => void {
		// The timer is due already: no virtual time has to pass.
		if (delay <= 0) {
			const due = setTimeout(callback, 0);
			return () => clearTimeout(due);
		}
		const timer: Timer = { at: this.#time + delay, callback };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((other) => other !== timer);
		};
	}

	/** How many timers are set. It must be 0 when everything is closed. */
	get pendingTimers(): number {
		return this.#timers.length;
	}

	/** Advances the time, and stops at each timer in between. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.#time + milliseconds;
		await settle();
		for (let next = this.#earliest(); next !== null && next.at <= end; next = this.#earliest()) {
			this.#time = Math.max(this.#time, next.at);
			const due = next;
			this.#timers = this.#timers.filter((timer) => timer !== due);
			due.callback();
			// `setDeadline` adds two more timers, which are due at once.
			for (let round = 0; round < 3; round++) await settle();
		}
		this.#time = end;
	}

	defer(task: () => void): void {
		queueMicrotask(task);
	}

	nextTurn(task: () => void): void {
		setTimeout(task, 0);
	}

	// A linear congruential generator: the bytes must differ from call to call, and be the same in each run.
	readonly random = (into: Uint8Array): void => {
		for (let index = 0; index < into.length; index++) {
			this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) >>> 0;
			into[index] = this.#seed >>> 16;
		}
	};

	date(): string {
		return "Thu, 01 Jan 1970 00:00:00 GMT";
	}

	report(error: unknown): void {
		this.reported.push(error);
	}

	#earliest(): Timer | null {
		return this.#timers.reduce<Timer | null>(
			(first, timer) => (first === null || timer.at < first.at ? timer : first),
			null,
		);
	}
}
