import type { Platform } from "./platform.ts";

/** Milliseconds of work in one turn of the event loop, where the platform says nothing else. */
const LONGEST = 1;

/**
 * The clock is looked at after so many small events at the most, as reading it costs as much as a few of them; sooner where they take
 * long, or where nothing is known of them yet.
 */
const UNITS = 64;

/** So many of those that go on late do so in one turn where events are small. */
const MANY = 8 * UNITS;

/** The next turn is asked for at the latest when the clock was looked at so often: asking costs as much as several small events. */
const LOOKS = 8;

/** Where asking is dear: so many times as often, at the most, where the rounds of the loop were seen to be short. */
const MOST_PATIENCE = 16;

/** A round that took less than this part of a turn was short. */
const SHORT = 1 / 4;

/** A turn is far over when it has lasted so many times as long as one may. */
const FAR_OVER = 4;

/** 2 to this power: so many bytes are as much work as a small event. */
const UNIT_BITS = 10;

/** Something that goes on when the others had their turn. */
export interface Waiting {
	pump(): void;
	/** What it does comes only when settled promises are answered: how long that takes is not known before the turn has ended. */
	readonly isLate?: boolean;
}

/**
 * How long the present turn of the event loop has lasted, and who waits for a later one. No connection may hold the turn: input that is there
 * already, settled promises and output that is taken at once could all go on without any timer or other connection coming first.
 *
 * It counts for all connections of a platform together, or several that take turns could keep the others out. After some work it
 * asks for the next turn of the loop. If that has not come within about a millisecond, the turn is over: what is left waits in a queue,
 * of which each turn takes as much as fits into it, at least one. So an ordinary connection comes between two turns, and does not
 * stand behind all that wait.
 */
export class Turn {
	readonly #platform: Platform;
	readonly #longest: number;
	/** When the next turn was asked for; Infinity: it was not, since the loop last turned. */
	#askedAt: number = Number.POSITIVE_INFINITY;
	/** How much is done between two looks at the clock: as much as takes about half a turn, as far as was seen. */
	#units: number = 1;
	/** How much is done until the next look, since when, and how much of it is left. */
	#batch: number = 1;
	#begunAt: number = Number.NEGATIVE_INFINITY;
	#left: number = 1;
	/** When the clock was looked at last, and how often since the loop last turned, as far as is known. */
	#lookedAt: number = Number.NEGATIVE_INFINITY;
	#looks: number = 0;
	/** How many times as much is done before the next turn is asked for. */
	#patience: number = 1;
	/** How long the rounds of the loop took that were asked for since the sockets were last known to be looked at. */
	#unseen: number = 0;
	readonly #waiting: Set<Waiting> = new Set();

	constructor(platform: Platform) {
		this.#platform = platform;
		this.#longest = platform.turnTime ?? LONGEST;
	}

	/** Counts a small event, or one of so many bytes. */
	spend(bytes: number): void {
		this.#left -= 1 + (bytes >>> UNIT_BITS);
	}

	/** Whether the turn is over. `now`: the present time, for a caller that knows it. */
	isOverAt(now: number): boolean {
		return this.#left <= 0 ? this.#look(now) : now - this.#askedAt >= this.#longest;
	}

	/** Whether it has lasted several times as long. */
	isFarOverAt(now: number): boolean {
		return now - this.#askedAt >= FAR_OVER * this.#longest;
	}

	/**
	 * Before work that may take longer than a turn: whether it has to wait for a later one. In a turn in which nothing was timed yet it
	 * may begin, and ends that turn.
	 */
	get isOverForWork(): boolean {
		if (this.#askedAt < Number.POSITIVE_INFINITY) return this.#isLong;
		this.#ask(this.#platform.now());
		return false;
	}

	/** Whether the turn is over. Looks at the clock only when enough was done since the last look. */
	get isOver(): boolean {
		return this.#left <= 0 && this.#look(this.#platform.now());
	}

	/** Counts a small event, and tells whether the turn is over. */
	spendOne(): boolean {
		return --this.#left <= 0 && this.#look(this.#platform.now());
	}

	/** Whether it waits for a later turn. */
	waits(one: Waiting): boolean {
		return this.#waiting.size > 0 && this.#waiting.has(one);
	}

	/** Lets `one` go on in a later turn, behind those that wait already. */
	wait(one: Waiting): void {
		this.#waiting.add(one);
		if (this.#askedAt === Number.POSITIVE_INFINITY) this.#askForTurn(this.#platform.now());
	}

	/** For a loop over a source that may always be ready: to be awaited; null: go on at once. */
	over(): Promise<void> | null {
		if (!this.#isOverNow(this.#platform.now())) return null;
		return new Promise((resolve) => this.wait({ pump: resolve }));
	}

	/** Resolves in a later turn. For who counts what it does then by `spendOne`. */
	later(): Promise<void> {
		return new Promise((resolve) => this.wait({ pump: resolve, isLate: true }));
	}

	/** All is done that was to be done before the next look. */
	#look(now: number): boolean {
		const isTimed = this.#askedAt < Number.POSITIVE_INFINITY;
		const done = this.#batch - this.#left;
		const fits = Math.floor(Math.min((done * this.#longest) / (2 * Math.max(now - this.#begunAt, 0)), 2 * done, UNITS));
		// Where the next turn was not asked for, the loop may have been idle meanwhile: that it took long says nothing.
		this.#units = Math.max(isTimed && fits < 2 * done ? fits : Math.max(this.#units, fits), 1);
		this.#begin(now, this.#units);
		return this.#isOverNow(now);
	}

	#begin(now: number, batch: number): void {
		this.#begunAt = now;
		this.#batch = batch;
		this.#left = batch;
	}

	/** Whether the turn is over. Asks for the next one where that was not done, and there may have been work. */
	#isOverNow(now: number): boolean {
		if (this.#askedAt < Number.POSITIVE_INFINITY) return now - this.#askedAt >= this.#longest;
		// The events since the last look were small, and came without a pause.
		const isFast = now - this.#lookedAt < this.#longest / 2;
		this.#lookedAt = now;
		// Where nothing was timed yet, the time begins here.
		this.#looks += isFast ? 1 : Math.max(LOOKS, (LOOKS * this.#patience) / 4);
		if (this.#looks >= LOOKS * this.#patience || this.#batch < UNITS) this.#ask(now);
		return false;
	}

	get #isLong(): boolean {
		return this.#platform.now() - this.#askedAt >= this.#longest;
	}

	/** Asks for the next turn, or first, where that is dear, for the end of this round of the loop. */
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
		// The first event tells how long they take now.
		this.#begin(now, 1);
	}

	/**
	 * A round of the loop is over, and the sockets were perhaps not looked at. Where such rounds have taken a turn together, or somebody waits,
	 * the turn goes on until they are.
	 */
	#roundOver(): void {
		const lasted = this.#platform.now() - this.#askedAt;
		this.#patience = lasted < this.#longest * SHORT ? Math.min(2 * this.#patience, MOST_PATIENCE) : 1;
		this.#unseen += lasted;
		if (this.#waiting.size === 0 && this.#unseen < this.#longest) return this.#free();
		this.#unseen = 0;
		this.#platform.nextTurn(() => this.#turned());
	}

	/** Nothing is timed any more, nor waits. */
	#free(): void {
		this.#askedAt = Number.POSITIVE_INFINITY;
		this.#looks = 0;
		// Slow events were few, or are over. Not all at once: they may come again.
		this.#units = Math.min(2 * this.#units, UNITS);
		this.#batch = this.#units;
		this.#left = this.#units;
	}

	#turned(): void {
		if (this.#waiting.size === 0) return this.#free();
		this.#askedAt = Number.POSITIVE_INFINITY;
		this.#looks = 0;
		this.#askForTurn(this.#platform.now());
		// Those that come while it runs wait for the next one.
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

/** The one of the event loop that the platform stands for. */
export function turnOf(platform: Platform): Turn {
	let turn = turns.get(platform);
	if (turn === undefined) {
		turn = new Turn(platform);
		turns.set(platform, turn);
	}
	return turn;
}
