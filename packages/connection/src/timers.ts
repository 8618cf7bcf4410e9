/**
 * The timers of a connection. `handshake`: the head of a request or of the handshake's response must be whole.
 * `httpIdle`: silence of an HTTP peer. `idle`: no message from a WebSocket peer. `pong`: something must have been heard
 * since the last ping. `keepAlive`: the next ping is due. `closing`: the stream is cut.
 *
 * Those that are due together come in this order: a ping is judged before the next one is sent and judged in its turn.
 */
export const TIMERS = ["handshake", "httpIdle", "idle", "pong", "keepAlive", "closing"] as const;

/** The name of one of a connection's timers. */
export type TimerName = (typeof TIMERS)[number];

/** One deadline per timer name, in the caller's milliseconds; Infinity: not running. */
export class Timers {
	private readonly deadlines: number[] = TIMERS.map(() => Number.POSITIVE_INFINITY);
	/** The earliest deadline. */
	next: number = Number.POSITIVE_INFINITY;

	set(name: TimerName, deadline: number): void {
		this.deadlines[TIMERS.indexOf(name)] = deadline;
		this.next = Math.min(...this.deadlines);
	}

	clear(name: TimerName): void {
		this.set(name, Number.POSITIVE_INFINITY);
	}

	clearAll(): void {
		this.deadlines.fill(Number.POSITIVE_INFINITY);
		this.next = Number.POSITIVE_INFINITY;
	}

	isRunning(name: TimerName): boolean {
		return this.deadlines[TIMERS.indexOf(name)] !== Number.POSITIVE_INFINITY;
	}

	/** The next timer that is due, stopped by this call; null when none is. */
	takeDue(now: number): TimerName | null {
		if (now < this.next) return null;
		const index = this.deadlines.findIndex((deadline) => deadline <= now);
		const name = TIMERS[index] ?? null;
		if (name !== null) this.clear(name);
		return name;
	}
}
