import { viewOf } from "./connection-view.ts";
import type { Driver } from "./driver.ts";

/** A connection that was over its limit goes on when it holds less than this part of it: otherwise it would stop and go by turns. */
const LOW = 7 / 8;

/** What is noted of a connection that holds something, or whose stream is paused. Others have none. */
export class Holding<Data> {
	/** What it held when it was looked at last, in bytes; shared frames in full. The server's budget has counted that. */
	noted: number = 0;
	/** When it last held less than before, or began to hold something. */
	progressAt: number;
	/** The stream is paused. */
	isPaused: boolean = false;
	/** Whether it was over when it was regulated last. */
	wasOver: boolean = false;
	/** It has received more than a connection may hold. */
	isOverLimit: boolean = false;
	/** The server holds more than it may, and this connection more than its share. */
	isOverShare: boolean = false;
	/** When it was closed because it held too much. */
	closedAt: number | null = null;
	readonly #driver: Driver<Data>;

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
		this.count(held);
		if (this.isOverLimit || held > this.#driver.context.settings.maxBufferedBytes) this.#judge();
	}

	/** The same, and nothing comes of it for the connection. */
	count(held: number): void {
		const driver = this.#driver;
		const difference = held - this.noted;
		if (difference < 0) this.progressAt = driver.now();
		this.noted = held;
		if (difference !== 0) driver.context.budget?.add(difference);
	}

	/**
	 * Of the limit only what was received counts: what is to be sent does not get less by reading less, and where both sides
	 * stopped for that, neither would ever take the other's. `send` refuses what would make it too much.
	 */
	#judge(): void {
		const driver = this.#driver;
		const { maxBufferedBytes } = driver.context.settings;
		const received = this.noted - driver.heldOutput;
		const { inputCanGetLess } = driver;
		// What can't get less needs what comes next.
		const most = this.isOverLimit && inputCanGetLess ? maxBufferedBytes * LOW : maxBufferedBytes;
		if (received > most !== this.isOverLimit) {
			this.isOverLimit = !this.isOverLimit;
			this.tell("maxBufferedBytes", this.isOverLimit ? "paused" : "resumed");
		}
		if (!this.isOverLimit || this.closedAt !== null) return;
		const { unfinished } = driver;
		if (unfinished <= maxBufferedBytes && inputCanGetLess) return;
		// Nothing of it gets less while nothing is read: it can't go on.
		this.closedAt = driver.now();
		this.tell("maxBufferedBytes", "closed");
		const isByMessage = unfinished > maxBufferedBytes || received - unfinished <= maxBufferedBytes;
		driver.owner.noRoom(isByMessage ? "message-too-big" : "no-room");
	}

	tell(budget: "maxBufferedBytes" | "maxServerBytes", action: "paused" | "resumed" | "closed"): void {
		const { context } = this.#driver;
		if (!context.isObserved) return;
		const held = budget === "maxServerBytes" ? (context.budget?.seen ?? 0) : this.noted;
		context.observe({ type: "budget", budget, connection: viewOf(this.#driver), action, held });
	}
}
