/** The slowest reader that is waited for, in bytes a millisecond: 20 KB/s. */
const LEAST_RATE = 20;

/** The system holds no more than about this for a peer that does not read: over Linux's loopback 4.2 MB. */
const MOST_UNREAD = 4 * 1024 * 1024;

/** What it reads in less than a second is taken for read: the usual time-outs are much longer. */
const LEAST_TIME = 1_000;

/**
 * When the slowest reader has read all, with so many bytes more. `before`: the same without them. Such a time is in parts of a
 * millisecond, one for each byte of that reader: so it is a whole number where `now` is.
 */
export function readTime(before: number, bytes: number, now: number): number {
	return Math.min(Math.max(before, now * LEAST_RATE) + bytes, now * LEAST_RATE + MOST_UNREAD);
}

/** Milliseconds from `now` to then; 0: it is hardly any. */
export function timeUntil(readAt: number, now: number): number {
	const time = (readAt - now * LEAST_RATE) / LEAST_RATE;
	return time < LEAST_TIME ? 0 : time;
}

function bytesLeft(readAt: number, now: number): number {
	return Math.max(0, readAt - now * LEAST_RATE);
}

/**
 * What a WebSocket peer may not have read of the output that was given out: nobody tells. It is taken for the slowest reader, until a pong
 * tells better. A connection that has sent nothing for a while holds none of this.
 */
export class UnreadOutput {
	/** When the slowest reader has read all. A clock may be below 0. */
	#readAt: number = Number.NEGATIVE_INFINITY;
	/** The same of what was given out since the latest ping. */
	#behindPing: number = Number.NEGATIVE_INFINITY;
	/** Pings without an answer. */
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

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the
	// endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame." Then fewer pongs come, and none counts here
	// until all is read anyway.
	/** A pong came. With that of the latest ping, the peer has read all before it. */
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

/** The same as plain data: bytes that the slowest reader has not read, of all, and of what is behind the latest ping. */
export interface UnreadOutputState {
	readonly all: number;
	readonly behindPing: number;
	readonly pings: number;
}
