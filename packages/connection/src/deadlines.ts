import type { WebSocketSettings } from "./settings.ts";

/**
 * The timers of a connection. `idle`: no message from the peer. `pong`: something must be heard since the last ping. `message`: an
 * unfinished message has no time left. `keepAlive`: the next ping is due. `closing`: the stream is cut.
 *
 * In this order, a ping is judged before the next one is sent and judged in its turn.
 */
export const TIMER_NAMES = ["idle", "pong", "message", "keepAlive", "closing"] as const;
type WebSocketTimer = (typeof TIMER_NAMES)[number];

/** What a deadline that has come asks of the connection. */
export type Due = "closeIdle" | "ping" | "failSilent" | "failSlow" | "cut";

/** Milliseconds that each byte of an unfinished message gives back: 20 bytes a second keep it going. */
const MESSAGE_BYTE_TIME = 50;

/**
 * The times of a connection: what came when, and until when what must come. They are rounded to whole milliseconds: V8 keeps a
 * small whole number in the object, and any other number in an object of its own, for each idle connection.
 */
export class Deadlines {
	readonly settings: WebSocketSettings;
	#now: number;
	/** Bytes that came behind the last message, or the last part of one, without those of control frames that were read. */
	#pending: number = 0;
	// When each timer is due; null: it is not running.
	#idle: number | null = null;
	/** It stops with the first sign of life: all that comes is one, and so is a peer that takes output. */
	#pong: number | null = null;
	#message: number | null = null;
	#keepAlive: number | null = null;
	#closing: number | null = null;

	constructor(settings: WebSocketSettings, now: number) {
		this.settings = settings;
		this.#now = Math.round(now);
		this.#startMissing();
	}

	/** The latest time that an input brought. */
	get now(): number {
		return this.#now;
	}

	/**
	 * An input brings the time.
	 *
	 * @param eventsDrained The owner has asked for events until there were none. If not, what is awaited may be unread: the time since the
	 * last input does not count.
	 */
	tell(now: number, eventsDrained: boolean): void {
		const before = this.#now;
		this.#now = Math.round(now);
		if (eventsDrained) return;
		if (this.#idle !== null) this.#idle += this.#now - before;
		if (this.#message !== null) this.#message += this.#now - before;
	}

	/** The pong is awaited no longer: the peer lives, as it has taken output, or what it has sent may be unread. */
	noteProgress(): void {
		this.#pong = null;
	}

	// RFC 6455 §5.5.3: a Pong is "sent in response to a Ping", and a ping waits behind what was sent before it.
	/** The stream has no room for more output: a pong that is due is awaited no longer, and a ping that is due is put off by an interval. */
	restKeepAlive(): void {
		if (this.#isDue(this.#pong)) this.#pong = null;
		if (this.#isDue(this.#keepAlive)) this.#keepAlive = this.#after(this.settings.keepAlive.interval);
	}

	/** The stream has no room for what the end waits for: a closing deadline that is due is put off. */
	restClosing(): void {
		if (this.#isDue(this.#closing)) this.putOffClosing(0);
	}

	noteReceived(bytes: number): void {
		this.#pong = null;
		this.#pending += bytes;
		if (this.#message !== null) this.#message += bytes * MESSAGE_BYTE_TIME;
	}

	/** A message was read, or the next part of one, and so much is unread. Gives the bytes that it took. */
	noteMessage(unread: number): number {
		if (this.#idle !== null) this.#idle = this.#after(this.settings.timeouts.idle);
		this.#message = null;
		const taken = this.#pending - unread;
		this.#pending = unread;
		return taken;
	}

	/** A ping or a pong of so many bytes was read: it does not bring an unfinished message on. */
	noteControl(bytes: number): void {
		this.#pending -= bytes;
		if (this.#message !== null) this.#message -= bytes * MESSAGE_BYTE_TIME;
	}

	/**
	 * The owner has asked for all that came. What is left is the beginning of a message, or of a frame.
	 *
	 * @param isAwaited The rest has a time to come in: the closing handshake has not begun, and something is held for it.
	 */
	noteDrained(isAwaited: boolean): void {
		if (this.#pending === 0 || !isAwaited) this.#message = null;
		else {
			const whole = this.#after(this.settings.timeouts.message);
			this.#message = whole === null ? null : Math.min(this.#message ?? whole, whole);
		}
	}

	/** When the first timer is due; Infinity: never. */
	next(eventsDrained: boolean): number {
		const due = Math.min(this.#pong ?? NEVER, this.#keepAlive ?? NEVER, this.#closing ?? NEVER);
		return eventsDrained ? Math.min(due, this.#idle ?? NEVER, this.#message ?? NEVER) : due;
	}

	/**
	 * What the next timer that is due asks for; null: none is due any more.
	 *
	 * @param readingTime Milliseconds that the peer may need to come to a ping that is sent now.
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
			// While the owner has not asked for all that came, the pong may lie behind it: this ping judges nothing.
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
	 * From here on only the closing deadline counts. It is not put off when it runs already.
	 *
	 * @param readingTime Milliseconds that the peer may need to come to the end.
	 */
	startClosing(readingTime: number): void {
		const running = this.#closing;
		const closing = this.#after(this.settings.timeouts.closing + readingTime);
		this.clear();
		this.#closing = running === null || closing === null ? (running ?? closing) : Math.min(running, closing);
	}

	/** Puts the closing deadline off, if it runs. */
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

	/** What was switched off where the snapshot was taken, and is not here, begins now. `awaits`: what the connection waits for. */
	restore(state: DeadlinesState, now: number, awaits: "messages" | "end" | "nothing"): void {
		const { idle, pong, message, keepAlive, closing } = state.timers;
		const at = Math.round(now);
		this.#now = at;
		// One that is never to be due, where this is restored, would close the connection after all.
		this.#idle = this.settings.timeouts.idle === NEVER ? null : this.#after(idle);
		this.#pong = this.#after(pong);
		this.#message = this.#after(message);
		this.#keepAlive = this.#after(keepAlive);
		this.#closing = this.#after(closing);
		if (awaits === "messages") this.#startMissing();
		else if (awaits === "end") {
			const running = this.#closing;
			this.startClosing(0);
			// It may have been put off by more than this.
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

	/** Rounded up: otherwise a time below half a millisecond would be due at once, again and again. */
	#after(time: number | null): number | null {
		return time === null || time === NEVER ? null : Math.ceil(this.#now + time);
	}
}

const NEVER = Number.POSITIVE_INFINITY;

/** The times of a connection as plain data, relative to the time of the snapshot. */
export interface DeadlinesState {
	/** The time until each timer is due; null: it is not running. */
	readonly timers: Readonly<Record<WebSocketTimer, number | null>>;
	/** The time since the last input. */
	readonly sinceInput: number;
	/** Bytes that came behind the last message, or part, without those of control frames that were read. */
	readonly pending: number;
}
