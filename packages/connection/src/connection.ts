import {
	type Extension,
	type Failure,
	FrameWriter,
	MessageReader,
	type MessageEvent,
	type Role,
	UsageError,
} from "@barewire/framing";
import type { Closed, WebSocketEvent } from "./events.ts";
import { ABNORMAL_CLOSURE, type ConnectionFailure, connectionFailure, NO_STATUS_RECEIVED } from "./failure.ts";
import type { ConnectionSettings } from "./settings.ts";
import {
	INBOUND_TABLE,
	type InboundInput,
	type InboundState,
	OUTBOUND_TABLE,
	type OutboundInput,
	type OutboundState,
	type ReadyState,
	readyState,
} from "./states.ts";
import { type TimerName, Timers } from "./timers.ts";

/**
 * What the owner must do with the stream once `nextOutput()` has returned null: nothing (`open`), finish the sending half
 * and go on reading (`end`), or drop the stream at once (`destroy`).
 */
export type StreamAction = "open" | "end" | "destroy";

/** Above so many octets of waiting output, only the latest pong is kept. */
const PONG_BACKLOG = 64 * 1024;

const NOTHING = new Uint8Array(0);

/**
 * The part of a connection's life that both roles share: frames, the closing handshake, keepalive, the end.
 * After any call: drain `nextEvent()`, then `nextOutput()`, then look at `streamAction` and `nextDeadline`.
 */
export abstract class Connection<Event extends { readonly type: string }> {
	readonly role: Role;
	protected readonly settings: ConnectionSettings;
	protected readonly timers: Timers = new Timers();
	protected outbound: OutboundState = "http";
	protected inbound: InboundState = "http";
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
	private writer: FrameWriter | null = null;
	/** HTTP output, and the position in it; null once it is drained. */
	private pieces: Uint8Array[] | null = null;
	private piecesTaken: number = 0;
	private piecesOctets: number = 0;
	private delayedPong: Uint8Array | null = null;
	private raised: WebSocketEvent | null = null;
	private closeCode: number = ABNORMAL_CLOSURE;
	private closeReason: string = "";
	private endedBy: "local" | "peer" | "stream" | null = null;
	private stage: ReadyState = "http";
	private failure: ConnectionFailure | null = null;
	private aborted: boolean = false;
	private closedReported: boolean = false;

	protected constructor(role: Role, settings: ConnectionSettings, now: number) {
		this.role = role;
		this.settings = settings;
		this.now = now;
		this.lastReceived = now;
		this.lastMessage = now;
		this.setTimer("handshake", now + settings.timeouts.handshake);
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** Takes a chunk of the stream over; its octets may be unmasked in place. `now` is monotonic, in milliseconds. */
	receive(chunk: Uint8Array, now: number): void {
		this.now = now;
		this.lastReceived = now;
		this.starved = false;
		if (this.inbound === "open") this.reader?.receive(chunk);
		else if (this.inbound === "http" && !this.endReceived) this.receiveHttp(chunk);
	}

	/** The peer has finished its sending half. */
	receiveEnd(now: number): void {
		this.now = now;
		this.endReceived = true;
		if (this.inbound === "http") this.receiveHttpEnd();
	}

	/** The stream is gone in both directions: `reset` when something went wrong, else it was closed here. */
	receiveStreamClosed(now: number, reset: boolean): void {
		this.now = now;
		if (reset && this.readyState !== "closed") this.failure ??= connectionFailure("stream-reset");
		this.beginEnd("stream");
		this.dropOutput();
		this.receiveEnd(now);
	}

	/** Looks at the timers. Calling it too early, or for nothing, does no harm. */
	handleTimeout(now: number): void {
		this.now = now;
		for (let due = this.timers.takeDue(now); due !== null; due = this.timers.takeDue(now)) this.timerDue(due);
	}

	/** The peer is still taking output that was sent before the end: the closing timer starts again. */
	extendClosing(now: number): void {
		this.now = now;
		if (this.timers.isRunning("closing")) this.setTimer("closing", now + this.settings.timeouts.closing);
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	/** The next event, parsed when it is asked for: not asking is the back-pressure. */
	nextEvent(): Event | WebSocketEvent | null {
		const event = this.takeNextEvent();
		this.starved = event === null;
		return event;
	}

	private takeNextEvent(): Event | WebSocketEvent | null {
		if (this.raised !== null) {
			const event = this.raised;
			this.raised = null;
			return event;
		}
		if (this.inbound === "http") {
			const event = this.nextHttpEvent();
			if (event !== null) return event;
		}
		if (this.inbound === "open") {
			const event = this.nextFrameEvent();
			if (event !== null) return event;
		}
		if (this.endReceived && this.inbound !== "ended" && this.inbound !== "http") this.inboundEnded();
		return this.closedEvent();
	}

	/** The next piece of output, in order; null: nothing now. */
	nextOutput(): Uint8Array | null {
		if (this.pieces !== null) {
			const piece = this.pieces[this.piecesTaken++];
			if (piece !== undefined) {
				this.piecesOctets -= piece.length;
				return piece;
			}
			this.pieces = null;
			this.piecesTaken = 0;
		}
		if (this.writer === null) return null;
		const piece = this.writer.next();
		if (piece !== null || this.delayedPong === null) return piece;
		this.writer.pong(this.delayedPong);
		this.delayedPong = null;
		return this.writer.next();
	}

	/** When `handleTimeout()` is due; Infinity: never. */
	get nextDeadline(): number {
		return this.timers.next;
	}

	/** What to do with the stream once the output is drained. */
	get streamAction(): StreamAction {
		if (this.aborted) return "destroy";
		return this.outbound === "ended" ? "end" : "open";
	}

	/** Octets of output that wait for `nextOutput()`. */
	get bufferedAmount(): number {
		return this.piecesOctets + (this.writer === null ? 0 : this.writer.buffered);
	}

	/** Octets that were received and wait for `nextEvent()`. */
	get unread(): number {
		return this.reader === null ? this.unreadHttp : this.reader.unread;
	}

	get readyState(): ReadyState {
		return readyState(this.outbound, this.inbound);
	}

	// ── Commands after the switch ──────────────────────────────────────────────────────────────────────────────

	/** Sends a text message. */
	sendText(text: string): void {
		this.framesFor("data").text(text);
	}

	/** Sends a binary message. The octets belong to the caller, who leaves them alone until they are written. */
	sendBinary(bytes: Uint8Array): void {
		this.framesFor("data").binary(bytes);
	}

	/** Sends whole frames that `encodeMessage()` made once for many receivers. */
	sendPrepared(frames: Uint8Array): void {
		this.framesFor("data").prepared(frames);
	}

	/** Sends a ping of at most 125 octets. */
	sendPing(payload: Uint8Array): void {
		this.framesFor("control").ping(payload);
	}

	// RFC 6455 §7.1.2: "an endpoint MUST send a Close control frame"
	/** Begins the closing handshake. `now` starts the closing timer. */
	close(code: number | undefined, reason: string | undefined, now: number): void {
		this.now = now;
		if (OUTBOUND_TABLE[this.outbound].close === "misuse") throw misuse("close", this.outbound);
		this.frames.close(code, reason);
		this.moveOutbound("close");
		this.beginEnd("local");
		this.startClosing();
	}

	/** Drops the connection at once, without a Close frame. */
	terminate(now: number): void {
		this.now = now;
		this.abort("local");
	}

	// ── For the roles ──────────────────────────────────────────────────────────────────────────────────────────

	protected abstract receiveHttp(chunk: Uint8Array): void;
	protected abstract receiveHttpEnd(): void;
	protected abstract nextHttpEvent(): Event | null;
	protected abstract httpTimerDue(timer: "handshake" | "httpIdle"): void;
	protected abstract get unreadHttp(): number;

	/** Queues HTTP octets. */
	protected write(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		this.moveOutbound("message");
		this.pieces ??= [];
		this.pieces.push(bytes);
		this.piecesOctets += bytes.length;
	}

	/** The switch: from here on the stream carries frames. `rest`: what came behind the HTTP head. */
	protected switchToFrames(
		extensions: readonly Extension[],
		rest: Uint8Array | null,
		random: ((into: Uint8Array) => void) | null,
	): void {
		const { framing, decodeText, timeouts, keepAlive } = this.settings;
		this.moveOutbound("switch");
		this.moveInbound("switch");
		this.stage = "open";
		this.reader = new MessageReader(this.role, {
			limits: framing,
			...(extensions.length > 0 ? { extensions } : null),
			...(decodeText === null ? null : { decodeText }),
		});
		this.writer = new FrameWriter(this.role, {
			...(extensions.length > 0 ? { extensions } : null),
			...(random === null ? null : { random }),
		});
		if (rest !== null && rest.length > 0) this.reader.receive(rest);
		this.timers.clearAll();
		this.lastMessage = this.now;
		this.setTimer("idle", this.now + timeouts.idle);
		this.setTimer("keepAlive", this.now + keepAlive.interval);
	}

	/** Ends the sending half: what is queued still goes out, and what the peer still sends is drained. */
	protected endOutbound(): void {
		this.moveOutbound("end");
		this.startClosing();
	}

	protected inboundEnded(): void {
		if (this.endedBy === null) {
			this.beginEnd("stream");
			if (this.stage !== "http") this.failure ??= connectionFailure("stream-ended");
		}
		this.moveInbound("end");
		this.endOutbound();
	}

	/** The peer broke HTTP's rules: nothing more is read. */
	protected failHttp(): void {
		this.moveInbound("violation");
		this.beginEnd("local");
	}

	/** Cuts the stream off in both directions. */
	protected abort(by: "local" | "stream"): void {
		this.beginEnd(by);
		this.dropOutput();
		this.inbound = "ended";
	}

	private dropOutput(): void {
		this.aborted = true;
		this.outbound = "ended";
		this.pieces = null;
		this.piecesOctets = 0;
		this.writer = null;
		this.delayedPong = null;
		this.timers.clearAll();
	}

	/** Time ran out before the switch. */
	protected failTimeout(kind: "handshake-timeout" | "http-idle-timeout"): void {
		this.failure ??= connectionFailure(kind);
	}

	protected setTimer(name: TimerName, deadline: number): void {
		this.timers.set(name, deadline);
	}

	/** What is left of the HTTP phase's rules when one half ends it: who began to end the connection. */
	protected beginEnd(by: "local" | "peer" | "stream"): void {
		this.endedBy ??= by;
	}

	// ── Frames ─────────────────────────────────────────────────────────────────────────────────────────────────

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

	// RFC 6455 §5.5.3: "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous
	// Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame."
	// A peer that pings and never reads can so not make the output grow.
	private answerPing(payload: Uint8Array): void {
		if (OUTBOUND_TABLE[this.outbound].control === "misuse") return;
		if (this.bufferedAmount < PONG_BACKLOG && this.delayedPong === null) this.frames.pong(payload);
		else this.delayedPong = payload.slice();
	}

	// RFC 6455 §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint
	// MUST send a Close frame in response." "When sending a Close frame in response, the endpoint typically echos the
	// status code it received."
	private closeReceived(close: Extract<MessageEvent, { type: "close" }>): void {
		this.closeCode = close.code;
		this.closeReason = close.reason;
		this.moveInbound("close");
		this.beginEnd("peer");
		if (this.outbound === "open") {
			this.frames.close(close.code === NO_STATUS_RECEIVED ? undefined : close.code);
			this.moveOutbound("close");
		}
		// Both Close frames were exchanged, unless the stream was gone before this endpoint could send its own.
		this.stage = this.stage === "closing" ? "closed" : "closing";
		this.startClosing();
		// RFC 6455 §7.1.1: "in most normal cases ... the server MUST close the underlying TCP connection first": it ends
		// its sending half and drains what the client still sends; a client waits for the server's end.
		if (this.role === "server") this.endOutbound();
	}

	// RFC 6455 §7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code before proceeding to
	// Close the WebSocket Connection", and "MUST NOT continue to attempt to process data (including a responding Close
	// frame) from the remote endpoint".
	private fail(failure: Failure | ConnectionFailure): void {
		this.failure ??= failure;
		this.moveInbound("violation");
		this.beginEnd("local");
		if (this.outbound === "open") {
			this.frames.close(failure.code, failure.message);
			this.moveOutbound("close");
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
				this.failure ??= connectionFailure("closing-timeout");
				return this.abort("local");
		}
	}

	private idleDue(): void {
		const deadline = this.lastMessage + this.settings.timeouts.idle;
		if (!this.starved) this.setTimer("idle", this.now + this.settings.timeouts.idle);
		else if (deadline > this.now) this.setTimer("idle", deadline);
		// RFC 6455 §7.4.1, 1001: "an endpoint is 'going away'".
		else if (this.outbound === "open") this.close(1001, "idle", this.now);
	}

	// RFC 6455 §5.5.2: "A Ping frame may serve either as a keepalive or as a means to verify that the remote endpoint is
	// still responsive."
	private keepAliveDue(): void {
		if (this.outbound !== "open") return;
		this.frames.ping(NOTHING);
		if (!this.timers.isRunning("pong")) {
			this.lastPing = this.now;
			this.setTimer("pong", this.now + this.settings.keepAlive.timeout);
		}
		this.setTimer("keepAlive", this.now + this.settings.keepAlive.interval);
	}

	private pongDue(): void {
		// What the owner has not asked for yet is a sign of life, and may hold the pong.
		if (this.lastReceived >= this.lastPing || !this.starved) return;
		const failure = connectionFailure("keepalive-timeout");
		this.fail(failure);
		this.raised = { type: "failed", failure };
	}

	private startClosing(): void {
		if (this.aborted) return;
		this.timers.clear("keepAlive");
		this.timers.clear("pong");
		this.timers.clear("idle");
		if (!this.timers.isRunning("closing")) this.setTimer("closing", this.now + this.settings.timeouts.closing);
	}

	// ── The end ────────────────────────────────────────────────────────────────────────────────────────────────

	private closedEvent(): Closed | null {
		if (this.closedReported || this.outbound !== "ended" || this.inbound !== "ended") return null;
		this.closedReported = true;
		return {
			type: "closed",
			code: this.closeCode,
			reason: this.closeReason,
			wasClean: this.stage === "closed",
			by: this.endedBy ?? "stream",
			stage: this.stage,
			failure: this.failure,
		};
	}

	private get frames(): FrameWriter {
		if (this.writer === null) throw misuse("data", this.outbound);
		return this.writer;
	}

	private framesFor(input: "data" | "control"): FrameWriter {
		this.moveOutbound(input);
		return this.frames;
	}

	private moveOutbound(input: OutboundInput): void {
		const next = OUTBOUND_TABLE[this.outbound][input];
		if (next === "misuse") throw misuse(input, this.outbound);
		this.outbound = next;
		if (next === "closeSent" && this.stage === "open") this.stage = "closing";
	}

	private moveInbound(input: InboundInput): void {
		const next = INBOUND_TABLE[this.inbound][input];
		if (next !== "impossible") this.inbound = next;
	}
}

function misuse(input: OutboundInput, state: OutboundState): UsageError {
	const remedy: Readonly<Record<OutboundState, string>> = {
		http: "the connection still speaks HTTP: wait for the switch to WebSocket",
		open: "the connection speaks WebSocket now: HTTP messages can no longer be sent",
		closeSent: "the Close frame is sent: look at readyState before sending",
		ended: "the connection has ended: look at readyState before sending",
	};
	return new UsageError("ERR_STATE", `cannot send ${input} in the state ${state}: ${remedy[state]}`);
}
