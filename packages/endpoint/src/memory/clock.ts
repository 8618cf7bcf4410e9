import type { Platform } from "../platform.ts";

interface Timer {
	readonly at: number;
	readonly callback: () => void;
}

/** Lets everything run that is ready to: promises, streams, deferred tasks. Nothing waits for time to pass. */
export function settle(): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A platform whose time moves only when it is told to, and whose randomness repeats itself. */
export class VirtualClock implements Platform {
	/** What was reported because no `error` handler took it. */
	readonly reported: unknown[] = [];
	#time: number = 0;
	#timers: Timer[] = [];
	#seed: number = 1;

	now(): number {
		return this.#time;
	}

	setTimer(callback: () => void, delay: number): () => void {
		// It is due already: no time has to pass for it.
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

	/** How many timers are set: none must be left when everything is closed. */
	get pendingTimers(): number {
		return this.#timers.length;
	}

	/** Moves time on, stopping at each timer on the way. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.#time + milliseconds;
		await settle();
		for (let next = this.#earliest(); next !== null && next.at <= end; next = this.#earliest()) {
			this.#time = Math.max(this.#time, next.at);
			const due = next;
			this.#timers = this.#timers.filter((timer) => timer !== due);
			due.callback();
			// A deadline is judged behind two more timers, which are due at once.
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

	// A linear congruential generator: it only has to differ from one call to the next and repeat from run to run.
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
