import type { WebSocketSettings } from "./settings.ts";

/**
 * The timers of a connection. `idle`: no message from the peer. `pong`: something must have been heard since the last ping.
 * `keepAlive`: the next ping is due. `closing`: the stream is cut.
 *
 * In this order, a ping is judged before the next one is sent and judged in its turn.
 */
export const TIMER_NAMES = ["idle", "pong", "keepAlive", "closing"] as const;
type WebSocketTimer = (typeof TIMER_NAMES)[number];

/** What a deadline that has come asks of the connection. */
export type Due = "closeIdle" | "ping" | "failSilent" | "cut";

/**
 * The times of a connection: what came when, and until when what must come. They are rounded to whole milliseconds: V8 keeps a
 * small whole number in the object, and any other number in an object of its own, for each idle connection.
 */
export class Deadlines {
	readonly #settings: WebSocketSettings;
	#now: number;
	#lastMessage: number;
	/** Nothing has come since the ping that is being judged. All that comes is a sign of life, and so is a peer that takes output. */
	#isSilent: boolean = false;
	// When each timer is due; null: it is not running.
	#idle: number | null = null;
	#pong: number | null = null;
	#keepAlive: number | null = null;
	#closing: number | null = null;

	constructor(settings: WebSocketSettings, now: number) {
		this.#settings = settings;
		this.#now = Math.round(now);
		this.#lastMessage = this.#now;
		this.#startMissing();
	}

	/** The latest time that an input brought. */
	get now(): number {
		return this.#now;
	}

	set now(now: number) {
		this.#now = Math.round(now);
	}

	/** Something has been received, or taken. */
	noteReceived(): void {
		this.#isSilent = false;
	}

	noteMessage(): void {
		this.#lastMessage = this.#now;
	}

	/** When the first timer is due; Infinity: never. */
	get next(): number {
		return Math.min(this.#idle ?? NEVER, this.#pong ?? NEVER, this.#keepAlive ?? NEVER, this.#closing ?? NEVER);
	}

	/**
	 * What the next timer that is due asks for; null: none is due any more. `eventsDrained`: the owner has asked for events until
	 * there were none; if not, silence may be the owner's doing.
	 */
	takeDue(eventsDrained: boolean): Due | null {
		const { timeouts, keepAlive } = this.#settings;
		if (this.#isDue(this.#idle)) {
			const left = this.#lastMessage + timeouts.idle - this.#now;
			const isOver = eventsDrained && left <= 0;
			this.#idle = isOver ? null : this.#after(eventsDrained ? left : timeouts.idle);
			if (isOver) return "closeIdle";
		}
		if (this.#isDue(this.#pong)) {
			this.#pong = null;
			if (this.#isSilent) return "failSilent";
		}
		if (this.#isDue(this.#keepAlive)) {
			// While the owner has not asked for all that came, the pong may lie behind it: this ping judges nothing.
			if (eventsDrained && this.#pong === null) {
				this.#isSilent = true;
				this.#pong = this.#after(keepAlive.timeout);
			}
			this.#keepAlive = this.#after(keepAlive.interval);
			return "ping";
		}
		if (this.#isDue(this.#closing)) {
			this.#closing = null;
			return "cut";
		}
		return null;
	}

	/** From here on only the closing deadline counts. It is not put off when it runs already. */
	startClosing(): void {
		const closing = this.#closing ?? this.#after(this.#settings.timeouts.closing);
		this.clear();
		this.#closing = closing;
	}

	/** Puts the closing deadline off, if it runs. */
	putOffClosing(): void {
		if (this.#closing !== null) this.#closing = this.#after(this.#settings.timeouts.closing);
	}

	clear(): void {
		this.#idle = null;
		this.#pong = null;
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
				keepAlive: left(this.#keepAlive),
				closing: left(this.#closing),
			},
			sinceInput: at - this.#now,
			sinceMessage: at - this.#lastMessage,
			isSilent: this.#isSilent,
		};
	}

	/** What was switched off where the snapshot was taken, and is not here, begins now. `awaits`: what the connection waits for. */
	restore(state: DeadlinesState, now: number, awaits: "messages" | "end" | "nothing"): void {
		const { idle, pong, keepAlive, closing } = state.timers;
		this.now = now;
		const at = this.#now;
		this.#idle = this.#after(idle);
		this.#pong = this.#after(pong);
		this.#keepAlive = this.#after(keepAlive);
		this.#closing = this.#after(closing);
		if (awaits === "messages") this.#startMissing();
		else if (awaits === "end") this.startClosing();
		this.#now = at - state.sinceInput;
		this.#lastMessage = at - state.sinceMessage;
		this.#isSilent = state.isSilent;
	}

	#startMissing(): void {
		const { timeouts, keepAlive } = this.#settings;
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
	/** The time since the last input, and since the last message. */
	readonly sinceInput: number;
	readonly sinceMessage: number;
	/** Nothing has come since the ping that is being judged. */
	readonly isSilent: boolean;
}
