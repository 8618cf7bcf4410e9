import type { Context } from "./context.ts";
import type { Dated } from "./deadlines.ts";
import type { Driver } from "./driver.ts";
import { SharedFrames } from "./shared-frames.ts";

/** It is over the limit until it holds less than this part of it: otherwise it would refuse and admit by turns. */
const LOW = 7 / 8;

/** From here on closing does not wait: pausing has not helped. */
const HIGH = 9 / 8;

/** While it is over: it is looked at anew when so much more of the limit is held, and after so many milliseconds. */
const STEP = 1 / 16;
const INTERVAL = 100;

/** Milliseconds in which those that are paused may get below their share, before any of them is closed. */
const PATIENCE = 2_000;

/** Milliseconds that one that was closed has to take its Close frame and what is before it. Then it is cut. Above HIGH there is no time for that. */
const CLOSING = 1_000;

/**
 * What all connections of a server may hold together. Each tells by how much it has changed, which is a sum and a comparison. They are
 * looked at one by one only when the limit is passed, and then from time to time until less is held.
 */
export class ServerBudget<Data> implements Dated {
	slot: number | null = null;
	readonly shared: SharedFrames = new SharedFrames();
	readonly #context: Context<Data>;
	readonly #limit: number;
	/** What the connections have noted, shared frames in full for each. */
	#noted: number = 0;
	/** Since when the limit is passed; null: it is not. */
	#overSince: number | null = null;
	/** With more than this, all are looked at. */
	#lookAbove: number;
	#looksSoon: boolean = false;

	constructor(context: Context<Data>, limit: number) {
		this.#context = context;
		this.#limit = limit;
		this.#lookAbove = limit;
	}

	/** The limit was passed, and too much is still held: nobody is let in. */
	get isOver(): boolean {
		return this.#overSince !== null;
	}

	/** Bytes that are held, as far as it was noted: with each turn of a connection. Shared frames count once. */
	get held(): number {
		return this.#noted - this.shared.excess;
	}

	/** A connection holds so much more; less, when negative. */
	add(difference: number): void {
		this.#noted += difference;
		if (difference < 0 || this.#looksSoon || this.held <= this.#lookAbove) return;
		this.#looksSoon = true;
		this.#context.platform.defer(() => {
			this.#looksSoon = false;
			if (this.held > this.#lookAbove) this.deadlineReached();
		});
	}

	/** Looks at all connections. */
	deadlineReached(): void {
		const { drivers, platform, deadlines } = this.#context;
		// What the system has taken meanwhile nobody has told.
		for (const driver of drivers) driver.regulate();
		const now = platform.now();
		const awaitsEnd = this.#cutClosed(now);
		const isOver = this.held > this.#limit * (this.isOver ? LOW : 1);
		if (!isOver) {
			this.#end();
			if (awaitsEnd) deadlines.schedule(this, now + INTERVAL);
			return;
		}
		if (this.#overSince === null) {
			this.#overSince = now;
			this.#tell("refused");
		}
		const share = this.#limit / drivers.size;
		for (const driver of drivers) setOverShare(driver, share);
		if (this.held > this.#limit * HIGH || now - this.#overSince >= PATIENCE) this.#close(share, now);
		this.#lookAbove = Math.max(this.#limit, this.held) + this.#limit * STEP;
		deadlines.schedule(this, now + INTERVAL);
	}

	#end(): void {
		this.#lookAbove = this.#limit;
		if (!this.isOver) return;
		this.#overSince = null;
		for (const driver of this.#context.drivers) setOverShare(driver, Number.POSITIVE_INFINITY);
		this.#tell("resumed");
	}

	/** Cuts those that were closed and have had their time. Returns whether others still have some. */
	#cutClosed(now: number): boolean {
		const time = this.held > this.#limit * HIGH ? 0 : CLOSING;
		let awaitsEnd = false;
		for (const { holding, owner } of [...this.#context.drivers]) {
			if (holding === null || holding.closedAt === null) continue;
			if (now - holding.closedAt > time) owner.terminate();
			else awaitsEnd = true;
		}
		return awaitsEnd;
	}

	/** Closes those above their share that are longest without progress, until the others hold little enough. */
	#close(share: number, now: number): void {
		const candidates: { readonly driver: Driver<Data>; readonly progressAt: number }[] = [];
		let left = this.held;
		for (const driver of this.#context.drivers) {
			const { holding } = driver;
			if (holding === null) continue;
			if (holding.closedAt !== null) {
				left -= holding.noted;
			} else if (holding.noted > share) candidates.push({ driver, progressAt: holding.progressAt });
		}
		candidates.sort((one, other) => one.progressAt - other.progressAt);
		for (const { driver } of candidates) {
			const { holding } = driver;
			if (left <= this.#limit * LOW) return;
			if (holding === null) continue;
			left -= holding.noted;
			holding.closedAt = now;
			holding.tell("maxServerBytes", "closed");
			driver.owner.noRoom("no-room");
		}
	}

	#tell(action: "refused" | "resumed"): void {
		const context = this.#context;
		if (!context.isObserved) return;
		context.observe({ type: "budget", budget: "maxServerBytes", connection: null, action, held: this.held });
	}
}

/** Pauses a connection that holds more than its share, and lets it go on once it does not. */
function setOverShare<Data>(driver: Driver<Data>, share: number): void {
	const { holding } = driver;
	if (holding === null) return;
	const isOver = holding.noted > (holding.isOverShare ? share * LOW : share);
	if (isOver === holding.isOverShare) return;
	holding.isOverShare = isOver;
	holding.tell("maxServerBytes", isOver ? "paused" : "resumed");
	driver.regulate();
}
