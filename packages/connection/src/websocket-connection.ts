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

/** The result of an opening handshake, and everything else that an open connection needs. */
export interface OpenConnection {
	readonly role: Role;
	/** The subprotocol. "" or absent: none. */
	readonly protocol?: string | undefined;
	/** In the order of the server's Sec-WebSocket-Extensions field. The connection releases them after it has closed. */
	readonly extensions?: readonly Extension[] | undefined;
	/** Bytes that were received after the head of the handshake. The connection takes ownership of them. */
	readonly rest?: Uint8Array | null | undefined;
	/** Bytes to send before the first frame: the rest of the handshake. */
	readonly output?: readonly Uint8Array[] | undefined;
	/**
	 * Required for a client: fills the array with unpredictable bytes for the masking keys (RFC 6455 §10.3). It is called once per
	 * frame with 4 bytes; `pooledRandom` makes these calls cheap.
	 */
	readonly random?: ((into: Uint8Array) => void) | undefined;
}

const NONE: readonly never[] = [];

/** Options for a message that waits in the queue. */
export interface EnqueueOptions {
	/** Extensions do not transform the message. */
	readonly plain?: boolean | undefined;
	/**
	 * The message replaces a waiting message with the same key, and a later message with this key replaces it. null or absent: no
	 * replacement.
	 */
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
	/** The peer has closed its sending half. This is processed after everything before it is parsed. */
	#endReceived: boolean = false;
	/**
	 * true: the owner has taken all events, and nothing was received since. false: the peer may seem silent only because the owner
	 * has not taken events. null: `nextEvent` returned null although there is more to process.
	 */
	#eventsDrained: boolean | null = false;
	/** null: no rate limit applies to the peer. */
	#rate: RateLimit | null;
	/** An event that was not caused by received bytes. */
	#raised: Failed | null = null;
	/** The Close frame to send after the unfinished message. */
	#pendingClose: { readonly code: number | undefined; readonly reason: string | undefined } | null = null;

	/** @throws UsageError `ERR_TIME`, `ERR_RANDOM_REQUIRED`, `ERR_INVALID_LIMIT`, `ERR_INVALID_RSV`, `ERR_RSV_CONFLICT` */
	constructor(open: OpenConnection, settings: WebSocketSettings, now: number) {
		requireTime(now);
		const { role, protocol = "", extensions = NONE, rest = null, output = [], random = null } = open;
		const { framing, decodeText, isUtf8, parts, maxBufferedBytes } = settings;
		this.role = role;
		this.protocol = protocol;
		// Share one empty list between connections, to save memory.
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
		// After the peer has ended its sending half, a reset is a failure only if output is still waiting.
		if (this.readyState !== "closed" && (!this.#endReceived || this.#sender.bufferedAmount > 0))
			this.#life.fail(connectionFailure("stream-reset"));
		// If the peer's end was received before, it is processed later, in order.
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

	// Without this, a pong or the end of the stream could arrive too late when it follows a large message.
	noteProgress(now: number): void {
		this.#tell(now);
		this.#deadlines.noteProgress();
		// A message that is never completed does not extend the deadline for the Close frame. Pongs after the Close frame do not extend
		// it either.
		if (this.#life.outbound !== "finishing" && this.#sender.noteProgress())
			this.#deadlines.putOffClosing(this.#closingAllowance);
	}

	restReading(now: number): void {
		this.#tell(now);
		if (this.#eventsDrained) this.#eventsDrained = false;
		// The pong may be among the bytes that are not read yet, like anything else that is awaited.
		this.#deadlines.noteProgress();
	}

	// ── Outputs ────────────────────────────────────────────────────────────────────────────────────────────────

	nextEvent(): WebSocketEvent | null {
		const event = this.#takeNextEvent();
		if (event !== null || this.isHeldBack) this.#eventsDrained = false;
		else if (this.#reader.hasMore) this.#eventsDrained = null;
		else {
			this.#eventsDrained = true;
			// When messages are given out in parts, nothing of them is kept, except a header, a control frame or a character that is cut.
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

	/** The peer has reached a rate limit: nothing is read until `nextDeadline`, and `nextEvent()` returns null. */
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
	 * Sends a text message. If a message begun with `sendFragment` is unfinished, the text waits until that message ends. A message
	 * of more than 256 KiB that must be deflated or masked is not framed at once. It is sent in fragments, and each fragment is
	 * framed after `nextOutput` has returned everything before it. Messages sent later wait until it is complete.
	 *
	 * @param plain Extensions do not transform the message.
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_TEXT`, `ERR_BUFFER_FULL`
	 */
	sendText(text: string, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.text(text, plain);
	}

	/**
	 * Sends a binary message, like `sendText`. The bytes may be sent without a copy: do not change them until they are written.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_BUFFER_FULL`
	 */
	sendBinary(bytes: Uint8Array, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.bytes("binary", bytes, plain);
	}

	/**
	 * Sends a text message that is already encoded, like `sendBinary`. The bytes are not checked to be UTF-8.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_BUFFER_FULL`
	 */
	sendUtf8(bytes: Uint8Array, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.bytes("text", bytes, plain);
	}

	/**
	 * Sends whole frames that `encodeMessage()` or `prepare()` made once for many receivers. They are not copied: do not change them
	 * until they are written.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_PREPARED_NOT_ALLOWED`, `ERR_BUFFER_FULL`
	 */
	sendPrepared(frames: Uint8Array): void {
		this.#life.send("data");
		this.#requirePreparedAllowed();
		this.#sender.prepared(frames);
	}

	/**
	 * Queues a message. It is framed and transformed by extensions only after `nextOutput` has returned everything before it.
	 * Messages sent later wait until then. While it waits, a newer message with the same `key` replaces it. The newer message goes to
	 * the end of the queue. Use this for a peer that reads messages more slowly than they are produced. Do not change the bytes until
	 * they are written, as with `sendBinary`.
	 *
	 * @param kind "text": the bytes are UTF-8. "prepared": they are whole frames, as for `sendPrepared`.
	 * @returns Whether it has replaced a waiting message.
	 * @throws UsageError `ERR_STATE`, `ERR_MESSAGE_KIND`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_PREPARED_NOT_ALLOWED`,
	 * `ERR_BUFFER_FULL`
	 */
	enqueue(kind: MessageKind | "prepared", bytes: Uint8Array, options: EnqueueOptions = {}): boolean {
		this.#life.send("data");
		if (kind === "prepared") this.#requirePreparedAllowed();
		return this.#sender.enqueue(kind, bytes, options.plain ?? false, options.key ?? null);
	}

	/** Whether a message that is sent now must wait: other messages wait before it, or a message is unfinished. */
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
	 * Begins a message whose payload is sent with `sendFragment`. Its position among the messages is fixed by this call. If an
	 * unfinished or large message is before it, it waits until that message ends. Use `isSending` and the order of the calls to find
	 * out which message is being sent.
	 *
	 * @param plain Extensions do not transform the message.
	 * @throws UsageError `ERR_STATE`, `ERR_BUFFER_FULL`
	 */
	beginMessage(kind: MessageKind, plain: boolean = false): void {
		this.#life.send("data");
		this.#sender.begin(kind, plain);
	}

	/**
	 * Sends the next fragment of a message (RFC 6455 §5.4): all fragments have the same kind, until `last` is true. Other messages
	 * wait until then. An empty fragment writes no frame unless it is the last one. A text may be split inside a character. Large
	 * messages that still wait before this one are framed all at once. To avoid that, wait until `isSending` is true.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_PAYLOAD`, `ERR_TRANSFERRED`, `ERR_INVALID_UTF8`, `ERR_MESSAGE_UNFINISHED`,
	 * `ERR_BUFFER_FULL`
	 */
	sendFragment(kind: MessageKind, bytes: Uint8Array, last: boolean): void {
		this.#life.send(this.#sender.awaitsFragments ? "fragment" : "data");
		this.#sender.fragment(kind, bytes, last);
		if (this.#pendingClose !== null && !this.#sender.awaitsFragments)
			this.#sendClose(this.#pendingClose.code, this.#pendingClose.reason, false);
	}

	/** Whether a message that is sent with `sendFragment` has begun and is unfinished. */
	get isSending(): boolean {
		return this.#sender.isUnfinished;
	}

	/** Whether such a message is unfinished or waits in the queue: calls of `sendFragment` are still expected. */
	get awaitsFragments(): boolean {
		return this.#sender.awaitsFragments;
	}

	/**
	 * Names the group of receivers that can share one frame from `prepare`: a message of this kind and size may be sent to all
	 * connections that return the same name now. null: the frame can't be shared.
	 */
	preparedFor(kind: MessageKind, size: number): string | null {
		// RFC 6455 §5.3: a client masks each frame with a new key.
		if (this.role === "client") return null;
		// If a message that must still be transformed is before it, the state of the extension would be different when the frame is sent.
		if (this.#extensions.length > 0 && !this.#sender.maySendShared) return null;
		return preparedFor(this.#extensions, kind, size);
	}

	/**
	 * Returns the message as a frame for `sendPrepared` of this connection and of all connections with the same `preparedFor`.
	 *
	 * @param isText The kind of message when `message` is an array. true: a text in UTF-8; otherwise a binary message.
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
	 * Sends a pong of at most 125 bytes. Pings are answered automatically, unless the settings disable that.
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
	 * Begins the closing handshake. The Close frame follows everything that was sent before, including a message that was begun with
	 * `sendFragment`. The closing deadline starts now and limits this wait.
	 *
	 * @throws UsageError `ERR_STATE`, `ERR_INVALID_CLOSE_CODE`, `ERR_CLOSE_REASON_TOO_LONG`
	 */
	close(code: number | undefined, reason: string | undefined, now: number): void {
		// An invalid code or reason must throw before any state changes.
		closePayload(code, reason);
		this.#life.send(this.#sender.awaitsFragments ? "finish" : "close");
		this.#tell(now);
		if (this.#life.outbound === "finishing") this.#pendingClose = { code, reason };
		else this.#sender.close(code, reason, false);
		this.#life.beginEnd("local");
		this.#startClosing();
	}

	/**
	 * Sends the Close frame at once, for a failure: messages that wait for an unfinished message are dropped, and so is the part of a
	 * large message that is not framed yet. Does nothing when a Close frame has been sent.
	 *
	 * @param isSlow The peer reads too slowly: everything that is not framed is dropped.
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
	 * Fails the connection because the owner decides that it uses too much memory. A Close frame is sent to the peer. Received data
	 * that was not given out is dropped. Does nothing once the connection has failed or ended.
	 */
	fail(kind: "message-too-big" | "no-room", now: number): void {
		if (this.#life.outbound === "ended") return;
		this.#tell(now);
		this.#failBy(kind);
	}

	/**
	 * Drops the connection at once, without a Close frame.
	 *
	 * @param failure The reason for the `closed` event: the owner has found that the peer does not read the output.
	 */
	terminate(now: number, failure: "stalled-timeout" | null = null): void {
		this.#tell(now);
		this.#abort(failure);
	}

	// ── Snapshot ───────────────────────────────────────────────────────────────────────────────────────────────

	/**
	 * Returns everything that another process needs to continue this connection, as plain data that can be cloned: numbers, booleans,
	 * strings, `Uint8Array`s, arrays and plain objects. Times are relative to `now`. It can be called between any two calls, and
	 * changes nothing.
	 *
	 * @throws UsageError `ERR_SNAPSHOT_UNAVAILABLE` when an extension can't be moved, or can't be moved now; `ERR_TRANSFERRED`
	 */
	snapshot(now: number): ConnectionSnapshot {
		requireTime(now);
		const life = this.#life;
		return {
			version: SNAPSHOT_VERSION,
			role: this.role,
			protocol: this.protocol,
			parts: this.#deadlines.settings.parts,
			// This comes first, because an extension may throw. Extensions are not needed when nothing more is read or sent.
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
	 * Restores the connection that a snapshot was taken of. The snapshot is validated completely, because it comes from another
	 * process. It may be used again.
	 *
	 * The settings may differ from the settings of the original connection. The data in the snapshot must fit into the limits of
	 * these settings. A running deadline continues with its remaining time; later deadlines use these settings. The extensions are
	 * created from the extensions of the same names in these settings.
	 *
	 * @param snapshot The result of `snapshot()`, cloned or not.
	 * @throws UsageError `ERR_SNAPSHOT` (not a snapshot, or another version), `ERR_SNAPSHOT_LIMIT` (it contains more than these
	 * settings allow), `ERR_SNAPSHOT_SETTINGS` (these settings lack something that it needs), `ERR_RANDOM_REQUIRED`
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
			// Unread bytes, and a message that is being put together, come before the end.
			if (event !== null || this.#reader.hasMore) return event;
		}
		if (this.#endReceived && this.#life.inbound !== "ended") this.#inboundEnded();
		// The sending half ends when its output is taken. Wait for that: `unsent` in the event includes everything lost until then.
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

	/** A ping or a pong was read. A frame from a client contains a masking key (RFC 6455 §5.2). */
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
		// RFC 6455 §7.1.1: "in most normal cases ... the server MUST close the underlying TCP connection first": it ends its sending
		// half and discards what the client still sends; a client waits for the server's end.
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

	/** Sends the Close frame now. Messages that wait for an unfinished message are dropped. `isAtOnce`: large messages are dropped too. */
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

	/** The stream accepts no more output. The ping or the Close frame may still wait in it, so the peer is not late yet. */
	#rest(): void {
		this.#deadlines.restKeepAlive();
		if (this.#life.isOrderly && !this.#sender.isEndTaken) this.#deadlines.restClosing();
	}

	/** Extra milliseconds after the closing deadline for a slow peer to read up to the end. 0 when the connection has failed. */
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

	/** Fails the connection for a reason other than received bytes. */
	#failBy(kind: Failed["failure"]["kind"]): void {
		const failure = failureOf(kind);
		this.#fail(failure);
		this.#raised = { type: "failed", failure };
	}

	/** From now on only the closing deadline applies, and no rate limit, because the peer's Close frame must be found. */
	#startClosing(): void {
		this.#rate = null;
		if (!this.#sender.isCut) this.#deadlines.startClosing(this.#closingAllowance);
	}

	// ── The end ────────────────────────────────────────────────────────────────────────────────────────────────

	/** Ends the sending half. Frames that are already written are still sent, and further bytes from the peer are discarded. */
	#endOutbound(): void {
		this.#pendingClose = null;
		this.#life.send("end");
		this.#sender.end();
		this.#startClosing();
	}

	/** The peer has ended the stream, and all received bytes are parsed. */
	#inboundEnded(): void {
		if (this.#life.endedBy === null) this.#life.fail(connectionFailure("stream-ended"));
		this.#life.beginEnd("stream");
		this.#endInbound();
		this.#endOutbound();
	}

	/** Closes the stream at once in both directions. */
	#abort(failure: TimeoutKind | null): void {
		if (failure !== null) this.#life.fail(connectionFailure(failure));
		this.#life.beginEnd("local");
		this.#endInbound();
		this.#cutStream();
	}

	/** The next output of a connection that is ending. */
	#nextBeforeEnd(): Uint8Array | null {
		// If the output is a slice of a large message, the Close frame waits for work on this side, and the peer is not late.
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
		// The Close frame is the last output. If any output is left, the peer never receives the Close frame.
		if (this.#sender.bufferedAmount > 0) this.#life.closeNotSent();
		this.#sender.cut();
		this.#deadlines.clear();
		this.#rate = null;
	}
}
