import { UsageError } from "@barewire/errors";
import { requireAttached } from "@barewire/framing";
import { CountedQueue } from "./counted-queue.ts";
import type { HttpClosed } from "./events.ts";
import { type ConnectionFailure, connectionFailure, type TimeoutKind } from "./failure.ts";
import type { StreamAction } from "./protocol.ts";
import type { Timeouts } from "./settings.ts";
import { requireTime } from "./time-check.ts";
import { Timers } from "./timers.ts";
import { readTime, timeUntil } from "./unread-output.ts";

/**
 * The timers of an HTTP object. `handshake`: the head of a request or of the handshake's response must be complete. `httpIdle`: the
 * peer has sent nothing. `body`: the time for the request's body is over. `halfOpen`: the peer has ended its half, and a response
 * is being sent. `closing`: the stream is closed at once.
 */
const HTTP_TIMERS = ["handshake", "httpIdle", "body", "halfOpen", "closing"] as const;
export type HttpTimer = (typeof HTTP_TIMERS)[number];

/** Each received byte of a body extends its deadline by this many milliseconds: 250 bytes per second keep it alive. */
const BODY_BYTE_TIME = 4;

/** The memory of a waiting piece in addition to its bytes, for the view object. */
const PIECE_OVERHEAD = 128;

/** The stream below HTTP, in both roles: the waiting output, the deadlines, and the end. */
export class HttpStream {
	readonly timers: Timers<HttpTimer> = new Timers(HTTP_TIMERS);
	readonly timeouts: Timeouts;
	/** The time of the latest input. */
	now: number;
	lastReceived: number;
	/** The peer has closed its sending half. This is processed after everything before it is parsed. */
	endReceived: boolean = false;
	/** The owner has taken all events. If not, the peer may seem silent only because the owner has not taken events. */
	eventsDrained: boolean = false;
	/** The owner does not read from the stream, so the awaited data may be unread. */
	isResting: boolean = false;
	/** The time left for the current body while its timer is stopped, because the owner has not taken all events. null: there is no body. */
	#bodyTime: number | null = null;
	/** Received bytes are parsed. */
	isListening: boolean = true;
	/** Nothing more is sent. */
	isOutboundEnded: boolean = false;
	#isInboundEnded: boolean = false;
	/**
	 * The stream must be dropped at once, or is closed already. "reset": a normal end of the stream would look like the end of the response.
	 */
	#dropBy: "destroy" | "reset" | null = null;
	/**
	 * The time when the slowest reader has read all output that was given out, in the unit of `readTime`. null: the end does not wait
	 * for a slow peer.
	 */
	#readAt: number | null = Number.NEGATIVE_INFINITY;
	/** A WebSocket connection has taken over the stream. */
	#hasSwitched: boolean = false;
	#closedTaken: boolean = false;
	#failure: ConnectionFailure | null = null;
	#output: CountedQueue<Uint8Array> = new CountedQueue(lengthOf);

	constructor(timeouts: Timeouts, now: number) {
		requireTime(now);
		this.timeouts = timeouts;
		this.now = now;
		this.lastReceived = now;
		this.start("handshake");
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** Returns whether the chunk must be parsed. */
	received(chunk: Uint8Array, now: number): boolean {
		this.now = now;
		if (chunk.length === 0 || this.endReceived) return false;
		this.lastReceived = now;
		this.noteAsked(false);
		return this.isListening;
	}

	reset(now: number): void {
		this.now = now;
		if (this.#hasSwitched) return;
		if (this.isClosed) this.isListening = false;
		else this.fail("stream-reset");
		this.#cut();
		this.endReceived = true;
	}

	noteProgress(now: number): void {
		this.now = now;
		this.lastReceived = now;
		if (this.timers.isRunning("closing")) this.#startClosing();
	}

	/** The closing deadline is due, and the stream may accept no more output. Returns whether the deadline was extended. */
	restClosing(isCongested: boolean): boolean {
		if (!isCongested || this.#readAt === null) return false;
		this.#startClosing();
		return true;
	}

	/** The owner stops reading from the stream until it asks for events again. */
	restReading(): void {
		this.noteAsked(false);
		this.isResting = true;
	}

	/** The timer for the body runs only while the owner has taken all events. */
	noteAsked(eventsDrained: boolean): void {
		this.isResting = false;
		if (eventsDrained === this.eventsDrained) return;
		this.eventsDrained = eventsDrained;
		if (this.#bodyTime === null) return;
		if (eventsDrained) this.timers.set("body", this.now + this.#bodyTime);
		else {
			this.#bodyTime = this.timers.left("body", this.now);
			this.timers.clear("body");
		}
	}

	/** The timeout or stream failure, or null. */
	get failure(): ConnectionFailure | null {
		return this.#failure;
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	get isClosed(): boolean {
		return this.isOutboundEnded && this.#isInboundEnded;
	}

	get bufferedAmount(): number {
		return this.#output.bytes;
	}

	/** Approximate memory of the output, in bytes. */
	get held(): number {
		return this.#output.bytes + this.#output.size * PIECE_OVERHEAD;
	}

	get action(): StreamAction {
		if (this.#dropBy !== null) return this.#dropBy;
		return this.isOutboundEnded && !this.#hasSwitched ? "end" : "open";
	}

	/** Throws a `UsageError` (ERR_TRANSFERRED). */
	next(): Uint8Array | null {
		const piece = this.#output.next();
		if (piece === null) return null;
		requireAttached(piece);
		if (this.#readAt !== null) {
			this.#readAt = readTime(this.#readAt, piece.length, this.now);
			if (this.timers.isRunning("closing")) this.#startClosing();
		}
		return piece;
	}

	/** Returns the `closed` event once. */
	takeClosed(): HttpClosed | null {
		// The sending half ends when its output is taken.
		if (this.#closedTaken || !this.isClosed || this.#hasSwitched || this.bufferedAmount > 0) return null;
		this.#closedTaken = true;
		return { type: "closed", failure: this.#failure };
	}

	// ── What the roles do ──────────────────────────────────────────────────────────────────────────────────────

	/** Queues bytes. Throws a `UsageError` (ERR_STATE) when nothing more can be sent. */
	write(bytes: Uint8Array): void {
		if (this.isOutboundEnded) throw new UsageError("ERR_STATE", "the connection has ended: nothing can be sent");
		if (bytes.length > 0) this.#output.push(bytes);
	}

	/** Starts or restarts the timer. */
	start(timer: HttpTimer): void {
		this.timers.set(timer, this.now + this.timeouts[timer]);
	}

	/** `bytes` more bytes of the current body were received. Called while the owner asks for events. */
	noteBody(bytes: number): void {
		const { body } = this.timeouts;
		this.#bodyTime = Math.min(body, (this.#bodyTime ?? body) + bytes * BODY_BYTE_TIME);
	}

	endBody(): void {
		this.#bodyTime = null;
		this.timers.clear("body");
	}

	fail(kind: TimeoutKind | "stream-reset"): void {
		this.#failure ??= connectionFailure(kind);
	}

	/**
	 * Ends the sending half: queued output is still sent, and further bytes from the peer are discarded.
	 *
	 * @param isOrderly The end follows complete responses: a slow peer receives all of them.
	 */
	endOutbound(isOrderly: boolean = false): void {
		if (!isOrderly && !this.isOutboundEnded) this.#readAt = null;
		this.isOutboundEnded = true;
		if (this.#dropBy !== null) return;
		this.timers.clear("handshake");
		this.timers.clear("httpIdle");
		this.timers.clear("halfOpen");
		this.endBody();
		if (!this.timers.isRunning("closing")) this.#startClosing();
	}

	/** Starts or restarts the closing timer: the peer must first read the output that was given out. */
	#startClosing(): void {
		const readingTime = this.#readAt === null ? 0 : timeUntil(this.#readAt, this.now);
		this.timers.set("closing", this.now + this.timeouts.closing + readingTime);
	}

	/** The peer has ended the stream, and all received bytes are parsed. */
	endInbound(): void {
		this.isListening = false;
		this.#isInboundEnded = true;
		this.endOutbound();
	}

	/** Closes the stream at once in both directions. `breaksOff`: in the middle of a response. */
	abort(kind: TimeoutKind | null, breaksOff: boolean = false): void {
		if (this.#hasSwitched) return;
		this.#dropBy ??= breaksOff ? "reset" : "destroy";
		if (kind !== null) this.fail(kind);
		this.isListening = false;
		this.#isInboundEnded = true;
		this.#cut();
	}

	/** Switches to WebSocket. Returns the output that has not been taken. */
	switch(): Uint8Array[] {
		this.#hasSwitched = true;
		this.isListening = false;
		this.isOutboundEnded = true;
		this.timers.clearAll();
		const output: Uint8Array[] = [];
		for (let piece = this.#output.next(); piece !== null; piece = this.#output.next()) output.push(piece);
		return output;
	}

	#cut(): void {
		this.isOutboundEnded = true;
		this.#output = new CountedQueue(lengthOf);
		this.#dropBy ??= "destroy";
		this.#bodyTime = null;
		this.timers.clearAll();
	}
}

function lengthOf(piece: Uint8Array): number {
	return piece.length;
}
