import type { Platform } from "./platform.ts";

/** Milliseconds of work in one turn of the event loop, unless the platform sets another value. */
const LONGEST = 1;

/**
 * The clock is read after at most this many small events, because reading it costs as much as a few of them. It is read
 * sooner when events take long, or when their duration is not known yet.
 */
const UNITS = 64;

/** Where events are small, at most this many late ones continue in one turn. */
const MANY = 8 * UNITS;

/** The next turn is requested at the latest after this many clock reads: a request costs as much as several small events. */
const LOOKS = 8;

/** If requests are expensive and rounds of the loop are short, the next turn is requested at the latest after the time of this many turns. */
const LONGEST_UNASKED = 2;

/** A round of the loop is short if it takes less than this part of a turn. */
const SHORT = 1 / 4;

/** A turn is far over when it has lasted this many times its limit. */
const FAR_OVER = 4;

/** 2 to this power is the number of bytes that count as much as one small event. */
const UNIT_BITS = 10;

/** Work that continues in a later turn. */
export interface Waiting {
	pump(): void;
	/** Its work runs only when settled promises are processed: its duration is not known before the turn has ended. */
	readonly isLate?: boolean;
}

/**
 * Measures how long the present turn of the event loop has lasted, and keeps the work that waits for a later one. No
 * connection may keep the turn for itself: buffered input, settled promises, and output that is taken at once could
 * continue without a timer or another connection in between.
 *
 * One `Turn` counts for all connections of a platform; with one for each, several connections that alternate could block
 * the others. After some work it requests the next turn of the loop. If that has not come within about a millisecond, the
 * turn is over. The rest of the work waits in a queue. Each turn takes from the queue what fits, at least one entry. So an
 * ordinary connection is handled between two turns, and does not wait behind the whole queue.
 */
export class Turn {
	readonly #platform: Platform;
	#longest: number;
	/** When the next turn was requested; Infinity: not since the last turn of the loop. */
	#askedAt: number = Number.POSITIVE_INFINITY;
	/** How much is done between two clock reads: as much as takes about half a turn, by measurement. */
	#units: number = 1;
	/** The work until the next clock read, the time when it began, and how much of it is left. */
	#batch: number = 1;
	#begunAt: number = Number.NEGATIVE_INFINITY;
	#left: number = 1;
	/** When the clock was read last, and how often since the last known turn of the loop. */
	#lookedAt: number = Number.NEGATIVE_INFINITY;
	#looks: number = 0;
	/** The last round of the loop that was timed was short. */
	#areRoundsShort: boolean = false;
	/** Milliseconds between the clock reads since the last request. Used only while rounds are short. */
	#unasked: number = 0;
	/** The total duration of the requested rounds of the loop since the sockets were last known to be polled. */
	#unseen: number = 0;
	readonly #waiting: Set<Waiting> = new Set();

	constructor(platform: Platform) {
		this.#platform = platform;
		this.#longest = platform.turnTime ?? LONGEST;
	}

	/** The process ends within this turn: it is never over, as no later one comes in which work could continue. */
	becomeLast(): void {
		this.#longest = Number.POSITIVE_INFINITY;
	}

	/** Counts one small event, or one of this many bytes. */
	spend(bytes: number): void {
		this.#left -= 1 + (bytes >>> UNIT_BITS);
	}

	/** Whether the turn is over. `now`: the present time, if the caller has it. */
	isOverAt(now: number): boolean {
		return this.#left <= 0 ? this.#look(now) : now - this.#askedAt >= this.#longest;
	}

	/** Whether the turn has lasted several times its limit. */
	isFarOverAt(now: number): boolean {
		return now - this.#askedAt >= FAR_OVER * this.#longest;
	}

	/**
	 * Whether work that may take longer than a turn has to wait for a later one. In a turn in which nothing was timed yet,
	 * the work may begin; it ends that turn.
	 */
	get isOverForWork(): boolean {
		if (this.#askedAt < Number.POSITIVE_INFINITY) return this.#isLong;
		this.#ask(this.#platform.now());
		return false;
	}

	/** Whether the turn is over. Reads the clock only when enough was done since the last read. */
	get isOver(): boolean {
		return this.#left <= 0 && this.#look(this.#platform.now());
	}

	/** Counts one small event. Returns whether the turn is over. */
	spendOne(): boolean {
		return --this.#left <= 0 && this.#look(this.#platform.now());
	}

	/** Whether this entry waits for a later turn. */
	waits(one: Waiting): boolean {
		return this.#waiting.size > 0 && this.#waiting.has(one);
	}

	/** Continues `one` in a later turn, behind the entries that wait already. */
	wait(one: Waiting): void {
		this.#waiting.add(one);
		if (this.#askedAt === Number.POSITIVE_INFINITY) this.#askForTurn(this.#platform.now());
	}

	/** For a loop over a source that may always be ready: await the result; null: continue at once. */
	over(): Promise<void> | null {
		if (!this.#isOverNow(this.#platform.now())) return null;
		return new Promise((resolve) => this.wait({ pump: resolve }));
	}

	/** Resolves in a later turn. For callers that count their following work by `spendOne`. */
	later(): Promise<void> {
		return new Promise((resolve) => this.wait({ pump: resolve, isLate: true }));
	}

	/** Called when the work planned before this clock read is done. */
	#look(now: number): boolean {
		const isTimed = this.#askedAt < Number.POSITIVE_INFINITY;
		const done = this.#batch - this.#left;
		const fits = Math.floor(Math.min((done * this.#longest) / (2 * Math.max(now - this.#begunAt, 0)), 2 * done, UNITS));
		// If the next turn was not requested, the loop may have been idle in between: a long time then means nothing.
		this.#units = Math.max(isTimed && fits < 2 * done ? fits : Math.max(this.#units, fits), 1);
		this.#begin(now, this.#units);
		return this.#isOverNow(now);
	}

	#begin(now: number, batch: number): void {
		this.#begunAt = now;
		this.#batch = batch;
		this.#left = batch;
	}

	/** Whether the turn is over. Requests the next one if that was not done and there may have been work. */
	#isOverNow(now: number): boolean {
		if (this.#askedAt < Number.POSITIVE_INFINITY) return now - this.#askedAt >= this.#longest;
		const passed = now - this.#lookedAt;
		this.#lookedAt = now;
		// If nothing was timed yet, the measurement begins here.
		if (this.#mayHaveWorked(passed)) this.#ask(now);
		return false;
	}

	/** Whether so much may have been done that the next turn has to be requested. `passed`: milliseconds since the clock was read before. */
	#mayHaveWorked(passed: number): boolean {
		if (!this.#areRoundsShort) return passed >= this.#longest / 2 || ++this.#looks >= LOOKS;
		// Events are known to be slow.
		if (this.#batch < UNITS) return true;
		// The loop may have been idle for part of this time. Then the request is unnecessary, which does no harm.
		this.#unasked += passed;
		return passed >= this.#longest || this.#unasked >= LONGEST_UNASKED * this.#longest;
	}

	get #isLong(): boolean {
		return this.#platform.now() - this.#askedAt >= this.#longest;
	}

	/** Requests the next turn. Where that is expensive, waits first for the end of this round of the loop. */
	#ask(now: number): void {
		const platform = this.#platform;
		if (platform.nextRound === undefined) return this.#askForTurn(now);
		this.#time(now);
		platform.nextRound(() => this.#roundOver());
	}

	#askForTurn(now: number): void {
		this.#time(now);
		this.#platform.nextTurn(() => this.#turned());
	}

	#time(now: number): void {
		this.#askedAt = now;
		this.#unasked = 0;
		// The first event shows how long events take now.
		this.#begin(now, 1);
	}

	/**
	 * A round of the loop is over, but the loop has perhaps not polled the sockets. If such rounds together have taken a
	 * turn, or if work waits, the turn continues until the sockets are polled.
	 */
	#roundOver(): void {
		const lasted = this.#platform.now() - this.#askedAt;
		this.#areRoundsShort = lasted < this.#longest * SHORT;
		this.#unseen += lasted;
		if (this.#waiting.size === 0 && this.#unseen < this.#longest) return this.#free();
		this.#unseen = 0;
		this.#platform.nextTurn(() => this.#turned());
	}

	/** Nothing is timed any more, and nothing waits. */
	#free(): void {
		this.#askedAt = Number.POSITIVE_INFINITY;
		this.#looks = 0;
		// Slow events were few, or are over. The batch grows step by step, because slow events may come again.
		this.#units = Math.min(2 * this.#units, UNITS);
		this.#batch = this.#units;
		this.#left = this.#units;
	}

	#turned(): void {
		if (this.#waiting.size === 0) return this.#free();
		this.#askForTurn(this.#platform.now());
		// Entries that are added during this loop wait for the next turn.
		let count = this.#waiting.size;
		let late = this.#units < UNITS ? this.#units : MANY;
		for (const one of this.#waiting) {
			if (one.isLate && late-- === 0) break;
			this.#waiting.delete(one);
			one.pump();
			if (--count === 0 || this.#isLong) break;
		}
	}
}

const turns: WeakMap<Platform, Turn> = new WeakMap();

/** The `Turn` of the platform's event loop. */
export function turnOf(platform: Platform): Turn {
	let turn = turns.get(platform);
	if (turn === undefined) {
		turn = new Turn(platform);
		turns.set(platform, turn);
	}
	return turn;
}
