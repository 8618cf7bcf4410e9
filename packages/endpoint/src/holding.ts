import { viewOf } from "./connection-view.ts";
import type { Driver } from "./driver.ts";

/**
 * A connection that was over its limit resumes when it holds less than this part of it. Otherwise it would pause and resume
 * too often.
 */
const LOW = 7 / 8;

/** The record of a connection that holds something, or whose stream is paused. Other connections have none. */
export class Holding<Data> {
	/** What the connection held at the last check, in bytes, with shared frames in full. The server's budget has counted it. */
	noted: number = 0;
	/** When the connection last held less than before, or began to hold something. */
	progressAt: number;
	/** The stream is paused. */
	isPaused: boolean = false;
	/** The value of `isOver` when the connection was last regulated. */
	wasOver: boolean = false;
	/** The connection has received more than it may hold. */
	isOverLimit: boolean = false;
	/** The server holds more than it may, and this connection holds more than its share. */
	isOverShare: boolean = false;
	/** When the connection was closed because it held too much. */
	closedAt: number | null = null;
	/** The stream is gone, and what it left for the application was dropped. */
	isDropped: boolean = false;
	readonly #driver: Driver<Data>;

	constructor(driver: Driver<Data>) {
		this.#driver = driver;
		this.progressAt = driver.now();
	}

	/** Reading must stop: the connection holds too much. */
	get isOver(): boolean {
		return this.isOverLimit || this.isOverShare;
	}

	/** The record has no content any more. */
	get isEmpty(): boolean {
		return this.noted === 0 && !this.isPaused && !this.isOver && this.closedAt === null;
	}

	/** Records what is held now, and applies the limit of the connection. */
	note(held: number): void {
		this.count(held);
		if (this.isOverLimit || held > this.#driver.context.settings.maxBufferedBytes) this.#judge();
	}

	/** Records what is held now, without applying the limit of the connection. */
	count(held: number): void {
		const driver = this.#driver;
		const difference = held - this.noted;
		if (difference < 0) this.progressAt = driver.now();
		this.noted = held;
		if (difference !== 0) driver.context.budget?.add(difference);
	}

	/**
	 * Only received bytes count for this limit. Reading less does not reduce the output, and if both sides stopped reading
	 * because of their output, neither would ever take the output of the other. `send` refuses a message that would exceed
	 * the limit.
	 */
	#judge(): void {
		const driver = this.#driver;
		const { maxBufferedBytes } = driver.context.settings;
		const received = this.noted - driver.heldOutput;
		const { inputCanGetLess } = driver;
		// Input that can't become less needs the input that comes next.
		const most = this.isOverLimit && inputCanGetLess ? maxBufferedBytes * LOW : maxBufferedBytes;
		if (received > most !== this.isOverLimit) {
			this.isOverLimit = !this.isOverLimit;
			this.tell("maxBufferedBytes", this.isOverLimit ? "paused" : "resumed");
		}
		if (!this.isOverLimit || this.closedAt !== null) return;
		const { unfinished } = driver;
		if (unfinished <= maxBufferedBytes && inputCanGetLess) return;
		// None of the held input can become less while reading has stopped: the connection can't continue.
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
