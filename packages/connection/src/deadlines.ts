import type { WebSocketSettings } from "./settings.ts";
import { Timers } from "./timers.ts";

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

/** The times of a connection: what came when, and until when what must come. All in the caller's milliseconds. */
export class Deadlines {
	/** The latest time that an input brought. */
	now: number;
	/** Everything that comes is a sign of life, and so is a peer that takes output. */
	lastReceived: number;
	lastMessage: number;
	#lastPing: number = Number.NEGATIVE_INFINITY;
	readonly #settings: WebSocketSettings;
	readonly #timers: Timers<WebSocketTimer> = new Timers(TIMER_NAMES);

	constructor(settings: WebSocketSettings, now: number) {
		this.#settings = settings;
		this.now = now;
		this.lastReceived = now;
		this.lastMessage = now;
		this.#startMissing();
	}

	get next(): number {
		return this.#timers.next;
	}

	/**
	 * What the next timer that is due asks for; null: none is due any more. `eventsDrained`: the owner has asked for events until
	 * there were none; if not, silence may be the owner's doing.
	 */
	takeDue(eventsDrained: boolean): Due | null {
		for (let timer = this.#timers.takeDue(this.now); timer !== null; timer = this.#timers.takeDue(this.now)) {
			const due = this.#judge(timer, eventsDrained);
			if (due !== null) return due;
		}
		return null;
	}

	/** From here on only the closing deadline counts. It is not put off when it runs already. */
	startClosing(): void {
		for (const name of TIMER_NAMES) if (name !== "closing") this.#timers.clear(name);
		if (!this.#timers.isRunning("closing")) this.#set("closing", this.#settings.timeouts.closing);
	}

	/** Puts the closing deadline off, if it runs. */
	putOffClosing(): void {
		if (this.#timers.isRunning("closing")) this.#set("closing", this.#settings.timeouts.closing);
	}

	clear(): void {
		this.#timers.clearAll();
	}

	snapshot(now: number): DeadlinesState {
		return {
			timers: this.#timers.snapshot(now),
			sinceInput: now - this.now,
			sinceReceived: now - this.lastReceived,
			sinceMessage: now - this.lastMessage,
			sincePing: Number.isFinite(this.#lastPing) ? now - this.#lastPing : null,
		};
	}

	/** What was switched off where the snapshot was taken, and is not here, begins now. `awaits`: what the connection waits for. */
	restore(state: DeadlinesState, now: number, awaits: "messages" | "end" | "nothing"): void {
		this.now = now;
		this.#timers.restore(state.timers, now);
		if (awaits === "messages") this.#startMissing();
		else if (awaits === "end") this.startClosing();
		this.now = now - state.sinceInput;
		this.lastReceived = now - state.sinceReceived;
		this.lastMessage = now - state.sinceMessage;
		this.#lastPing = state.sincePing === null ? Number.NEGATIVE_INFINITY : now - state.sincePing;
	}

	#startMissing(): void {
		const { timeouts, keepAlive } = this.#settings;
		if (!this.#timers.isRunning("idle")) this.#set("idle", timeouts.idle);
		if (!this.#timers.isRunning("keepAlive")) this.#set("keepAlive", keepAlive.interval);
	}

	#set(timer: WebSocketTimer, time: number): void {
		this.#timers.set(timer, this.now + time);
	}

	#judge(timer: WebSocketTimer, eventsDrained: boolean): Due | null {
		const { timeouts, keepAlive } = this.#settings;
		switch (timer) {
			case "idle": {
				const left = this.lastMessage + timeouts.idle - this.now;
				if (eventsDrained && left <= 0) return "closeIdle";
				this.#set("idle", eventsDrained ? left : timeouts.idle);
				return null;
			}
			case "keepAlive":
				// While the owner has not asked for all that came, the pong may lie behind it: this ping judges nothing.
				if (eventsDrained && !this.#timers.isRunning("pong")) {
					this.#lastPing = this.now;
					this.#set("pong", keepAlive.timeout);
				}
				this.#set("keepAlive", keepAlive.interval);
				return "ping";
			case "pong":
				return this.lastReceived >= this.#lastPing ? null : "failSilent";
			case "closing":
				return "cut";
		}
	}
}

/** The times of a connection as plain data, relative to the time of the snapshot. */
export interface DeadlinesState {
	/** The time until each timer is due; null: it is not running. */
	readonly timers: Readonly<Record<WebSocketTimer, number | null>>;
	/** The time since the last input, since something was received, since the last message, since the ping that is being judged. */
	readonly sinceInput: number;
	readonly sinceReceived: number;
	readonly sinceMessage: number;
	readonly sincePing: number | null;
}
