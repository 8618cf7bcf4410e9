/** The rate of the slowest accepted reader, in bytes per millisecond: 20 KB/s. */
const LEAST_RATE = 20;

/** The approximate maximum that the operating system buffers for a peer that does not read: 4.2 MB over the loopback of Linux. */
const MOST_UNREAD = 4 * 1024 * 1024;

/** Data that this reader reads in less than a second counts as read, because the usual timeouts are much longer. */
const LEAST_TIME = 1_000;

/**
 * Returns the time when the slowest reader has read everything, including `bytes` more bytes. `before`: the same time without these
 * bytes. The unit is the time in which that reader reads one byte. So the result is a whole number if `now` is one.
 */
export function readTime(before: number, bytes: number, now: number): number {
	return Math.min(Math.max(before, now * LEAST_RATE) + bytes, now * LEAST_RATE + MOST_UNREAD);
}

/** Milliseconds from `now` until that time. 0 if it is less than `LEAST_TIME`. */
export function timeUntil(readAt: number, now: number): number {
	const time = (readAt - now * LEAST_RATE) / LEAST_RATE;
	return time < LEAST_TIME ? 0 : time;
}

function bytesLeft(readAt: number, now: number): number {
	return Math.max(0, readAt - now * LEAST_RATE);
}

/**
 * An estimate of the output that a WebSocket peer has not read yet, because the exact amount is unknown. The peer counts as the
 * slowest reader until a pong shows more. A connection that has sent nothing recently does not keep this object.
 */
export class UnreadOutput {
	/** The time when the slowest reader has read everything. A clock may be below 0. */
	#readAt: number = Number.NEGATIVE_INFINITY;
	/** The same for the output that was given out since the latest ping. */
	#behindPing: number = Number.NEGATIVE_INFINITY;
	/** The number of unanswered pings. */
	#pings: number = 0;

	add(bytes: number, now: number): void {
		this.#readAt = readTime(this.#readAt, bytes, now);
		if (this.#pings > 0) this.#behindPing = readTime(this.#behindPing, bytes, now);
	}

	/** Milliseconds that the slowest reader still needs. */
	left(now: number): number {
		return timeUntil(this.#readAt, now);
	}

	pinged(): void {
		this.#behindPing = Number.NEGATIVE_INFINITY;
		this.#pings++;
	}

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping
	// frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame." Then fewer pongs are
	// received, and no pong has an effect here until everything is read anyway.
	/** A pong was received. The pong for the latest ping shows that the peer has read everything before that ping. */
	answered(): void {
		if (this.#pings === 0) return;
		this.#pings--;
		if (this.#pings === 0) this.#readAt = Math.min(this.#readAt, this.#behindPing);
	}

	snapshot(now: number): UnreadOutputState {
		return {
			all: bytesLeft(this.#readAt, now),
			behindPing: bytesLeft(this.#behindPing, now),
			pings: this.#pings,
		};
	}

	static restore({ all, behindPing, pings }: UnreadOutputState, now: number): UnreadOutput {
		const unread = new UnreadOutput();
		unread.#readAt = readTime(Number.NEGATIVE_INFINITY, all, now);
		unread.#behindPing = readTime(Number.NEGATIVE_INFINITY, behindPing, now);
		unread.#pings = pings;
		return unread;
	}
}

/** The same as plain data: unread bytes of the slowest reader, in total and after the latest ping. */
export interface UnreadOutputState {
	readonly all: number;
	readonly behindPing: number;
	readonly pings: number;
}
