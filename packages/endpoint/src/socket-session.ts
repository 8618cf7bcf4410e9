import type { Closed, ConnectionFailure, ReadyState, WebSocketConnection, WebSocketEvent } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import { frameFailure, type MessageKind } from "@barewire/framing";
import type { Broadcast } from "./broadcast.ts";
import { type Context, guard, isThenable, type Subscriber } from "./context.ts";
import type { Driver, ProtocolOwner } from "./driver.ts";
import { ConnectionError, SocketClosedError } from "./errors.ts";
import { Failures } from "./failures.ts";
import { IncomingParts } from "./incoming-message.ts";
import { requireMessage } from "./message-check.ts";
import { type DeliveryOwner, MessageDelivery } from "./message-delivery.ts";
import type { LimitName } from "./observe.ts";
import { OutgoingStreams } from "./outgoing-streams.ts";
import { PendingPromises } from "./pending-promises.ts";
import type { Publication } from "./publish.ts";
import { quiet } from "./quiet.ts";
import { SessionEnd } from "./session-end.ts";
import { SLOW_CONSUMER, sendToSlow } from "./slow-consumer.ts";
import { type ClosedEvent, type Received, type SendStreamOptions, Socket, type SocketLink } from "./socket.ts";
import type { MessageSource } from "./source-reader.ts";
import type { Address } from "./stream.ts";
import { isSubscription, SUBSCRIBED } from "./subscribed.ts";

/** What a move to another process needs of a session. */
export interface SessionParts<Data> {
	readonly socket: Socket<Data> | null;
	readonly driver: Driver<Data>;
	readonly connection: WebSocketConnection;
	readonly delivery: MessageDelivery<Data> | null;
	readonly outgoing: OutgoingStreams | null;
	readonly subscriptions: ReadonlySet<string>;
	readonly wantsDrain: boolean;
	/** This endpoint has failed the connection. */
	readonly hasFailed: boolean;
}

/** What a session of another process has left, besides its connection. */
export interface AdoptedState {
	readonly subscriptions: readonly string[];
	readonly wantsDrain: boolean;
	readonly isClosing: boolean;
	/** Messages that were received and not delivered. */
	readonly queue: readonly (string | Uint8Array<ArrayBuffer>)[];
}

/** The subscribers for which this turn has dropped a message. A field for it would cost each idle connection memory. */
const tellsOfDrop: Set<object> = new Set();

/** One WebSocket on one stream, in either role. It stands between the connection's events and the application. */
export class SocketSession<Data> implements ProtocolOwner<WebSocketEvent>, SocketLink, Subscriber, DeliveryOwner {
	readonly #driver: Driver<Data>;
	readonly #context: Context<Data>;
	readonly #connection: WebSocketConnection;
	#socket: Socket<Data> | null = null;
	/** `close()` was called, or this endpoint failed the connection. */
	isClosing: boolean = false;
	/** More than the high-water mark was waiting, and not all of it is taken yet. */
	#wantsDrain: boolean = false;
	/** The end that the `close` handler has not received yet. It is called once no other handler runs. */
	#untold: SessionEnd | null = null;
	// These are created when they are needed: few sockets need them, and an idle connection must stay small.
	#delivery: MessageDelivery<Data> | null = null;
	#outgoing: OutgoingStreams | null = null;
	#subscriptions: Set<string> | null = null;
	#promises: PendingPromises | null = null;
	#failures: Failures | null = null;

	/** The connection takes over the stream. */
	constructor(driver: Driver<Data>, connection: WebSocketConnection) {
		this.#driver = driver;
		this.#context = driver.context;
		this.#connection = connection;
		driver.drive(connection, this);
	}

	/** Gives the socket to the application, then the messages. */
	begin(data: Data): Socket<Data> {
		const socket = new Socket<Data>(this, data);
		this.#socket = socket;
		this.#context.sockets.add(socket);
		this.#driver.observe((connection) => ({ type: "upgraded", connection, socket }));
		const { handlers } = this.#context;
		if (handlers.open !== undefined) {
			try {
				const result = handlers.open(socket);
				if (isThenable(result) && !isSubscription(result)) this.#deliveries().waitFor(result, null);
			} catch (error) {
				this.handlerFailed(error);
			}
		}
		return socket;
	}

	// ── Moving to another process ──────────────────────────────────────────────────────────────────────────────

	/** What a move to another process needs. */
	get moving(): SessionParts<Data> {
		return {
			socket: this.#socket,
			driver: this.#driver,
			connection: this.#connection,
			delivery: this.#delivery,
			outgoing: this.#outgoing,
			subscriptions: this.#subscriptions ?? new Set(),
			wantsDrain: this.#wantsDrain,
			hasFailed: this.#failures?.hasFailed === true,
		};
	}

	/** Another process has the connection: nothing of it is left here but its promises, and they end. */
	handedOver(event: ClosedEvent, error: Error): void {
		this.#unlist();
		this.#delivery?.clear();
		this.#delivery?.end();
		this.#pending().endWaiting(error);
		this.#outgoing?.end();
		this.#pending().end({ closedEvent: event });
	}

	/** Continues a session of another process. Call `adopted` next. */
	adopt(data: Data, { subscriptions, wantsDrain, isClosing, queue }: AdoptedState): Socket<Data> {
		const socket = new Socket<Data>(this, data);
		this.#socket = socket;
		this.#context.sockets.add(socket);
		this.#wantsDrain = wantsDrain;
		for (const topic of subscriptions) this.subscribe(topic);
		this.isClosing = isClosing;
		if (queue.length > 0) this.#deliveries().refill(queue);
		return socket;
	}

	/** Calls the handler that stands in place of `open`. Messages wait for its promise. */
	adopted(socket: Socket<Data>, data: unknown): void {
		this.#driver.observe((connection) => ({ type: "upgraded", connection, socket }));
		try {
			const result = this.#context.handlers.adopted?.(socket, data);
			if (isThenable(result)) this.#deliveries().waitFor(result, null);
		} catch (error) {
			this.handlerFailed(error);
		}
		this.goOn();
	}

	/** The caller of `connect` has the socket now: deliver its events. */
	connected(): void {
		this.#context.isConnecting = false;
		this.#driver.pump();
		this.paused();
	}

	// ── Calls from the socket ──────────────────────────────────────────────────────────────────────────────────

	get speaks(): "websocket" {
		return "websocket";
	}

	get protocol(): string {
		return this.#connection.protocol;
	}

	get extensions(): readonly string[] {
		return this.#connection.extensions;
	}

	get server(): unknown {
		return this.#context.server;
	}

	get local(): Address {
		return this.#driver.stream.local;
	}

	get remote(): Address {
		return this.#driver.stream.remote;
	}

	get secure(): boolean {
		return this.#driver.stream.secure;
	}

	get readyState(): ReadyState {
		return this.#connection.readyState;
	}

	get bufferedAmount(): number {
		return this.#driver.bufferedAmount;
	}

	send(message: string | Uint8Array, plain: boolean): boolean {
		requireMessage(message);
		if (this.#connection.readyState !== "open") return false;
		if (typeof message === "string") this.#connection.sendText(message, plain);
		else this.#connection.sendBinary(message, plain);
		this.#driver.flushSoon();
		return this.#hasRoom();
	}

	sendStream(kind: MessageKind, source: MessageSource, options: SendStreamOptions): Promise<void> {
		this.#outgoing ??= new OutgoingStreams(this.#connection, this.#context.platform, this.#context.turn, {
			written: () => this.#driver.flushSoon(),
			failed: (error) => {
				if (!isEnd(error)) this.#report(error);
				this.#closeAtOnce(1011, "internal error");
			},
		});
		return this.#outgoing.send(kind, source, options);
	}

	sendBroadcast(broadcast: Broadcast, publication: Publication): boolean {
		const connection = this.#connection;
		if (connection.readyState !== "open" || publication.except?.has(this.#socket)) return false;
		try {
			const isFull = this.#wantsDrain && this.bufferedAmount > this.#context.highWaterMark;
			// Output that only waits for the end of the turn does not mean that the peer is slow.
			const isHeld = this.#driver.isCongested || connection.isSending;
			if (isFull || isHeld || connection.isHolding) {
				const action = sendToSlow(connection, broadcast, publication, isFull && isHeld);
				if (action === "disconnected") return this.#disconnect(publication.topic);
				if (action !== "sent") this.#tellSlow(publication.topic, action);
				if (action === "dropped") return false;
			} else {
				const frame = broadcast.frameFor(connection);
				if (frame === null) this.send(broadcast.own(), broadcast.plain);
				else connection.sendPrepared(frame);
			}
		} catch (error) {
			const isFull = error instanceof UsageError && error.code === "ERR_BUFFER_FULL";
			if (isFull && publication.slow === "drop") return this.#drop(publication.topic);
			// One receiver that can't take the message, for example because too much waits for it, must not keep the message from the
			// others. The error is reported later: a handler that publishes, or changes subscriptions, must not do so while this
			// message is being published.
			this.#context.platform.defer(() => this.#report(error));
			if (isFull) return this.#disconnect(publication.topic);
			this.terminate();
			return false;
		}
		this.#driver.flushSoon();
		this.#hasRoom();
		return true;
	}

	/** Closes a subscriber that is too slow. Output that is not framed yet is dropped, or the Close frame would come too late. */
	#disconnect(topic: string): false {
		this.#connection.closeAtOnce(SLOW_CONSUMER, "too slow", this.#driver.now(), true);
		this.isClosing = true;
		this.#driver.pumpLater();
		// This comes last, because the observer may publish.
		this.#driver.observe((connection) => ({ type: "slow-consumer", connection, topic, action: "disconnected" }));
		return false;
	}

	/**
	 * More was published in a turn than there is room for. This is reported for a subscriber that is not slow as well,
	 * because it has lost a message.
	 */
	#drop(topic: string): false {
		if (tellsOfDrop.has(this)) return false;
		tellsOfDrop.add(this);
		// Later, and once: the observer may publish.
		this.#context.platform.defer(() => {
			this.#driver.observe((connection) => ({ type: "slow-consumer", connection, topic, action: "dropped" }));
			tellsOfDrop.delete(this);
		});
		return false;
	}

	#tellSlow(topic: string, action: "dropped" | "replaced"): void {
		this.#driver.observeSlow((connection) => ({ type: "slow-consumer", connection, topic, action }));
	}

	whenDrained(): Promise<void> {
		if (this.#connection.readyState !== "open") return quiet(Promise.reject(new SocketClosedError()));
		if (!this.#wantsDrain) return Promise.resolve();
		return this.#pending().whenDrained();
	}

	ping(): Promise<number> {
		if (this.#connection.readyState !== "open") return quiet(Promise.reject(new SocketClosedError()));
		if (this.#isBehind) return quiet(Promise.reject(notRead()));
		const { pings } = this.#pending();
		if (pings.isFull) return quiet(Promise.reject(notAnswered()));
		const { payload, roundTrip } = pings.add(this.#driver.now());
		this.#connection.sendPing(payload);
		this.#driver.flushSoon();
		return roundTrip;
	}

	close(code?: number, reason?: string): void {
		if (this.#connection.readyState !== "open") return;
		this.#connection.close(code, reason, this.#driver.now());
		this.isClosing = true;
		this.#driver.pumpLater();
	}

	// If a handler runs, its answer leaves before the Close frame. A loop that waits for a message has no answer to send, and the
	// handler that runs it waits for the end.
	shutDown(code: number, reason: string): void {
		if (this.#delivery?.isBusy && !this.#delivery.isAwaited) this.#delivery.shutDown = { code, reason };
		else this.close(code, reason);
	}

	terminate(): void {
		this.#cut(null);
	}

	stalled(): void {
		this.#cut("stalled-timeout");
	}

	#cut(failure: "stalled-timeout" | null): void {
		this.#delivery?.clear();
		this.#connection.terminate(this.#driver.now(), failure);
		this.#driver.pumpLater();
	}

	get signal(): AbortSignal {
		return this.#pending().signal;
	}

	whenClosed(): Promise<ClosedEvent> {
		return this.#pending().closed;
	}

	subscribe(topic: string): Promise<void> {
		if (this.#connection.readyState !== "open") return SUBSCRIBED;
		this.#subscriptions ??= new Set();
		this.#subscriptions.add(topic);
		return this.#context.topics.subscribe(topic, this);
	}

	unsubscribe(topic: string): void {
		this.#subscriptions?.delete(topic);
		this.#context.topics.unsubscribe(topic, this);
	}

	nextMessage(): Promise<IteratorResult<Received, undefined>> {
		return this.#deliveries().next();
	}

	leaveLoop(): void {
		this.#deliveries().leaveLoop();
	}

	get held(): number {
		const delivery = this.#delivery;
		if (delivery === null) return 0;
		// A handler will take the messages that a stream that is gone has left. A loop may never continue, so they do not count.
		return this.#driver.isStreamGone && !delivery.hasWork ? 0 : delivery.held;
	}

	noRoom(why: "message-too-big" | "no-room"): void {
		// Messages that were read before the one that is too large are still delivered.
		if (why === "no-room") this.#delivery?.clear();
		this.#connection.fail(why, this.#driver.now());
		this.isClosing = true;
		this.#driver.pumpLater();
	}

	// ── Calls from the delivery of messages ────────────────────────────────────────────────────────────────────

	get isStreamGone(): boolean {
		return this.#driver.isStreamGone;
	}

	get hasEnded(): boolean {
		return this.#promises?.hasEnded === true;
	}

	handle(message: Received): void {
		if (this.#failures?.hasFailed) return this.#delivery?.handled(message);
		if (!(message instanceof IncomingParts)) this.#context.platform.messageGiven?.(message.length);
		try {
			// The cast is safe: the options decide which kind of message there is, and their type matches.
			const handlers = this.#context.handlers as { message(socket: Socket<Data> | null, message: Received): unknown };
			const result = handlers.message(this.#socket, message);
			if (isThenable(result) && !isSubscription(result)) this.#deliveries().waitFor(result, message);
			else this.#delivery?.handled(message);
		} catch (error) {
			this.handlerFailed(error);
			this.#delivery?.handled(message);
		}
	}

	// RFC 6455 §7.4.1, 1011: "it encountered an unexpected condition that prevented it from fulfilling the request".
	handlerFailed(error: unknown): void {
		// A handler may throw any value, including null and undefined.
		const ofPeer = this.#failures?.ofPeer ?? null;
		if (isEnd(error) || (ofPeer !== null && error === ofPeer)) return;
		this.#report(error);
		this.#closeAtOnce(1011, "internal error");
	}

	goOn(): void {
		this.#delivery?.deliverWaiting();
		this.#tellOfEnd();
		this.#driver.pump();
	}

	pump(): void {
		this.#driver.pump();
	}

	pumpLater(): void {
		this.#driver.pumpLater();
	}

	tooBig(): Error {
		const failure = frameFailure("message-too-big");
		const error = new ConnectionError(failure);
		this.#known().ofPeer = error;
		this.#observeFailed(failure);
		this.#closeAtOnce(failure.code, failure.message);
		return error;
	}

	// ── Calls from the connection ──────────────────────────────────────────────────────────────────────────────

	wantsEvent(): boolean {
		return this.#hasRoomToRead && !this.#context.isConnecting;
	}

	get isHeldBack(): boolean {
		return this.#connection.isHeldBack;
	}

	paused(): void {
		if (this.#isBehind) this.#promises?.pings.end(notRead());
	}

	dispatch(event: WebSocketEvent): void {
		switch (event.type) {
			case "text":
				return this.#deliver(event.text);
			case "binary":
				// The cast is safe: no runtime receives into shared memory. The type of a chunk does not express that.
				return this.#deliver(event.bytes as Uint8Array<ArrayBuffer>);
			case "part":
				this.#context.turn.spend(event.bytes.length);
				return this.#deliveries().deliverPart(event.kind, event.bytes, event.first, event.last);
			case "limited":
				return this.#limited(event.limit);
			case "pong":
				return this.#promises?.pings.answered(event.payload, this.#driver.now());
			case "failed":
				return this.#observeFailed(event.failure);
			case "closed":
				return this.#end(event);
		}
	}

	outputDrained(): void {
		this.#outgoing?.drained();
		// Messages may still wait behind one that is sent as a stream.
		if (!this.#wantsDrain || this.#connection.bufferedAmount > 0) return;
		// The rest was dropped, not sent: `streamGone` ends the waiting.
		if (this.#connection.streamAction === "destroy") return;
		this.#wantsDrain = false;
		this.#promises?.drain();
		const { handlers } = this.#context;
		const socket = this.#socket;
		if (handlers.drain === undefined || socket === null || this.#connection.readyState !== "open") return;
		guard(
			() => handlers.drain?.(socket),
			(error) => this.handlerFailed(error),
		);
	}

	// Without this, a handler that waits for a pong or for room would wait forever, and `closed` would wait for the handler.
	streamGone(): void {
		this.#endWaiting();
		// Messages that came before may keep the handlers busy for long, but the peer can't be reached any more.
		this.#unlist();
	}

	#limited(limit: LimitName): void {
		this.#driver.observe((connection) => ({ type: "limit", limit, connection }));
	}

	/** The connection has ended, and the session ends with it. */
	#end(event: Closed): void {
		this.#unlist();
		this.#context.drain?.ended(this.#driver, event.wasClean);
		const end = new SessionEnd(event, this.#driver.lost, this.#failures?.ofPeer ?? null);
		this.#delivery?.end();
		this.#endWaiting();
		this.#pending().end(end);
		// No input and no timer of the connection has reported this failure.
		if (event.failure?.kind === "stalled-timeout") this.#observeFailed(event.failure);
		this.#driver.observe((connection) => {
			const { closedEvent } = end;
			return { type: "closed", connection, event: closedEvent, failure: closedEvent.error?.kind ?? null };
		});
		this.#untold = end;
		this.#delivery?.deliverWaiting();
		this.#tellOfEnd();
	}

	#observeFailed({ kind, message }: ConnectionFailure): void {
		this.#driver.observe((connection) => ({ type: "failed", connection, kind, message }));
	}

	/** Calls the `close` handler once the connection has ended, no handler runs, and no message waits for a handler. */
	#tellOfEnd(): void {
		const end = this.#untold;
		const socket = this.#socket;
		if (end === null || this.#delivery?.hasWork || socket === null) return;
		this.#untold = null;
		const { handlers } = this.#context;
		if (handlers.close === undefined) return;
		guard(
			() => handlers.close?.(socket, end.closedEvent),
			(error) => this.#context.report(error, socket),
		);
	}

	/** Removes the socket from the open sockets of the endpoint. */
	#unlist(): void {
		const { sockets, topics } = this.#context;
		for (const topic of this.#subscriptions ?? []) topics.unsubscribe(topic, this);
		this.#subscriptions = null;
		if (this.#socket !== null) sockets.delete(this.#socket);
	}

	#endWaiting(): void {
		this.#pending().endWaiting();
		this.#outgoing?.end();
	}

	/** Until a message has to wait, each message goes to the handler directly. */
	#deliver(message: string | Uint8Array<ArrayBuffer>): void {
		this.#context.turn.spend(message.length);
		const { handlers, platform } = this.#context;
		// A loop takes the messages itself.
		if (handlers.message === undefined) platform.messageGiven?.(message.length);
		if (this.#delivery === null && handlers.message !== undefined) this.handle(message);
		else this.#deliveries().deliver(message);
	}

	#deliveries(): MessageDelivery<Data> {
		this.#delivery ??= new MessageDelivery(this.#context, this);
		return this.#delivery;
	}

	broke(error: unknown): void {
		this.#report(error);
	}

	/** Reports a failure to the application. */
	#report(error: unknown): void {
		if (this.#known().isNews(error)) this.#context.report(error, this.#socket);
	}

	#closeAtOnce(code: number, reason: string): void {
		this.#known().hasFailed = true;
		this.#connection.closeAtOnce(code, reason, this.#driver.now());
		this.isClosing = true;
		this.#driver.pumpLater();
	}

	#pending(): PendingPromises {
		this.#promises ??= new PendingPromises();
		return this.#promises;
	}

	#known(): Failures {
		this.#failures ??= new Failures();
		return this.#failures;
	}

	get #hasRoomToRead(): boolean {
		// After close(), messages that have no room are dropped, so that the peer's Close frame is read. Once the stream is gone,
		// no more input can come.
		return this.#delivery === null || this.#delivery.hasRoom || this.isClosing || this.#driver.isStreamGone;
	}

	/** Pongs and the Close frame are behind more messages than are read ahead. */
	get #isBehind(): boolean {
		return this.#connection.unread > 0 && !this.#hasRoomToRead;
	}

	#hasRoom(): boolean {
		if (this.bufferedAmount <= this.#context.highWaterMark) return true;
		this.#wantsDrain = true;
		return false;
	}
}

function notAnswered(): UsageError {
	return new UsageError(
		"ERR_NOT_ANSWERED",
		"100 pings wait for their pongs: ping less often, or terminate() a peer that does not answer",
	);
}

function notRead(): UsageError {
	return new UsageError(
		"ERR_NOT_READ",
		"the pong can't be seen: too many messages before it wait for your code. Read them, and don't await ping() where messages wait for it",
	);
}

/** Whether the error only says that a socket, this one or another, is closed: that is a normal end. */
function isEnd(error: unknown): boolean {
	return error instanceof SocketClosedError || (error instanceof UsageError && error.code === "ERR_SOCKET_CLOSING");
}
