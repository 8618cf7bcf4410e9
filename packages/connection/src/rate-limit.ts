/**
 * The amount that one peer may send per second. Infinity: no limit. After a second without input, a burst may have the whole amount
 * at once.
 */
export interface Rates {
	/** Messages, pings and pongs. */
	readonly maxMessagesPerSecond: number;
	/** Bytes as received from the stream: headers count, and a compressed message counts with its compressed size. */
	readonly maxBytesPerSecond: number;
}

const SECOND = 1_000;

/**
 * A pause lasts until the input of this many milliseconds may be read, because pausing and resuming a stream for each message would
 * cost more.
 */
const SHORTEST_PAUSE = 250;

/**
 * Two token buckets, one for each rate. Input takes tokens out, and time refills them. If less than one unit is left, reading
 * pauses. A message is always read whole: a large message makes the bucket negative, and the pause is longer.
 */
export class RateLimit {
	/** The time when the pause ends. null: there is no pause. */
	resumesAt: number | null = null;
	/** The cost of one message and of one byte, in milliseconds. */
	readonly #messageTime: number;
	readonly #byteTime: number;
	/** The time when each bucket is full, if nothing more is taken out. An empty bucket is full after a second. */
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

	/** Takes the tokens for the input that was read. */
	take(messages: number, bytes: number, now: number): void {
		this.#messagesFullAt = Math.max(this.#messagesFullAt, now) + messages * this.#messageTime;
		this.#bytesFullAt = Math.max(this.#bytesFullAt, now) + bytes * this.#byteTime;
	}

	/** Begins a pause if a bucket is empty, and returns the rate that is reached. null: both buckets have tokens left. */
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

	/** Ends the pause if it is over. */
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
