import { UsageError } from "@barewire/errors";
import {
	closePayload,
	type Extension,
	type Failure,
	type MessageEvent,
	type MessageKind,
	MessageReader,
	type Role,
} from "@barewire/framing";
import { Deadlines, type Due } from "./deadlines.ts";
import type { Failed, WebSocketEvent } from "./events.ts";
import {
	type ConnectionFailure,
	connectionFailure,
	failureOf,
	NO_STATUS_RECEIVED,
	type TimeoutKind,
} from "./failure.ts";
import { Lifecycle } from "./lifecycle.ts";
import { MessageSender } from "./message-sender.ts";
import { preparedFor, prepareMessage } from "./prepared.ts";
import type { Protocol, StreamAction } from "./protocol.ts";
import { RateLimit } from "./rate-limit.ts";
import type { ConnectionSettings, WebSocketSettings } from "./settings.ts";
import { type ConnectionSnapshot, SNAPSHOT_VERSION } from "./snapshot.ts";
import { snapshotExtension, withExtensions } from "./snapshot-extensions.ts";
import { readSnapshot } from "./snapshot-reading.ts";
import type { ReadyState } from "./states.ts";
import { requireTime } from "./time-check.ts";

/** What an opening handshake has agreed on, and all that the connection needs to begin open. */
export interface OpenConnection {
	readonly role: Role;
	/** The subprotocol; "" or absent: none. */
	readonly protocol?: string | undefined;
	/** In the order of the server's Sec-WebSocket-Extensions field. The connection releases them when it has ended. */
	readonly extensions?: readonly Extension[] | undefined;
	/** Bytes that came behind the handshake's head. The connection takes them over. */
	readonly rest?: Uint8Array | null | undefined;
	/** Bytes that leave before the first frame: what is left of the handshake. */
	readonly output?: readonly Uint8Array[] | undefined;
	/**
	 * A client needs it: fills the array with unpredictable bytes, the masking keys (RFC 6455 §10.3). It is called for each
	 * frame with 4 bytes; `pooledRandom` makes that cheap.
	 */
	readonly random?: ((into: Uint8Array) => void) | undefined;
}

const NONE: readonly never[] = [];

/** How a message waits. */
export interface EnqueueOptions {
	/** No extension transforms it. */
	readonly plain?: boolean | undefined;
	/** It replaces the message of this key that still waits, and is replaced by the next one. null or absent: it does not. */
	readonly key?: string | null | undefined;
}

/** One WebSocket connection, RFC 6455 §5 to §7, from the end of the opening handshake to the end of the stream. */
export class WebSocketConnection implements Protocol<WebSocketEvent> {
	readonly role: Role;
	/** The subprotocol, or "". */
	readonly protocol: string;
	readonly #extensions: readonly Extension[];
	readonly #life: Lifecycle = new Lifecycle();
	readonly #deadlines: Deadlines;
	readonly #reader: MessageReader;
	readonly #sender: MessageSender;
	/** The peer has finished its sending half. It is acted upon once everything before it is parsed. */
	#endReceived: boolean = false;
	/**
	 * The owner has asked for events until there were none, and nothing has come since. If not, silence may be the owner's doing.
	 * null: it was given none although there is more.
	 */
	#eventsDrained: boolean | null = false;
	/** null: the peer may send as much as it likes. */
	#rate: RateLimit | null;
	/** An event that no bytes of the peer have made. */
	#raised: Failed | null = null;
	/** The Close frame that waits for the unfinished message. */
	#pendingClose: { readonly code: number | undefined; readonly reason: string | undefined } | null = null;

	/** @throws UsageError `ERR_TIME`, `ERR_RANDOM_REQUIRED`, `ERR_INVALID_LIMIT`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(open: OpenConnection, settings: WebSocketSettings, now: number) {
		requireTime(now);
		const { role, protocol = "", extensions = NONE, rest = null, output = [], random = null } = open;
		const { framing, decodeText, isUtf8, parts, maxBufferedBytes } = settings;
		this.role = role;
		this.protocol = protocol;
		// A list of its own for each connection would be held for nothing.
		this.#extensions = extensions.length > 0 ? extensions : NONE;
		this.#reader = new MessageReader(role, {
			limits: framing,
			extensions: this.#extensions,
			parts,
			...(decodeText === null ? null : { decodeText }),
			...(isUtf8 === null ? null : { isUtf8 }),
		});
		this.#sender = new MessageSender(role, this.#extensions, random, maxBufferedBytes, this.#reader);
		this.#deadlines = new Deadlines(settings, now);
		this.#rate = RateLimit.of(settings.rates, this.#deadlines.now);
		for (const piece of output) this.#sender.raw(piece);
		if (rest !== null && rest.length > 0) this.#read(rest);
	}

	// ── Inputs ─────────────────────────────────────────────────────────────────────────────────────────────────

	receive(chunk: Uint8Array, now: number): void {
		this.#tell(now);
		if (chunk.length === 0 || this.#endReceived) return;
		this.#read(chunk);
	}

	receiveEnd(now: number): void {
		this.#tell(now);
		this.#endReceived = true;
	}

	receiveReset(now: number): void {
		this.#tell(now);
		// Behind the peer's end a reset only matters to what is still to be sent.
		if (this.readyState !== "closed" && (!this.#endReceived || this.#sender.bufferedAmount > 0))
			this.#life.fail(connectionFailure("stream-reset"));
		// The peer's end, if it came, is acted upon in its turn.
		if (!this.#endReceived) this.#life.beginEnd("stream");
		this.#cutStream();
		this.#endReceived = true;
	}

	handleTimeout(now: number, isCongested: boolean = false): void {
		this.#tell(now);
		this.#rate?.look(this.#deadlines.now);
		if (isCongested) this.#rest();
		for (let due = this.#nextDue(); due !== null; due = this.#nextDue()) this.#act(due);
	}

	// Without this, a pong that waits behind a large message, or the end behind it, would come too late.
	noteProgress(now: number): void {
		this.#tell(now);
		this.#deadlines.noteProgress();
		// A message that is sent without end does not put off the Close frame, nor do pongs behind it put off the end.
		if (this.#life.outbound !== "finishing" && this.#sender.noteProgress())
			this.#deadlines.putOffClosing(this.#closingAllowance);
	}

	restReading(now: number): void {
		this.#tell(now);
		if (this.#eventsDrained) this.#eventsDrained = false;
		// The pong may be unread, like all that is awaited.
		this.#deadlines.noteProgress();
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	nextEvent(): WebSocketEvent | null {
		const event = this.#takeNextEvent();
		if (event !== null || this.isHeldBack) this.#eventsDrained = false;
		else if (this.#reader.hasMore) this.#eventsDrained = null;
		else {
			this.#eventsDrained = true;
			// Of a message in parts nothing is held but what is cut.
			const isAwaited = !this.#deadlines.settings.parts || this.#reader.isCut;
			this.#deadlines.noteDrained(isAwaited && this.readyState === "open");
		}
		return event;
	}

	get hasMore(): boolean {
		return this.#eventsDrained === null;
	}

	nextOutput(): Uint8Array | null {
		return this.#life.outbound === "open" ? this.#sender.next(this.#deadlines.now) : this.#nextBeforeEnd();
	}

	get outputIsWork(): boolean {
		return this.#sender.isWork;
	}

	get nextDeadline(): number {
		return Math.min(
			this.#deadlines.next(this.#eventsDrained ?? false),
			this.#rate?.resumesAt ?? Number.POSITIVE_INFINITY,
		);
	}

	get streamAction(): Exclude<StreamAction, "reset"> {
		if (this.#sender.isCut) return "destroy";
		return this.#life.outbound === "ended" ? "end" : "open";
	}

	get unread(): number {
		return this.#life.inbound === "open" ? this.#reader.unread : 0;
	}

	get bufferedAmount(): number {
		return this.#sender.bufferedAmount;
	}

	/** The peer has reached a rate: nothing is read until `nextDeadline`, and `nextEvent()` gives null. */
	get isHeldBack(): boolean {
		return this.#rate !== null && this.#rate.resumesAt !== null;
	}

	get held(): number {
		let held = this.#reader.memory + this.#sender.held;
		for (const extension of this.#extensions) held += extension.held ?? 0;
		return held;
	}

	get heldOutput(): number {
		return this.#sender.held;
	}

	get pieces(): readonly Uint8Array[] {
		return this.#sender.pieces;
	}

	get unfinished(): number {
		return this.#reader.unfinished;
	}

	get readyState(): ReadyState {
		return this.#life.readyState;
	}

	/** The names of the extensions in use. */
	get extensions(): readonly string[] {
		return this.#extensions.length === 0 ? NONE : this.#extensions.map(({ name }) => name);
	}

	// ── Commands ───────────────────────────────────────────────────────────────────────────────────────────────

	/**
	 * Sends a text message. Behind a message that `sendFragment` has begun, it waits for that one's end. One of more than 256 KiB that has to
	 * be deflated or masked is not framed at once: it leaves in fragments, each made when `nextOutput` has given out all before it. What is
	 * sent later waits behind it.
	 *
	 * @param plain No extension transforms it.
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_TEXT`, `ERR_BUFFER_FULL`
	 */
	sendText(text: string, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.text(text, plain);
	}

	/**
	 * Sends a binary message, like `sendText`. The bytes belong to the caller, who leaves them alone until they are written.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_BUFFER_FULL`
	 */
	sendBinary(bytes: Uint8Array, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.bytes("binary", bytes, plain);
	}

	/**
	 * Sends a text message that is there in bytes, like `sendBinary`. That they are UTF-8 is not checked.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_BUFFER_FULL`
	 */
	sendUtf8(bytes: Uint8Array, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.bytes("text", bytes, plain);
	}

	/**
	 * Sends whole frames that `encodeMessage()` or `prepare()` made once for many receivers. They are not copied: leave them alone until they are
	 * written.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_PREPARED_NOT_ALLOWED`, `ERR_BUFFER_FULL`
	 */
	sendPrepared(frames: Uint8Array): void {
		this.#life.send("data");
		this.#requirePreparedAllowed();
		this.#sender.prepared(frames);
	}

	/**
	 * Sends a message that is framed, and transformed by extensions, only when `nextOutput` has given out all before it. What is
	 * sent later waits behind it. Until then a newer message of the same `key` replaces it: that one has its own place, behind all
	 * that was sent before it. For a peer that takes its messages slower than they come; the bytes belong to the caller, as those of
	 * `sendBinary` do.
	 *
	 * @param kind "text": the bytes are UTF-8. "prepared": they are whole frames, as for `sendPrepared`.
	 * @returns Whether it has replaced one.
	 * @throws UsageError `ERR_STATE`, `ERR_MESSAGE_KIND`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_PREPARED_NOT_ALLOWED`, `ERR_BUFFER_FULL`
	 */
	enqueue(kind: MessageKind | "prepared", bytes: Uint8Array, options: EnqueueOptions = {}): boolean {
		this.#life.send("data");
		if (kind === "prepared") this.#requirePreparedAllowed();
		return this.#sender.enqueue(kind, bytes, options.plain ?? false, options.key ?? null);
	}

	/** Whether a message that is sent now is not framed yet: it comes behind others, or behind an unfinished one. */
	get isHolding(): boolean {
		return this.#sender.isHolding;
	}

	#requirePreparedAllowed(): void {
		if (this.role === "server") return;
		throw new UsageError(
			"ERR_PREPARED_NOT_ALLOWED",
			"a client's frames are masked one by one: send the message itself",
		);
	}

	/**
	 * Begins a message that is sent by `sendFragment`: it has its place among the messages from here on. Behind an unfinished
	 * one, or a large one, it waits for that one's end; `isSending` and the order of the calls tell whose turn it is.
	 *
	 * @param plain No extension transforms it.
	 * @throws UsageError `ERR_STATE`, `ERR_BUFFER_FULL`
	 */
	beginMessage(kind: MessageKind, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.begin(kind, plain);
	}

	/**
	 * Sends the next fragment of a message (RFC 6455 §5.4): of the same kind until `last`. Until then other messages wait.
	 * An empty fragment writes no frame unless it is the last one. A text may be cut inside a character. Large messages that still wait
	 * before this one are framed in one go: to leave them to later turns, wait until `isSending`.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_INVALID_UTF8`, `ERR_MESSAGE_UNFINISHED`, `ERR_BUFFER_FULL`
	 */
	sendFragment(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		this.#life.send(this.#sender.awaitsFragments ? "fragment" : "data");
		this.#sender.fragment(kind, bytes, last);
		if (this.#pendingClose !== null && !this.#sender.awaitsFragments)
			this.#sendClose(this.#pendingClose.code, this.#pendingClose.reason, false);
	}

	/** Whether a message that `sendFragment` has begun is unfinished. */
	get isSending(): boolean {
		return this.#sender.isUnfinished;
	}

	/** Whether one is unfinished, or has its place behind what waits: `sendFragment` is still called for. */
	get awaitsFragments(): boolean {
		return this.#sender.awaitsFragments;
	}

	/**
	 * Which receivers may be sent the frame that `prepare` makes of a message of so many bytes: those that give the same name
	 * now. null: no receiver may.
	 */
	preparedFor(kind: MessageKind, size: number): string | null {
		// RFC 6455 §5.3: each of a client's frames is masked with a key of its own.
		if (this.role === "client") return null;
		// Behind a message that is yet to be transformed, it would leave when the extension's state is another.
		if (this.#extensions.length > 0 && !this.#sender.maySendShared) return null;
		return preparedFor(this.#extensions, kind, size);
	}

	/**
	 * The message as a frame for `sendPrepared` of this connection and of those that share its `preparedFor`.
	 *
	 * @param isText What an array is: by default a binary message; true: a text in UTF-8.
	 */
	prepare(message: string | Uint8Array, isText?: boolean): Uint8Array {
		return prepareMessage(this.#extensions, message, isText);
	}

	/**
	 * Sends a ping of at most 125 bytes.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_CONTROL_TOO_LONG`
	 */
	sendPing(payload: Uint8Array): void {
		this.#life.send("control");
		this.#sender.ping(payload);
	}

	// RFC 6455 §5.5.3: "A Pong frame MAY be sent unsolicited. This serves as a unidirectional heartbeat."
	/**
	 * Sends a pong of at most 125 bytes. Pings are answered without it, unless the settings say otherwise.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_CONTROL_TOO_LONG`
	 */
	sendPong(payload: Uint8Array): void {
		this.#life.send("control");
		this.#sender.unsolicitedPong(payload);
	}

	// RFC 6455 §7.1.2: "To Start the WebSocket Closing Handshake with a status code and an optional close reason, an
	// endpoint MUST send a Close control frame".
	/**
	 * Begins the closing handshake. The Close frame leaves behind all that was sent before, also behind a message that
	 * `sendFragment` has begun: until the closing deadline, which begins now.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`
	 */
	close(code: number | undefined, reason: string | undefined, now: number): void {
		// A code or a reason that can't be sent throws before anything has changed.
		closePayload(code, reason);
		this.#life.send(this.#sender.awaitsFragments ? "finish" : "close");
		this.#tell(now);
		if (this.#life.outbound === "finishing") this.#pendingClose = { code, reason };
		else this.#sender.close(code, reason, false);
		this.#life.beginEnd("local");
		this.#startClosing();
	}

	/**
	 * Sends the Close frame at once, for a failure: what waits behind an unfinished message is dropped, and what is not framed of a large
	 * one. Does nothing when a Close frame has been sent.
	 *
	 * @param isSlow The peer takes too little: all that is not framed is dropped.
	 * @throws UsageError `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`
	 */
	closeAtOnce(code: number, reason: string, now: number, isSlow: boolean = false): void {
		closePayload(code, reason);
		if (!this.#life.maySend("close")) return;
		this.#tell(now);
		if (isSlow) this.#sender.dropWaiting();
		this.#sendClose(code, reason, true);
		this.#life.beginEnd("local");
		this.#life.endAtOnce();
		this.#startClosing();
	}

	/**
	 * Fails the connection by the owner's judgement: it holds more than there is room for. A Close frame tells the peer; what was received
	 * and not given out is dropped. Does nothing once the connection has failed or ended.
	 */
	fail(kind: "message-too-big" | "no-room", now: number): void {
		if (this.#life.outbound === "ended") return;
		this.#tell(now);
		this.#failBy(kind);
	}

	/**
	 * Drops the connection at once, without a Close frame.
	 *
	 * @param failure Why, for `closed`: the owner has seen that the peer takes no output.
	 */
	terminate(now: number, failure: "stalled-timeout" | null = null): void {
		this.#tell(now);
		this.#abort(failure);
	}

	// ── Snapshot ───────────────────────────────────────────────────────────────────────────────────────────────

	/**
	 * All that another process needs to go on with this connection, as plain data that can be cloned: numbers, booleans,
	 * strings, `Uint8Array`s, arrays and plain objects. Times are relative to `now`. It may be taken between any two calls, and
	 * changes nothing.
	 *
	 * @throws UsageError `ERR_SNAPSHOT_UNAVAILABLE` when an extension can't be moved, or not now; `ERR_TRANSFERRED`
	 */
	snapshot(now: number): ConnectionSnapshot {
		requireTime(now);
		const life = this.#life;
		return {
			version: SNAPSHOT_VERSION,
			role: this.role,
			protocol: this.protocol,
			parts: this.#deadlines.settings.parts,
			// First, because an extension may refuse. Where nothing more is read or sent, none is needed.
			extensions: life.inbound === "open" || this.#sender.isHolding ? this.#extensions.map(snapshotExtension) : [],
			reader: this.#reader.snapshot(),
			sender: this.#sender.snapshot(Math.round(now)),
			life: life.snapshot(),
			...this.#deadlines.snapshot(now),
			endReceived: this.#endReceived,
			eventsDrained: this.#eventsDrained ?? false,
			rate: this.#rate?.snapshot(Math.round(now)) ?? null,
			isAborted: this.#sender.isCut,
			raised: this.#raised?.failure.kind ?? null,
			pendingClose:
				this.#pendingClose === null
					? null
					: { code: this.#pendingClose.code ?? null, reason: this.#pendingClose.reason ?? "" },
		};
	}

	/**
	 * The connection that a snapshot was taken of, as if nothing had been. The snapshot is checked in full, as it comes from
	 * another process, and may be used again.
	 *
	 * The settings may be others than where it was taken. What is held already must fit into their limits. A deadline that runs
	 * goes on with the time that is left; later ones are by these settings. The extensions are made by those of the settings
	 * with the same names.
	 *
	 * @param snapshot What `snapshot()` gave, cloned or not.
	 * @throws UsageError `ERR_SNAPSHOT` (it is none, or of another version), `ERR_SNAPSHOT_LIMIT` (it holds more than these
	 * settings allow), `ERR_SNAPSHOT_SETTINGS` (they lack what it needs), `ERR_RANDOM_REQUIRED`
	 */
	static restore(snapshot: unknown, settings: ConnectionSettings, now: number): WebSocketConnection {
		const state = readSnapshot(snapshot, settings);
		const { role, protocol } = state;
		const { random } = settings;
		const connection = withExtensions(
			state,
			settings,
			(extensions) =>
				new WebSocketConnection(
					{ role, protocol, extensions, ...(random === null ? null : { random }) },
					settings,
					now,
				),
		);
		connection.#restore(state, now);
		return connection;
	}

	#restore(state: ConnectionSnapshot, now: number): void {
		const { life, pendingClose } = state;
		this.#life.restore(life);
		this.#reader.restore(state.reader);
		if (life.inbound !== "open") this.#reader.end();
		this.#sender.restore(state.sender, Math.round(now));
		const isOver = state.isAborted || (life.outbound === "ended" && life.inbound === "ended");
		this.#deadlines.restore(state, now, life.outbound === "open" ? "messages" : isOver ? "nothing" : "end");
		if (life.outbound !== "open") this.#rate = null;
		else if (state.rate !== null) this.#rate?.restore(state.rate, Math.round(now));
		this.#endReceived = state.endReceived;
		this.#eventsDrained = state.eventsDrained;
		this.#raised = state.raised === null ? null : { type: "failed", failure: failureOf(state.raised) };
		this.#pendingClose =
			pendingClose === null ? null : { code: pendingClose.code ?? undefined, reason: pendingClose.reason };
	}

	// ── Frames ─────────────────────────────────────────────────────────────────────────────────────────────────

	#takeNextEvent(): WebSocketEvent | null {
		if (this.#raised !== null) {
			const event = this.#raised;
			this.#raised = null;
			return event;
		}
		if (this.#life.inbound === "open") {
			const event = this.#nextFrameEvent();
			// What is unread comes before the end, and so does a message that is put together.
			if (event !== null || this.#reader.hasMore) return event;
		}
		if (this.#endReceived && this.#life.inbound !== "ended") this.#inboundEnded();
		// The sending half has ended when its output is taken: what is lost until then belongs to the event.
		if (this.#sender.bufferedAmount > 0) return null;
		const closed = this.#life.takeClosed(this.#sender.unsent);
		if (closed !== null) for (const extension of this.#extensions) extension.release();
		return closed;
	}

	#read(chunk: Uint8Array): void {
		const isRead = this.#life.inbound === "open";
		this.#eventsDrained = false;
		this.#deadlines.noteReceived(isRead ? chunk.length : 0);
		if (isRead) this.#reader.receive(chunk);
	}

	#nextFrameEvent(): WebSocketEvent | null {
		const rate = this.#rate;
		if (rate !== null && this.#reader.unread > 0) {
			if (rate.resumesAt !== null) return null;
			const limit = rate.pause(this.#deadlines.now);
			if (limit !== null) return { type: "limited", limit };
		}
		const event = this.#reader.next();
		if (event === null) return null;
		switch (event.type) {
			case "text":
			case "utf8":
			case "binary":
			case "part": {
				const bytes = this.#deadlines.noteMessage(this.#reader.unread);
				rate?.take(event.type !== "part" || event.first ? 1 : 0, bytes, this.#deadlines.now);
				return event;
			}
			case "ping":
				this.#noteControl(event.payload);
				if (this.#deadlines.settings.answersPings && this.#life.maySend("control")) this.#sender.pong(event.payload);
				return event;
			case "pong":
				this.#noteControl(event.payload);
				this.#sender.answered(event.payload);
				return event;
			case "close":
				this.#closeReceived(event);
				return event;
			case "failed":
				this.#fail(event.failure);
				return event;
		}
	}

	/** A ping or a pong was read. A client's frame has a masking key (RFC 6455 §5.2). */
	#noteControl({ length }: Uint8Array): void {
		const bytes = length + (this.role === "server" ? 6 : 2);
		this.#deadlines.noteControl(bytes);
		this.#rate?.take(1, bytes, this.#deadlines.now);
	}

	// RFC 6455 §5.5.1: "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint
	// MUST send a Close frame in response." "When sending a Close frame in response, the endpoint typically echos the
	// status code it received."
	#closeReceived(close: Extract<MessageEvent, { type: "close" }>): void {
		this.#life.hear("close");
		this.#life.beginEnd("peer");
		if (this.#life.maySend("close")) {
			const reason = this.#deadlines.settings.echoesReason ? close.reason : "";
			this.#sendClose(close.code === NO_STATUS_RECEIVED ? undefined : close.code, reason, false);
		}
		this.#life.closeReceived(close.code, close.reason);
		this.#startClosing();
		// RFC 6455 §7.1.1: "in most normal cases ... the server MUST close the underlying TCP connection first": it ends
		// its sending half and drains what the client still sends; a client waits for the server's end.
		if (this.role === "server") this.#endOutbound();
	}

	// RFC 6455 §7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code before proceeding to
	// Close the WebSocket Connection", and "MUST NOT continue to attempt to process data (including a responding Close
	// frame) from the remote endpoint".
	#fail(failure: Failure | ConnectionFailure): void {
		this.#life.fail(failure);
		this.#life.hear("violation");
		this.#reader.end();
		this.#life.beginEnd("local");
		if (this.#life.maySend("close")) this.#sendClose(failure.code, failure.message, true);
		this.#endOutbound();
	}

	/** Now: what waits behind an unfinished message is dropped. `isAtOnce`: so is what is large. */
	#sendClose(code: number | undefined, reason: string | undefined, isAtOnce: boolean): void {
		this.#pendingClose = null;
		this.#life.send("close");
		this.#sender.close(code, reason, isAtOnce);
	}

	// ── Time ───────────────────────────────────────────────────────────────────────────────────────────────────

	#tell(now: number): void {
		this.#deadlines.tell(now, this.#eventsDrained ?? false);
	}

	#nextDue(): Due | null {
		return this.#deadlines.takeDue(this.#eventsDrained ?? false, this.#sender.readingTime(this.#deadlines.now));
	}

	/** The stream has no room: what the peer's sign of life, or the end, is behind has not reached it. */
	#rest(): void {
		this.#deadlines.restKeepAlive();
		if (this.#life.isOrderly && !this.#sender.isEndTaken) this.#deadlines.restClosing();
	}

	/** Milliseconds beyond the closing deadline in which a slow peer may come to the end. One that has failed has none. */
	get #closingAllowance(): number {
		return this.#life.isOrderly ? this.#sender.readingTime(this.#deadlines.now) : 0;
	}

	#act(due: Due): void {
		switch (due) {
			case "closeIdle":
				// RFC 6455 §7.4.1, 1001: "an endpoint is 'going away'".
				if (this.#life.outbound === "open") this.close(1001, "idle", this.#deadlines.now);
				return;
			case "ping":
				// RFC 6455 §5.5.2: "A Ping frame may serve either as a keepalive or as a means to verify that the remote endpoint is
				// still responsive."
				return this.#sender.keepAlive(this.#deadlines.now);
			case "failSilent":
				return this.#failBy("keepalive-timeout");
			case "failSlow":
				return this.#failBy("message-timeout");
			case "cut":
				return this.#abort("closing-timeout");
		}
	}

	/** Fails by this side's judgement, and not by what was received. */
	#failBy(kind: Failed["failure"]["kind"]): void {
		const failure = failureOf(kind);
		this.#fail(failure);
		this.#raised = { type: "failed", failure };
	}

	/** From here on only the closing deadline counts, and no rate: the peer's Close is looked for. */
	#startClosing(): void {
		this.#rate = null;
		if (!this.#sender.isCut) this.#deadlines.startClosing(this.#closingAllowance);
	}

	// ── The end ────────────────────────────────────────────────────────────────────────────────────────────────

	/** Ends the sending half: what is framed still goes out, and what the peer still sends is drained. */
	#endOutbound(): void {
		this.#pendingClose = null;
		this.#life.send("end");
		this.#sender.end();
		this.#startClosing();
	}

	/** The peer's bytes have ended, and all of them are parsed. */
	#inboundEnded(): void {
		if (this.#life.endedBy === null) this.#life.fail(connectionFailure("stream-ended"));
		this.#life.beginEnd("stream");
		this.#endInbound();
		this.#endOutbound();
	}

	/** Cuts the stream off in both directions. */
	#abort(failure: TimeoutKind | null): void {
		if (failure !== null) this.#life.fail(connectionFailure(failure));
		this.#life.beginEnd("local");
		this.#endInbound();
		this.#cutStream();
	}

	/** The next output of a connection that is ending. */
	#nextBeforeEnd(): Uint8Array | null {
		// A slice: the Close frame is behind work of this side, and meanwhile the peer is not late.
		const putsOff = this.#sender.isWork || (this.#life.isOrderly && this.#sender.isBeforeEnd);
		const piece = this.#sender.next(this.#deadlines.now);
		if (putsOff && piece !== null) this.#deadlines.putOffClosing(this.#closingAllowance);
		return piece;
	}

	#endInbound(): void {
		this.#life.hear("end");
		this.#reader.end();
	}

	#cutStream(): void {
		this.#pendingClose = null;
		this.#life.send("end");
		// The Close frame is the last of the output: where some is left, the peer never gets it.
		if (this.#sender.bufferedAmount > 0) this.#life.closeNotSent();
		this.#sender.cut();
		this.#deadlines.clear();
		this.#rate = null;
	}
}
