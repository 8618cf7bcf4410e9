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

/** So many pieces of output are looked at before others have their turn: a millisecond's work, about. */
const LOOKS = 5_000;

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
	readonly #context: Context<Data>;
	readonly #limit: number;
	/** What the connections have noted, shared frames in full for each. */
	#noted: number = 0;
	/** Since when the limit is passed; null: it is not. */
	#overSince: number | null = null;
	/** What was held when all were looked at last. Shared frames count once. */
	seen: number = 0;
	/** Bytes that may be added before all are looked at again. */
	#room: number = 0;
	#looksSoon: boolean = false;
	#isLooking: boolean = false;

	constructor(context: Context<Data>, limit: number) {
		this.#context = context;
		this.#limit = limit;
	}

	/** The limit was passed, and too much is still held: nobody is let in. */
	get isOver(): boolean {
		return this.#overSince !== null;
	}

	/** Bytes that are held, as far as it was noted: with each turn of a connection. Shared frames count once. Looks at all that waits. */
	get held(): number {
		return this.#noted - SharedFrames.of(this.#context.drivers).bytes;
	}

	/** A connection holds so much more; less, when negative. */
	add(difference: number): void {
		this.#noted += difference;
		if (difference <= 0) return;
		this.#room -= difference;
		if (this.#mayBeOver && !this.#looksSoon) this.#lookSoon();
	}

	/** Whether more than the limit may be held: more than that was noted, and since the last look more was added than there was room for. */
	get #mayBeOver(): boolean {
		return this.#noted > this.#limit && this.#room < 0;
	}

	#lookSoon(): void {
		this.#looksSoon = true;
		this.#context.platform.defer(() => {
			this.#looksSoon = false;
			if (this.#mayBeOver) this.deadlineReached();
		});
	}

	/** Looks at all connections, and does what has to be done. */
	deadlineReached(): void {
		if (!this.#isLooking) void this.#look();
	}

	/** There may be very much that waits: to look at it is no more work in one turn than anything else. */
	async #look(): Promise<void> {
		const { drivers, turn } = this.#context;
		this.#isLooking = true;
		const shared = new SharedFrames();
		let noted = 0;
		let looks = 0;
		for (const driver of [...drivers]) {
			if (looks > LOOKS) {
				looks = 0;
				await turn.over();
			}
			if (driver.isStreamGone) continue;
			// What the system has taken meanwhile nobody has told.
			driver.regulate();
			looks += shared.add(driver);
			// What comes while the others are looked at does not count yet.
			noted += driver.holding?.noted ?? 0;
		}
		for (const { holding } of this.#context.untaken) noted += holding?.noted ?? 0;
		this.#isLooking = false;
		this.seen = noted - shared.bytes;
		this.#judge(shared);
	}

	#judge(shared: SharedFrames): void {
		const { drivers, platform, deadlines } = this.#context;
		const now = platform.now();
		// At least a step, or all would be looked at with each small piece.
		this.#room = Math.max(this.#limit - this.seen, this.#limit * STEP);
		const awaitsEnd = this.#cutClosed(now);
		const isOver = this.seen > this.#limit * (this.isOver ? LOW : 1);
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
		for (const driver of drivers) setOverShare(driver, share, shared);
		if (this.seen > this.#limit * HIGH || now - this.#overSince >= PATIENCE) this.#close(share, now, shared);
		deadlines.schedule(this, now + INTERVAL);
	}

	#end(): void {
		if (!this.isOver) return;
		this.#overSince = null;
		for (const driver of this.#context.drivers) setOverShare(driver, Number.POSITIVE_INFINITY, null);
		this.#tell("resumed");
	}

	/** Cuts those that were closed and have had their time. Returns whether others still have some. */
	#cutClosed(now: number): boolean {
		const time = this.seen > this.#limit * HIGH ? 0 : CLOSING;
		let awaitsEnd = false;
		for (const { holding, owner } of [...this.#context.drivers]) {
			if (holding === null || holding.closedAt === null) continue;
			if (now - holding.closedAt > time) owner.terminate();
			else awaitsEnd = true;
		}
		return awaitsEnd;
	}

	/**
	 * Closes those above their share that are longest without progress, until the others hold little enough. First goes what waits for the
	 * application of those whose stream is gone.
	 */
	#close(share: number, now: number, shared: SharedFrames): void {
		const candidates: { readonly driver: Driver<Data>; readonly progressAt: number; readonly own: number }[] = [];
		let left = this.seen;
		for (const { holding, owner } of [...this.#context.untaken]) {
			if (left <= this.#limit * LOW) return;
			left -= holding?.noted ?? 0;
			holding?.tell("maxServerBytes", "closed");
			owner.terminate();
		}
		for (const driver of this.#context.drivers) {
			const { holding } = driver;
			if (holding === null) continue;
			const own = holding.noted - shared.countedBy(driver);
			if (holding.closedAt !== null) left -= own;
			else if (own > share) candidates.push({ driver, progressAt: holding.progressAt, own });
		}
		candidates.sort((one, other) => one.progressAt - other.progressAt);
		for (const { driver, own } of candidates) {
			const { holding } = driver;
			if (left <= this.#limit * LOW) return;
			if (holding === null) continue;
			left -= own;
			holding.closedAt = now;
			holding.tell("maxServerBytes", "closed");
			driver.owner.noRoom("no-room");
		}
	}

	#tell(action: "refused" | "resumed"): void {
		const context = this.#context;
		if (!context.isObserved) return;
		context.observe({ type: "budget", budget: "maxServerBytes", connection: null, action, held: this.seen });
	}
}

/**
 * Pauses a connection that holds more than its share, and lets it go on once it does not. Here what it has to send counts as well: a
 * pause can't get two sides stuck, as those that hold too much are closed. Of a frame that waits for several, each has its part.
 */
function setOverShare<Data>(driver: Driver<Data>, share: number, shared: SharedFrames | null): void {
	const { holding } = driver;
	if (holding === null) return;
	const own = holding.noted - (shared === null ? 0 : shared.countedBy(driver));
	const isOver = own > (holding.isOverShare ? share * LOW : share);
	if (isOver === holding.isOverShare) return;
	holding.isOverShare = isOver;
	holding.tell("maxServerBytes", isOver ? "paused" : "resumed");
	driver.regulate();
}
