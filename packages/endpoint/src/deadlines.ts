import { type Platform, setDeadline } from "./platform.ts";

/** Something that wants to be called at about a time. */
export interface Dated {
	/** The slot it waits in; null: none. Kept by `Deadlines`. */
	slot: number | null;
	deadlineReached(): void;
}

/** How many milliseconds a call may be late. */
const GRANULARITY = 50;

/**
 * One timer for all connections of an endpoint. A connection's deadline moves with nearly every message; here that costs
 * a comparison, because a deadline that moved later is only noticed when the earlier one comes.
 */
export class Deadlines {
	readonly #platform: Platform;
	readonly #slots = new Map<number, Set<Dated>>();
	#armedFor: number = Number.POSITIVE_INFINITY;
	#cancelTimer: (() => void) | null = null;

	constructor(platform: Platform) {
		this.#platform = platform;
	}

	/** Has `dated` called at `deadline` or up to 50 ms later, perhaps also earlier. */
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
		// An empty endpoint must not keep a process alive.
		if (this.#slots.size === 0) this.#disarm();
	}

	#arm(slot: number): void {
		this.#disarm();
		this.#armedFor = slot;
		// A slot that has passed, as behind a handler that took long, is due at once: some runtimes warn of a negative delay.
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
		// A timer may come a fraction of a millisecond early: rounding keeps it from firing twice for one slot.
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
