import { viewOf } from "./connection-view.ts";
import type { Driver } from "./driver.ts";

/** A connection that was over its limit goes on when it holds less than this part of it: otherwise it would stop and go by turns. */
const LOW = 7 / 8;

/** What is noted of a connection that holds something, or whose stream is paused. Others have none. */
export class Holding<Data> {
	/** What it held when it was looked at last, in bytes. The server's budget has counted that. */
	noted: number = 0;
	/** When it last held less than before, or began to hold something. */
	progressAt: number;
	/** The stream is paused. */
	isPaused: boolean = false;
	/** It holds more than a connection may. */
	isOverLimit: boolean = false;
	/** The server holds more than it may, and this connection more than its share. */
	isOverShare: boolean = false;
	/** When it was closed because it held too much. */
	closedAt: number | null = null;
	readonly #driver: Driver<Data>;
	/** Frames that wait for it and for others. */
	#shared: Set<Uint8Array> | null = null;

	constructor(driver: Driver<Data>) {
		this.#driver = driver;
		this.progressAt = driver.now();
	}

	/** It must not be read from: it holds too much. */
	get isOver(): boolean {
		return this.isOverLimit || this.isOverShare;
	}

	/** There is nothing to know of it any more. */
	get isEmpty(): boolean {
		return this.noted === 0 && !this.isPaused && !this.isOver && this.closedAt === null;
	}

	/** So much is held now. */
	note(held: number): void {
		const driver = this.#driver;
		if (this.#shared !== null && driver.waiting === 0) this.#forgetShared();
		const difference = held - this.noted;
		if (difference === 0) return;
		if (difference < 0) this.progressAt = driver.now();
		this.noted = held;
		driver.context.budget?.add(difference);
		const { maxBufferedBytes } = driver.context.settings;
		if (this.isOverLimit ? held < maxBufferedBytes * LOW : held > maxBufferedBytes) this.#crossed();
		else if (this.isOverLimit) this.#failIfStuck();
	}

	/** The limit was passed, upwards or downwards. */
	#crossed(): void {
		this.isOverLimit = !this.isOverLimit;
		this.tell("maxBufferedBytes", this.isOverLimit ? "paused" : "resumed");
		if (this.isOverLimit) this.#failIfStuck();
	}

	/** Where nothing of it can get less while nothing is read, it can't go on. */
	#failIfStuck(): void {
		const driver = this.#driver;
		const { unfinished } = driver;
		if (this.closedAt !== null) return;
		if (unfinished <= driver.context.settings.maxBufferedBytes && driver.canGetLess) return;
		this.closedAt = driver.now();
		this.tell("maxBufferedBytes", "closed");
		driver.owner.noRoom(unfinished > 0 ? "message-too-big" : "no-room");
	}

	/** A frame that may wait for others, too, begins to wait. */
	share(frame: Uint8Array): void {
		if (this.#driver.context.budget?.shared.add(frame) !== true) return;
		this.#shared ??= new Set();
		this.#shared.add(frame);
	}

	/** A piece of output has left. */
	sent(piece: Uint8Array): void {
		if (this.#shared?.delete(piece)) this.#driver.context.budget?.shared.remove(piece);
	}

	/** The stream is gone: nothing of it counts any more. */
	end(): void {
		this.#forgetShared();
		this.#driver.context.budget?.add(-this.noted);
		this.noted = 0;
	}

	#forgetShared(): void {
		for (const frame of this.#shared ?? []) this.#driver.context.budget?.shared.remove(frame);
		this.#shared = null;
	}

	tell(budget: "maxBufferedBytes" | "maxServerBytes", action: "paused" | "resumed" | "closed"): void {
		const { context } = this.#driver;
		if (!context.isObserved) return;
		const held = budget === "maxServerBytes" ? (context.budget?.held ?? 0) : this.noted;
		context.observe({ type: "budget", budget, connection: viewOf(this.#driver), action, held });
	}
}
