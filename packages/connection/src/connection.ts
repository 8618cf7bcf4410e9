import { type Extension, type Failure, type MessageEvent, MessageReader, type Role } from "@barewire/framing";
import type { WebSocketEvent } from "./events.ts";
import { type ConnectionFailure, connectionFailure, NO_STATUS_RECEIVED, type TimeoutKind } from "./failure.ts";
import { SendingHalf } from "./sending-half.ts";
import type { ConnectionSettings } from "./settings.ts";
import type { ReadyState } from "./states.ts";
import { TIMERS, type TimerName, Timers } from "./timers.ts";

/**
 * What the owner must do with the stream once `nextOutput()` has returned null: nothing (`open`), finish the sending half
 * and go on reading (`end`), or drop the stream at once (`destroy`).
 */
export type StreamAction = "open" | "end" | "destroy";

const NOTHING = new Uint8Array(0);

/**
 * The part of a connection's life that both roles share: frames, the closing handshake, keepalive, the end.
 * After any call: drain `nextEvent()`, then `nextOutput()`, then look at `streamAction` and `nextDeadline`.
 */
export abstract class Connection<Event extends { readonly type: string }> extends SendingHalf {
	protected readonly settings: ConnectionSettings;
	protected readonly timers: Timers = new Timers();
	/** The latest time an input brought. */
	protected now: number;
	protected lastReceived: number;
	/** The peer has finished its sending half; acted upon once everything before it is parsed. */
	protected endReceived: boolean = false;
	/** Whether the owner has asked for events until there were none: if not, silence is the owner's doing. */
	protected starved: boolean = false;
	private lastMessage: number;
	private lastPing: number = Number.NEGATIVE_INFINITY;
	private reader: MessageReader | null = null;
	private raised: WebSocketEvent | null = null;
	/** The stream is to be dropped at once, or is gone already. */
	private aborted: boolean = false;

	protected constructor(role: Role, settings: ConnectionSettings, now: number) {
		super(role);
		this.settings = settings;
		this.now = now;
		this.lastReceived = now;
		this.lastMessage = now;
		this.setTimer("handshake", now + settings.timeouts.handshake);
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** Takes a chunk of the stream over; its bytes may be unmasked in place. `now` is monotonic, in milliseconds. */
	receive(chunk: Uint8Array, now: number): void {
		this.now = now;
		if (chunk.length === 0 || this.endReceived) return;
		this.lastReceived = now;
		this.starved = false;
		if (this.life.inbound === "open") this.reader?.receive(chunk);
		else if (this.life.inbound === "http") this.receiveHttp(chunk);
	}

	/** The peer has finished its sending half. */
	receiveEnd(now: number): void {
		this.now = now;
		this.endReceived = true;
		if (this.life.inbound === "http") this.receiveHttpEnd();
	}

	/** The stream is gone in both directions: `reset` when something went wrong, else it was closed here. */
	receiveStreamClosed(now: number, reset: boolean): void {
		this.now = now;
		if (reset && this.readyState !== "closed") this.life.fail(connectionFailure("stream-reset"));
		// The peer's end, if it came, is acted upon in its turn.
		if (!this.endReceived) this.life.beginEnd("stream");
		this.cutStream();
		this.receiveEnd(now);
	}

	/** Looks at the timers. Calling it too early, or for nothing, does no harm. */
	handleTimeout(now: number): void {
		this.now = now;
		for (let due = this.timers.takeDue(now); due !== null; due = this.timers.takeDue(now)) this.timerDue(due);
	}

	/**
	 * The peer is taking output that waited: it lives, and is not late, however slow it is. Without this, a pong that
	 * waits behind a large message, or the end behind it, would come too late.
	 */
	noteProgress(now: number): void {
		this.now = now;
		this.lastReceived = now;
		if (this.timers.isRunning("closing")) this.setTimer("closing", now + this.settings.timeouts.closing);
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	/** The next event, parsed when it is asked for: not asking is the back-pressure. */
	nextEvent(): Event | WebSocketEvent | null {
		const event = this.takeNextEvent();
		this.starved = event === null;
		return event;
	}

	/** When `handleTimeout()` is due; Infinity: never. */
	get nextDeadline(): number {
		return this.timers.next;
	}

	/** What to do with the stream once the output is drained. */
	get streamAction(): StreamAction {
		if (this.aborted) return "destroy";
		return this.life.outbound === "ended" ? "end" : "open";
	}

	/** Bytes that were received and wait for `nextEvent()`. */
	get unread(): number {
		if (this.life.inbound === "open") return this.reader?.unread ?? 0;
		return this.life.inbound === "http" ? this.unreadHttp : 0;
	}

	get readyState(): ReadyState {
		return this.life.readyState;
	}

	// ── Commands after the switch ──────────────────────────────────────────────────────────────────────────────

	// RFC 6455 §7.1.2: "To Start the WebSocket Closing Handshake with a status code and an optional close reason, an
	// endpoint MUST send a Close control frame".
	/** Begins the closing handshake. `now` starts the closing timer. */
	close(code: number | undefined, reason: string | undefined, now: number): void {
		this.now = now;
		// A code or a reason that can't be sent throws before anything has changed.
		if (this.life.maySend("close")) this.writeClose(code, reason);
		this.life.send("close");
		this.life.beginEnd("local");
		this.startClosing();
	}

	/** Drops the connection at once, without a Close frame. */
	terminate(now: number): void {
		this.now = now;
		this.abort(null);
	}

	// ── For the roles ──────────────────────────────────────────────────────────────────────────────────────────

	protected abstract receiveHttp(chunk: Uint8Array): void;
	protected abstract receiveHttpEnd(): void;
	protected abstract nextHttpEvent(): Event | null;
	protected abstract httpTimerDue(timer: "handshake" | "httpIdle"): void;
	protected abstract get unreadHttp(): number;

	/** The switch: from here on the stream carries frames. `rest`: what came behind the HTTP head. */
	protected switchToFrames(
		extensions: readonly Extension[],
		rest: Uint8Array | null,
		random: ((into: Uint8Array) => void) | null,
	): void {
		const { framing, decodeText, timeouts, keepAlive } = this.settings;
		this.life.send("switch");
		this.life.hear("switch");
		this.sendFrames(extensions, random);
		this.reader = new MessageReader(this.role, {
			limits: framing,
			extensions: this.extensions,
			...(decodeText === null ? null : { decodeText }),
		});
		if (rest !== null && rest.length > 0) this.reader.receive(rest);
		this.timers.clearAll();
		// `rest` has not been asked for.
		this.starved = false;
		this.lastMessage = this.now;
		this.setTimer("idle", this.now + timeouts.idle);
		this.setTimer("keepAlive", this.now + keepAlive.interval);
	}

	/** Ends the sending half: what is queued still goes out, and what the peer still sends is drained. */
	protected endOutbound(): void {
		this.life.send("end");
		// The owner may end the stream once `bufferedAmount` is 0: no pong comes after that.
		this.forgetPong();
		this.startClosing();
	}

	/** The peer's bytes have ended, and all of them are parsed. */
	protected inboundEnded(): void {
		if (this.life.switched && !this.life.ending) this.life.fail(connectionFailure("stream-ended"));
		this.life.beginEnd("stream");
		this.life.hear("end");
		this.endOutbound();
	}

	/** Nothing more is read: the peer broke HTTP's rules, or this endpoint is done with it. */
	protected stopListening(): void {
		this.life.hear("violation");
		this.life.beginEnd("local");
	}

	/** Cuts the stream off in both directions. */
	protected abort(failure: TimeoutKind | null): void {
		if (failure !== null) this.life.fail(connectionFailure(failure));
		this.life.beginEnd("local");
		this.life.hear("end");
		this.cutStream();
	}

	protected setTimer(name: TimerName, deadline: number): void {
		this.timers.set(name, deadline);
	}

	// ── Frames ─────────────────────────────────────────────────────────────────────────────────────────────────

	private takeNextEvent(): Event | WebSocketEvent | null {
		if (this.raised !== null) {
			const event = this.raised;
			this.raised = null;
			return event;
		}
		if (this.life.inbound === "http") {
			const event = this.nextHttpEvent();
			if (event !== null) return event;
		}
		if (this.life.inbound === "open") {
			const event = this.nextFrameEvent();
			if (event !== null) return event;
		}
		if (this.endReceived && this.life.inbound !== "ended" && this.life.inbound !== "http") this.inboundEnded();
		const closed = this.life.takeClosed();
		if (closed !== null) for (const extension of this.extensions) extension.release();
		return closed;
	}

	private nextFrameEvent(): WebSocketEvent | null {
		const event = this.reader?.next() ?? null;
		if (event === null) return null;
		switch (event.type) {
			case "text":
			case "binary":
				this.lastMessage = this.now;
				return event;
			case "ping":
				this.answerPing(event.payload);
				return event;
			case "pong":
				return event;
			case "close":
				this.closeReceived(event);
				return event;
			case "failed":
				this.fail(event.failure);
				return event;
		}
	}

	// RFC 6455 §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint
	// MUST send a Close frame in response." "When sending a Close frame in response, the endpoint typically echos the
	// status code it received."
	private closeReceived(close: Extract<MessageEvent, { type: "close" }>): void {
		this.life.hear("close");
		this.life.beginEnd("peer");
		if (this.life.maySend("close")) {
			this.writeClose(close.code === NO_STATUS_RECEIVED ? undefined : close.code);
			this.life.send("close");
		}
		this.life.closingHandshakeHeard(close.code, close.reason);
		this.startClosing();
		// RFC 6455 §7.1.1: "in most normal cases ... the server MUST close the underlying TCP connection first": it ends
		// its sending half and drains what the client still sends; a client waits for the server's end.
		if (this.role === "server") this.endOutbound();
	}

	// RFC 6455 §7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code before proceeding to
	// Close the WebSocket Connection", and "MUST NOT continue to attempt to process data (including a responding Close
	// frame) from the remote endpoint".
	private fail(failure: Failure | ConnectionFailure): void {
		this.life.fail(failure);
		this.stopListening();
		if (this.life.maySend("close")) {
			this.writeClose(failure.code, failure.message);
			this.life.send("close");
		}
		this.endOutbound();
	}

	// ── Time ───────────────────────────────────────────────────────────────────────────────────────────────────

	private timerDue(timer: TimerName): void {
		switch (timer) {
			case "handshake":
			case "httpIdle":
				return this.httpTimerDue(timer);
			case "idle":
				return this.idleDue();
			case "keepAlive":
				return this.keepAliveDue();
			case "pong":
				return this.pongDue();
			case "closing":
				return this.abort("closing-timeout");
		}
	}

	private idleDue(): void {
		const deadline = this.lastMessage + this.settings.timeouts.idle;
		if (!this.starved) this.setTimer("idle", this.now + this.settings.timeouts.idle);
		else if (deadline > this.now) this.setTimer("idle", deadline);
		// RFC 6455 §7.4.1, 1001: "an endpoint is 'going away'".
		else if (this.life.maySend("close")) this.close(1001, "idle", this.now);
	}

	// RFC 6455 §5.5.2: "A Ping frame may serve either as a keepalive or as a means to verify that the remote endpoint is
	// still responsive."
	private keepAliveDue(): void {
		this.frames.ping(NOTHING);
		// While the owner has not asked for all that came, the pong may lie behind it: this ping judges nobody.
		if (this.starved && !this.timers.isRunning("pong")) {
			this.lastPing = this.now;
			this.setTimer("pong", this.now + this.settings.keepAlive.timeout);
		}
		this.setTimer("keepAlive", this.now + this.settings.keepAlive.interval);
	}

	private pongDue(): void {
		// Whatever came is a sign of life.
		if (this.lastReceived >= this.lastPing) return;
		const failure = connectionFailure("keepalive-timeout");
		this.fail(failure);
		this.raised = { type: "failed", failure };
	}

	private startClosing(): void {
		if (this.aborted) return;
		for (const name of TIMERS) if (name !== "closing") this.timers.clear(name);
		if (!this.timers.isRunning("closing")) this.setTimer("closing", this.now + this.settings.timeouts.closing);
	}

	// ── The end ────────────────────────────────────────────────────────────────────────────────────────────────

	private cutStream(): void {
		this.dropOutput();
		this.aborted = true;
		this.timers.clearAll();
	}
}
