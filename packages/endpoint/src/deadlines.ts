import { type Platform, setDeadline } from "./platform.ts";

/** Something to be called at about a given time. */
export interface Dated {
	/** The slot in which it waits; null: none. Set by `Deadlines`. */
	slot: number | null;
	deadlineReached(): void;
}

/** The maximum delay of a call in milliseconds. */
const GRANULARITY = 50;

/**
 * One timer for all connections of an endpoint. The deadline of a connection moves with nearly every message. That costs
 * only a comparison here: a deadline that moved to a later time is checked when the earlier time comes.
 */
export class Deadlines {
	readonly #platform: Platform;
	readonly #slots = new Map<number, Set<Dated>>();
	#armedFor: number = Number.POSITIVE_INFINITY;
	#cancelTimer: (() => void) | null = null;

	constructor(platform: Platform) {
		this.#platform = platform;
	}

	/** Calls `dated` at `deadline` or up to 50 ms later. The call may also come earlier. */
	schedule(dated: Dated, deadline: number): void {
		const slot = Math.ceil(deadline / GRANULARITY);
		if (dated.slot !== null && slot >= dated.slot) return;
		this.forget(dated);
		dated.slot = slot;
		const waiting = this.#slots.get(slot);
		if (waiting === undefined) this.#slots.set(slot, new Set([dated]));
		else waiting.add(dated);
		if (slot < this.#armedFor) this.#arm(slot);
	}

	forget(dated: Dated): void {
		if (dated.slot === null) return;
		const waiting = this.#slots.get(dated.slot);
		waiting?.delete(dated);
		if (waiting?.size === 0) this.#slots.delete(dated.slot);
		dated.slot = null;
		// An endpoint without deadlines must not keep the process alive.
		if (this.#slots.size === 0) this.#disarm();
	}

	#arm(slot: number): void {
		this.#disarm();
		this.#armedFor = slot;
		// A slot may have passed, for example after a handler that took long. It is due at once. Some runtimes warn about a
		// negative delay.
		const delay = Math.max(0, slot * GRANULARITY - this.#platform.now());
		this.#cancelTimer = setDeadline(this.#platform, () => this.#fire(), delay);
	}

	#disarm(): void {
		this.#cancelTimer?.();
		this.#cancelTimer = null;
		this.#armedFor = Number.POSITIVE_INFINITY;
	}

	#fire(): void {
		this.#disarm();
		// A timer may come a fraction of a millisecond early. Rounding prevents that it fires twice for one slot.
		const reached = Math.floor((this.#platform.now() + 1) / GRANULARITY);
		for (const [slot, waiting] of [...this.#slots]) {
			if (slot > reached) continue;
			this.#slots.delete(slot);
			for (const dated of waiting) {
				dated.slot = null;
				dated.deadlineReached();
			}
		}
		let first = Number.POSITIVE_INFINITY;
		for (const slot of this.#slots.keys()) first = Math.min(first, slot);
		if (first < this.#armedFor) this.#arm(first);
	}
}
