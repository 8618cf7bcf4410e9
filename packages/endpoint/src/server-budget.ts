import type { Context } from "./context.ts";
import type { Dated } from "./deadlines.ts";
import type { Driver } from "./driver.ts";
import { SharedFrames } from "./shared-frames.ts";

/**
 * The server stays over the limit until it holds less than this part of it. Otherwise it would switch often between
 * refusing and admitting.
 */
const LOW = 7 / 8;

/** Above this part of the limit, connections are closed without waiting: pausing has not helped. */
const HIGH = 9 / 8;

/**
 * While the server is over the limit, it checks again when this much more of the limit is held, and after this many
 * milliseconds.
 */
const STEP = 1 / 16;
const INTERVAL = 100;

/** This many pieces of output are checked before other work has its turn: about a millisecond of work. */
const LOOKS = 5_000;

/** Milliseconds in which paused connections may get below their share before any of them is closed. */
const PATIENCE = 2_000;

/**
 * Milliseconds that a closed connection has to take the output before its Close frame and the frame itself. Then it is cut.
 * Above HIGH it has no time.
 */
const CLOSING = 1_000;

/**
 * Limits what all connections of a server may hold together. Each connection adds its changes, which costs a sum and a
 * comparison. The connections are checked one by one only when the limit is passed, and then at intervals until less is
 * held.
 */
export class ServerBudget<Data> implements Dated {
	slot: number | null = null;
	readonly #context: Context<Data>;
	readonly #limit: number;
	/** The sum of what the connections have recorded. Shared frames count in full for each connection. */
	#noted: number = 0;
	/** The time when the limit was passed; null: it is not passed. */
	#overSince: number | null = null;
	/** What was held at the last check of all connections. Shared frames count once. */
	seen: number = 0;
	/** Bytes that may be added before all connections are checked again. */
	#room: number = 0;
	#looksSoon: boolean = false;
	#isLooking: boolean = false;

	constructor(context: Context<Data>, limit: number) {
		this.#context = context;
		this.#limit = limit;
	}

	/** The limit was passed, and too much is still held: no client is let in. */
	get isOver(): boolean {
		return this.#overSince !== null;
	}

	/**
	 * Bytes that are held, as recorded at each turn of a connection. Shared frames count once. This examines all waiting
	 * output.
	 */
	get held(): number {
		return this.#noted - SharedFrames.of(this.#context.drivers).bytes;
	}

	/** A connection holds this much more; less, if negative. */
	add(difference: number): void {
		this.#noted += difference;
		if (difference <= 0) return;
		this.#room -= difference;
		if (this.#mayBeOver && !this.#looksSoon) this.#lookSoon();
	}

	/**
	 * Whether more than the limit may be held: the recorded sum is above it, and more was added since the last check than
	 * there was room for.
	 */
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

	/** Checks all connections, and pauses or closes those that hold too much. */
	deadlineReached(): void {
		if (!this.#isLooking) void this.#look();
	}

	/** Very much output may wait: the check is spread over turns like all other work. */
	async #look(): Promise<void> {
		const { drivers, turn } = this.#context;
		this.#isLooking = true;
		const shared = new SharedFrames();
		const counted = new Set<Driver<Data>>();
		let noted = 0;
		let looks = 0;
		for (const driver of [...drivers]) {
			if (looks > LOOKS) {
				looks = 0;
				await turn.over();
			}
			if (driver.isStreamGone) continue;
			// There is no event when the system takes output, so update the record now.
			driver.regulate();
			looks += shared.add(driver);
			// What comes while the other connections are checked does not count yet.
			noted += driver.holding?.noted ?? 0;
			counted.add(driver);
		}
		for (const driver of [...this.#context.untaken]) {
			driver.regulate();
			// A stream may have gone after its connection was counted.
			if (!counted.has(driver)) noted += driver.holding?.noted ?? 0;
		}
		this.#isLooking = false;
		this.seen = noted - shared.bytes;
		this.#judge(shared);
	}

	#judge(shared: SharedFrames): void {
		const { drivers, untaken, platform, deadlines } = this.#context;
		const now = platform.now();
		// The room is at least one step. Otherwise each small piece would cause a check of all connections.
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
		const share = this.#limit / (drivers.size + untaken.size);
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

	/** Cuts the closed connections whose time is over. Returns whether others still have time. */
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
	 * Closes connections above their share, those that are longest without progress first, until the rest hold little enough.
	 * Before that, discards what waits for the application from streams that are gone.
	 */
	#close(share: number, now: number, shared: SharedFrames): void {
		const candidates: { readonly driver: Driver<Data>; readonly progressAt: number; readonly own: number }[] = [];
		let left = this.seen;
		for (const driver of [...this.#context.untaken]) {
			const noted = driver.holding?.noted ?? 0;
			if (left <= this.#limit * LOW) return;
			if (noted <= share) continue;
			left -= noted;
			driver.holding?.tell("maxServerBytes", "closed");
			driver.dropUntaken();
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
 * Pauses a connection that holds more than its share, and resumes it once it does not. Here the waiting output counts as
 * well. A pause can't block two sides forever, because connections that hold too much are closed. If a frame waits for
 * several connections, each counts its part of it.
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
