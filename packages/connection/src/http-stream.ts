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
 * The timers of an HTTP object. `handshake`: the head of a request or of the handshake's response must be whole.
 * `httpIdle`: silence of the peer. `body`: the request's body has no time left. `halfOpen`: the peer has ended its half, and an answer is under way. `closing`: the stream is cut.
 */
const HTTP_TIMERS = ["handshake", "httpIdle", "body", "halfOpen", "closing"] as const;
export type HttpTimer = (typeof HTTP_TIMERS)[number];

/** Milliseconds that each byte of a body gives back: 250 bytes a second keep it going. */
const BODY_BYTE_TIME = 4;

/** What a piece that waits costs besides its bytes: a view, as the engine makes it. */
const PIECE_OVERHEAD = 128;

/** The stream under HTTP, in either role: the output that waits, the deadlines, and how it ends. */
export class HttpStream {
	readonly timers: Timers<HttpTimer> = new Timers(HTTP_TIMERS);
	readonly timeouts: Timeouts;
	/** The latest time that an input brought. */
	now: number;
	lastReceived: number;
	/** The peer has finished its sending half. It is acted upon once everything before it is parsed. */
	endReceived: boolean = false;
	/** The owner has asked for events until there were none. If not, silence may be the owner's doing. */
	eventsDrained: boolean = false;
	/** The owner does not read from the stream: what is awaited may be unread. */
	isResting: boolean = false;
	/** What the body under way has in hand while its timer does not run, for the owner has not asked for all that came; null: there is none. */
	#bodyTime: number | null = null;
	/** What the peer sends is parsed. */
	isListening: boolean = true;
	/** Nothing more is sent. */
	isOutboundEnded: boolean = false;
	#isInboundEnded: boolean = false;
	/** The stream is to be dropped at once, or is gone already. "reset": its end would look like the end of the answer. */
	#dropBy: "destroy" | "reset" | null = null;
	/** When the slowest reader has read all that was given out, as `readTime` counts; null: the end does not wait for a slow peer. */
	#readAt: number | null = Number.NEGATIVE_INFINITY;
	/** WebSocket goes on with the stream. */
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

	/** false: the chunk is not wanted. */
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

	/** The closing deadline has come, and the stream may have no room. Whether it was put off. */
	restClosing(isCongested: boolean): boolean {
		if (!isCongested || this.#readAt === null) return false;
		this.#startClosing();
		return true;
	}

	/** The owner does not read from the stream, until it asks for events again. */
	restReading(): void {
		this.noteAsked(false);
		this.isResting = true;
	}

	/** Only while the owner has asked for all that came, the body is waited for. */
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

	/** What went wrong with the time or the stream, or null. */
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

	/** Bytes of memory that the output takes, about. */
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

	/** The event of the end, once. */
	takeClosed(): HttpClosed | null {
		// The sending half has ended when its output is taken.
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

	/** Begins the time of that timer anew. */
	start(timer: HttpTimer): void {
		this.timers.set(timer, this.now + this.timeouts[timer]);
	}

	/** A body is under way: of its bytes that many have come. Called while events are asked for. */
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
	 * Ends the sending half: what is queued still goes out, and what the peer still sends is drained.
	 *
	 * @param isOrderly Behind whole answers: a slow peer gets all of them.
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

	/** Begins the closing time anew: the peer has first to read what was given out. */
	#startClosing(): void {
		const readingTime = this.#readAt === null ? 0 : timeUntil(this.#readAt, this.now);
		this.timers.set("closing", this.now + this.timeouts.closing + readingTime);
	}

	/** The peer's bytes have ended, and all of them are parsed. */
	endInbound(): void {
		this.isListening = false;
		this.#isInboundEnded = true;
		this.endOutbound();
	}

	/** Cuts the stream off in both directions. `breaksOff`: in the middle of an answer. */
	abort(kind: TimeoutKind | null, breaksOff: boolean = false): void {
		if (this.#hasSwitched) return;
		this.#dropBy ??= breaksOff ? "reset" : "destroy";
		if (kind !== null) this.fail(kind);
		this.isListening = false;
		this.#isInboundEnded = true;
		this.#cut();
	}

	/** WebSocket goes on: gives the output that has not been taken. */
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
