/** What one peer may send in a second; Infinity: as much as it likes. A burst may be as much at once, after a second of silence. */
export interface Rates {
	/** Messages, pings and pongs. */
	readonly maxMessagesPerSecond: number;
	/** Bytes as they come from the stream: headers count, and a compressed message counts as it is sent. */
	readonly maxBytesPerSecond: number;
}

const SECOND = 1_000;

/** A pause lasts until so many milliseconds' worth may be read: pausing and resuming a stream for each message would cost more. */
const SHORTEST_PAUSE = 250;

/**
 * Two token buckets, one for each rate: what was read is taken out, and time refills them. Where less than one unit is left, nothing is
 * read for a while. What is read is always a whole message: a large one leaves the bucket in debt, and the pause is longer.
 */
export class RateLimit {
	/** When the pause ends; null: there is none. */
	resumesAt: number | null = null;
	/** Milliseconds that one message and one byte take up. */
	readonly #messageTime: number;
	readonly #byteTime: number;
	/** When each bucket is full, if nothing more is taken out of it. An empty one is full in a second. */
	#messagesFullAt: number;
	#bytesFullAt: number;

	/** null: neither rate is limited. */
	static of(rates: Rates, now: number): RateLimit | null {
		const { maxMessagesPerSecond, maxBytesPerSecond } = rates;
		const isLimited = maxMessagesPerSecond < Number.POSITIVE_INFINITY || maxBytesPerSecond < Number.POSITIVE_INFINITY;
		return isLimited ? new RateLimit(rates, now) : null;
	}

	constructor({ maxMessagesPerSecond, maxBytesPerSecond }: Rates, now: number) {
		this.#messageTime = SECOND / maxMessagesPerSecond;
		this.#byteTime = SECOND / maxBytesPerSecond;
		this.#messagesFullAt = now;
		this.#bytesFullAt = now;
	}

	/** Takes what was read. */
	take(messages: number, bytes: number, now: number): void {
		this.#messagesFullAt = Math.max(this.#messagesFullAt, now) + messages * this.#messageTime;
		this.#bytesFullAt = Math.max(this.#bytesFullAt, now) + bytes * this.#byteTime;
	}

	/** Begins a pause where a bucket is empty: gives the rate that is reached. null: there is something left. */
	pause(now: number): keyof Rates | null {
		const messagesEmptyAt = this.#messagesFullAt - SECOND;
		const bytesEmptyAt = this.#bytesFullAt - SECOND;
		const hasMessage = messagesEmptyAt + this.#messageTime <= now;
		if (hasMessage && bytesEmptyAt + this.#byteTime <= now) return null;
		this.resumesAt = Math.ceil(
			Math.max(
				messagesEmptyAt + Math.max(this.#messageTime, SHORTEST_PAUSE),
				bytesEmptyAt + Math.max(this.#byteTime, SHORTEST_PAUSE),
			),
		);
		return hasMessage ? "maxBytesPerSecond" : "maxMessagesPerSecond";
	}

	/** Ends the pause when its time has come. */
	look(now: number): void {
		if (this.resumesAt !== null && this.resumesAt <= now) this.resumesAt = null;
	}

	snapshot(now: number): RateLimitState {
		return {
			messages: Math.max(0, this.#messagesFullAt - now),
			bytes: Math.max(0, this.#bytesFullAt - now),
			pause: this.resumesAt === null ? null : this.resumesAt - now,
		};
	}

	restore({ messages, bytes, pause }: RateLimitState, now: number): void {
		this.#messagesFullAt = now + messages;
		this.#bytesFullAt = now + bytes;
		this.resumesAt = pause === null ? null : Math.ceil(now + pause);
	}
}

/** The buckets as plain data: times until they are full, and until the pause ends (null: there is none). */
export interface RateLimitState {
	readonly messages: number;
	readonly bytes: number;
	readonly pause: number | null;
}
