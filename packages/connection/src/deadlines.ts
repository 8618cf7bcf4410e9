import type { WebSocketSettings } from "./settings.ts";

/**
 * The timers of a connection. `idle`: no message was received from the peer. `pong`: nothing was received since the last ping.
 * `message`: the time for an unfinished message is over. `keepAlive`: the next ping is due. `closing`: the stream is closed at
 * once.
 *
 * The order matters: the result of a ping is checked before the next ping is sent.
 */
export const TIMER_NAMES = ["idle", "pong", "message", "keepAlive", "closing"] as const;
type WebSocketTimer = (typeof TIMER_NAMES)[number];

/** What the connection must do when a deadline is reached. */
export type Due = "closeIdle" | "ping" | "failSilent" | "failSlow" | "cut";

/**
 * Each received byte of an unfinished message extends its deadline by this many milliseconds: 20 bytes per second keep it alive.
 */
const MESSAGE_BYTE_TIME = 50;

/**
 * The times of a connection: when data was received, and when data must be received. They are rounded to whole milliseconds,
 * because V8 stores small integers directly in the object, but allocates a separate object for any other number. That would cost
 * memory for each idle connection.
 */
export class Deadlines {
	readonly settings: WebSocketSettings;
	#now: number;
	/** Bytes received after the last message, or after the last part of a message, without the control frames that were read. */
	#pending: number = 0;
	// The time when each timer is due. null: the timer is not running.
	#idle: number | null = null;
	/** Stops when the peer shows that it is alive: when any bytes are received, or when the peer takes output. */
	#pong: number | null = null;
	#message: number | null = null;
	#keepAlive: number | null = null;
	#closing: number | null = null;

	constructor(settings: WebSocketSettings, now: number) {
		this.settings = settings;
		this.#now = Math.round(now);
		this.#startMissing();
	}

	/** The time of the latest input. */
	get now(): number {
		return this.#now;
	}

	/**
	 * Records the time of an input.
	 *
	 * @param eventsDrained The owner has taken all events. If not, the awaited data may be unread, and the time since the last input
	 * does not count.
	 */
	tell(now: number, eventsDrained: boolean): void {
		const before = this.#now;
		this.#now = Math.round(now);
		if (eventsDrained) return;
		if (this.#idle !== null) this.#idle += this.#now - before;
		if (this.#message !== null) this.#message += this.#now - before;
	}

	/** Stops the wait for a pong: the peer has taken output and is alive, or the data that it has sent may be unread. */
	noteProgress(): void {
		this.#pong = null;
	}

	// RFC 6455 §5.5.3: a Pong is "sent in response to a Ping", and a ping is sent after all earlier output.
	/** The stream accepts no more output. If the pong is due, stop waiting for it. If a ping is due, delay it by one interval. */
	restKeepAlive(): void {
		if (this.#isDue(this.#pong)) this.#pong = null;
		if (this.#isDue(this.#keepAlive)) this.#keepAlive = this.#after(this.settings.keepAlive.interval);
	}

	/** The stream accepts no more output, and the end waits for output. A closing deadline that is due is delayed. */
	restClosing(): void {
		if (this.#isDue(this.#closing)) this.putOffClosing(0);
	}

	noteReceived(bytes: number): void {
		this.#pong = null;
		this.#pending += bytes;
		if (this.#message !== null) this.#message += bytes * MESSAGE_BYTE_TIME;
	}

	/** A message, or the next part of a message, was read. `unread` bytes remain unread. Returns the bytes that it took. */
	noteMessage(unread: number): number {
		if (this.#idle !== null) this.#idle = this.#after(this.settings.timeouts.idle);
		this.#message = null;
		const taken = this.#pending - unread;
		this.#pending = unread;
		return taken;
	}

	/** A ping or a pong of this size was read. Its bytes do not extend the deadline of an unfinished message. */
	noteControl(bytes: number): void {
		this.#pending -= bytes;
		if (this.#message !== null) this.#message -= bytes * MESSAGE_BYTE_TIME;
	}

	/**
	 * The owner has taken all events. The remaining bytes are the beginning of a message or of a frame.
	 *
	 * @param isAwaited The rest has a deadline: the closing handshake has not begun, and bytes are kept for it.
	 */
	noteDrained(isAwaited: boolean): void {
		if (this.#pending === 0 || !isAwaited) this.#message = null;
		else {
			const whole = this.#after(this.settings.timeouts.message);
			this.#message = whole === null ? null : Math.min(this.#message ?? whole, whole);
		}
	}

	/** The time when the first timer is due. Infinity: never. */
	next(eventsDrained: boolean): number {
		const due = Math.min(this.#pong ?? NEVER, this.#keepAlive ?? NEVER, this.#closing ?? NEVER);
		return eventsDrained ? Math.min(due, this.#idle ?? NEVER, this.#message ?? NEVER) : due;
	}

	/**
	 * Returns the action for the next due timer. null: no more timers are due.
	 *
	 * @param readingTime Milliseconds that the peer may need until it reads a ping that is sent now.
	 */
	takeDue(eventsDrained: boolean, readingTime: number): Due | null {
		const { keepAlive } = this.settings;
		if (eventsDrained && this.#isDue(this.#idle)) {
			this.#idle = null;
			return "closeIdle";
		}
		if (this.#isDue(this.#pong)) {
			this.#pong = null;
			return "failSilent";
		}
		if (eventsDrained && this.#isDue(this.#message)) {
			this.#message = null;
			return "failSlow";
		}
		if (this.#isDue(this.#keepAlive)) {
			// If the owner has not taken all events, the pong may be unread. Do not wait for a pong to this ping.
			if (eventsDrained) this.#pong ??= this.#after(keepAlive.timeout + readingTime);
			this.#keepAlive = this.#after(keepAlive.interval);
			return "ping";
		}
		if (this.#isDue(this.#closing)) {
			this.#closing = null;
			return "cut";
		}
		return null;
	}

	/**
	 * From now on only the closing deadline applies. If it is already running, it is not extended.
	 *
	 * @param readingTime Milliseconds that the peer may need to read up to the end.
	 */
	startClosing(readingTime: number): void {
		const running = this.#closing;
		const closing = this.#after(this.settings.timeouts.closing + readingTime);
		this.clear();
		this.#closing = running === null || closing === null ? (running ?? closing) : Math.min(running, closing);
	}

	/** Extends the closing deadline if it is running. */
	putOffClosing(readingTime: number): void {
		if (this.#closing !== null) this.#closing = this.#after(this.settings.timeouts.closing + readingTime);
	}

	clear(): void {
		this.#idle = null;
		this.#pong = null;
		this.#message = null;
		this.#keepAlive = null;
		this.#closing = null;
	}

	snapshot(now: number): DeadlinesState {
		const at = Math.round(now);
		const left = (due: number | null): number | null => (due === null ? null : due - at);
		return {
			timers: {
				idle: left(this.#idle),
				pong: left(this.#pong),
				message: left(this.#message),
				keepAlive: left(this.#keepAlive),
				closing: left(this.#closing),
			},
			sinceInput: at - this.#now,
			pending: this.#pending,
		};
	}

	/** Starts the timers that are enabled here but were disabled where the snapshot was taken. `awaits`: what the connection waits for. */
	restore(state: DeadlinesState, now: number, awaits: "messages" | "end" | "nothing"): void {
		const { idle, pong, message, keepAlive, closing } = state.timers;
		const at = Math.round(now);
		this.#now = at;
		// If the idle timeout is disabled here, a restored idle timer would still close the connection.
		this.#idle = this.settings.timeouts.idle === NEVER ? null : this.#after(idle);
		this.#pong = this.#after(pong);
		this.#message = this.#after(message);
		this.#keepAlive = this.#after(keepAlive);
		this.#closing = this.#after(closing);
		if (awaits === "messages") this.#startMissing();
		else if (awaits === "end") {
			const running = this.#closing;
			this.startClosing(0);
			// The running deadline may have been extended by more than this.
			this.#closing = running ?? this.#closing;
		}
		this.#now = at - state.sinceInput;
		this.#pending = state.pending;
	}

	#startMissing(): void {
		const { timeouts, keepAlive } = this.settings;
		this.#idle ??= this.#after(timeouts.idle);
		this.#keepAlive ??= this.#after(keepAlive.interval);
	}

	#isDue(due: number | null): boolean {
		return due !== null && due <= this.#now;
	}

	/** Rounds up. Otherwise a time below half a millisecond would be due at once, repeatedly. */
	#after(time: number | null): number | null {
		return time === null || time === NEVER ? null : Math.ceil(this.#now + time);
	}
}

const NEVER = Number.POSITIVE_INFINITY;

/** The times of a connection as plain data, relative to the time of the snapshot. */
export interface DeadlinesState {
	/** The time until each timer is due. null: the timer is not running. */
	readonly timers: Readonly<Record<WebSocketTimer, number | null>>;
	/** The time since the last input. */
	readonly sinceInput: number;
	/** Bytes received after the last message or part, without the control frames that were read. */
	readonly pending: number;
}
