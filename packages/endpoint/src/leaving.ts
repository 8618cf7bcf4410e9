import type { WebSocketConnection, WebSocketEvent } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import type { Broadcast } from "./broadcast.ts";
import { type Context, guard, type Subscriber } from "./context.ts";
import type { Driver, ProtocolOwner } from "./driver.ts";
import type { MessageDelivery } from "./message-delivery.ts";
import { MOVED_VERSION, type MovableStream, type MovedSocket } from "./moved-socket.ts";
import type { Publication } from "./publish.ts";
import { quiet } from "./quiet.ts";
import { type ClosedEvent, linkOf, relink, type Socket, type SocketLink } from "./socket.ts";
import { SocketSession } from "./socket-session.ts";

/** What another process needs in addition to a `MovedSocket` when it begins: known once this process has released the socket. */
export interface HandedOver {
	/** Output that the system has not taken. */
	readonly unsent: Uint8Array;
	/** What was published to the socket's topics since the snapshot. */
	readonly published: readonly (string | Uint8Array)[];
}

const EVENT: ClosedEvent = { code: 1006, reason: "", wasClean: false, by: "handover", stage: "open", unsent: 0 };

function movedAway(): UsageError {
	return new UsageError(
		"ERR_HANDED_OVER",
		"this socket was handed to another process: use it there, and leave it alone here once handOver() was called",
	);
}

/**
 * One socket on its way to another process. In the order of the calls: `rest`, `snapshot`, and then `commit` or `abandon`.
 * After `abandon`, or if the connection ends before `commit`, the socket goes on here as if nothing had happened.
 */
export class Leaving implements ProtocolOwner<unknown>, Subscriber {
	readonly stream: MovableStream;
	/** Aborted when the connection ends before `commit`, or when it is ended here. */
	readonly ended: AbortSignal;
	readonly #socket: Socket<unknown>;
	readonly #session: SocketSession<unknown>;
	readonly #driver: Driver<unknown>;
	readonly #context: Context<unknown>;
	readonly #connection: WebSocketConnection;
	readonly #end: AbortController = new AbortController();
	readonly #delivery: MessageDelivery<unknown> | null;
	readonly #published: (string | Uint8Array)[] = [];
	#subscriptions: readonly string[] = [];
	#unsent: Uint8Array | null = null;
	#phase: "resting" | "halted" | "over" = "resting";
	#shutDown: (() => void) | null = null;
	#changed: (() => void) | null = null;

	/**
	 * From now on no further message is delivered.
	 *
	 * @throws UsageError `ERR_HANDED_OVER`, `ERR_SOCKET_CLOSING` (the connection has ended), `ERR_NO_SERVER`, `ERR_NOT_MOVABLE`
	 */
	constructor(socket: Socket<never, never>) {
		const session: unknown = linkOf(socket);
		if (!(session instanceof SocketSession)) throw movedAway();
		const parts = session.moving;
		const { driver, connection, delivery } = parts;
		if (connection.readyState === "closed" || driver.isStreamGone || parts.hasFailed)
			throw new UsageError("ERR_SOCKET_CLOSING", "the socket has ended: look at readyState before handOver()");
		if (driver.context.server === null)
			throw new UsageError("ERR_NO_SERVER", "a socket of `connect` can't be handed over: only those of a server can");
		const { stream } = driver;
		if (stream.secure || !("release" in stream))
			throw new UsageError(
				"ERR_NOT_MOVABLE",
				stream.secure
					? "a TLS connection can't be handed over, because its keys can't leave the process: end TLS in a proxy in front of the workers"
					: "this socket is not one of node:net, and can't be handed over: serve with @barewire/transport-node",
			);
		this.ended = this.#end.signal;
		this.stream = stream as MovableStream;
		this.#socket = socket as unknown as Socket<unknown>;
		this.#session = session;
		this.#driver = driver;
		this.#context = driver.context;
		this.#connection = connection;
		this.#delivery = delivery;
		driver.interpose(this);
		delivery?.hold(() => this.#changed?.());
	}

	/** Resolves when the application has no message in its hands and no message is being sent as a stream. Rejects with `ended`. */
	async rest(): Promise<void> {
		this.ended.addEventListener("abort", () => this.#changed?.());
		for (;;) {
			this.ended.throwIfAborted();
			const { delivery, outgoing } = this.#session.moving;
			// The first message that has to wait creates the delivery.
			if (delivery !== this.#delivery) delivery?.hold(() => this.#changed?.());
			const isSending = this.#connection.awaitsFragments;
			if (!isSending && (delivery === null || delivery.isResting)) return;
			await new Promise<void>((resolve) => {
				this.#changed = resolve;
				if (isSending) outgoing?.finished.then(resolve);
			});
		}
	}

	/**
	 * The state of the socket, whose methods throw from now on. Nothing more is read, and nothing is given to the stream.
	 *
	 * @throws UsageError `ERR_SNAPSHOT_UNAVAILABLE`, `ERR_TRANSFERRED`: call `abandon` then
	 */
	snapshot(): MovedSocket {
		const connection = this.#connection;
		this.stream.stopReading();
		const { delivery, subscriptions, wantsDrain } = this.#session.moving;
		const snapshot = connection.snapshot(this.#driver.now());
		this.#phase = "halted";
		this.#unsent = this.#driver.halt();
		this.#subscriptions = [...subscriptions];
		for (const topic of this.#subscriptions) {
			// In this order, so that the topic is not left and entered again on a backplane.
			void this.#context.topics.subscribe(topic, this);
			this.#context.topics.unsubscribe(topic, this.#session);
		}
		relink(this.#socket as unknown as Socket<never, never>, new LeavingLink(this.#session, () => this.terminate()));
		const { local, remote } = this.stream;
		return {
			version: MOVED_VERSION,
			connection: snapshot,
			local,
			remote,
			subscriptions: this.#subscriptions,
			wantsDrain,
			isClosing: this.#session.isClosing,
			queue: (delivery?.waiting ?? []) as MovedSocket["queue"],
		};
	}

	/**
	 * Closes this process's copy of the socket, and ends what belongs to it here.
	 *
	 * @throws UsageError `ERR_TRANSFERRED`: call `abandon` then
	 */
	commit(): HandedOver {
		const unsent = joined(this.stream.release(), this.#unsent);
		this.#phase = "over";
		for (const topic of this.#subscriptions) this.#context.topics.unsubscribe(topic, this);
		this.#context.drain?.ended(this.#driver, true);
		this.#driver.leave();
		// Releases the compression contexts.
		this.#connection.receiveReset(this.#driver.now());
		while (this.#connection.nextEvent() !== null);
		this.#session.handedOver(EVENT, movedAway());
		this.#driver.observe((connection) => ({ type: "closed", connection, event: EVENT, failure: null }));
		const { handlers } = this.#context;
		const socket = this.#socket;
		this.#context.platform.defer(() =>
			guard(
				() => handlers.handedOver?.(socket),
				(error) => this.#context.report(error, socket),
			),
		);
		return { unsent, published: this.#published };
	}

	/** The socket goes on here. */
	abandon(): void {
		if (this.#phase === "over") return;
		this.#goOn();
		this.stream.startReading();
		for (const message of this.#published) this.#session.send(message, false);
		this.#shutDown?.();
		this.#driver.pumpLater();
	}

	#goOn(): void {
		const wasHalted = this.#phase === "halted";
		this.#phase = "over";
		if (wasHalted) {
			relink(this.#socket as unknown as Socket<never, never>, this.#session);
			for (const topic of this.#subscriptions) {
				void this.#context.topics.subscribe(topic, this.#session);
				this.#context.topics.unsubscribe(topic, this);
			}
			this.#driver.goOnWith(this.#connection, this.#session, this.#unsent);
		} else this.#driver.interpose(this.#session as ProtocolOwner<unknown>);
		this.#session.moving.delivery?.hold(null);
	}

	// ── In place of the session, for the driver ────────────────────────────────────────────────────────────────

	get speaks(): "websocket" {
		return "websocket";
	}

	get held(): number {
		return this.#session.held;
	}

	get isHeldBack(): boolean {
		return this.#session.isHeldBack;
	}

	// A message in parts that has begun is received to its end.
	wantsEvent(): boolean {
		return (
			this.#phase === "resting" && this.#session.moving.delivery?.isReceiving === true && this.#session.wantsEvent()
		);
	}

	dispatch(event: unknown): void {
		this.#session.dispatch(event as WebSocketEvent);
		this.#changed?.();
	}

	outputDrained(): void {
		if (this.#phase === "resting") this.#session.outputDrained();
	}

	streamGone(error: Error | null): void {
		const now = this.#driver.now();
		const wasHalted = this.#phase === "halted";
		this.#goOn();
		if (wasHalted) {
			if (error === null) this.#connection.receiveEnd(now);
			this.#connection.receiveReset(now);
		}
		this.#session.streamGone();
		this.#end.abort(new UsageError("ERR_SOCKET_CLOSING", "the connection has ended before it was handed over"));
	}

	shutDown(code: number, reason: string): void {
		if (this.#phase === "halted") this.#shutDown = () => this.#session.shutDown(code, reason);
		else this.#session.shutDown(code, reason);
	}

	terminate(): void {
		this.#stop();
		this.#session.terminate();
	}

	stalled(): void {
		this.#stop();
		this.#session.stalled();
	}

	noRoom(why: "message-too-big" | "no-room"): void {
		this.#stop();
		this.#session.noRoom(why);
	}

	broke(error: unknown): void {
		this.#session.broke(error);
	}

	/** The connection is ended here, so it does not leave. */
	#stop(): void {
		this.abandon();
		this.#end.abort(new UsageError("ERR_SOCKET_CLOSING", "the connection was ended here before it was handed over"));
	}

	// ── In place of the session, for its topics ────────────────────────────────────────────────────────────────

	// The snapshot is taken, so the message follows it.
	sendBroadcast(broadcast: Broadcast, publication: Publication): boolean {
		if (publication.except?.has(this.#socket)) return false;
		this.#published.push(broadcast.own());
		return true;
	}
}

/** The link of a socket from its snapshot on. */
class LeavingLink implements SocketLink {
	readonly #session: SocketSession<unknown>;
	readonly #terminate: () => void;

	constructor(session: SocketSession<unknown>, terminate: () => void) {
		this.#session = session;
		this.#terminate = terminate;
	}

	get server(): unknown {
		return this.#session.server;
	}
	get local(): SocketLink["local"] {
		return this.#session.local;
	}
	get remote(): SocketLink["remote"] {
		return this.#session.remote;
	}
	get secure(): boolean {
		return this.#session.secure;
	}
	get protocol(): string {
		return this.#session.protocol;
	}
	get extensions(): readonly string[] {
		return this.#session.extensions;
	}
	get readyState(): SocketLink["readyState"] {
		return this.#session.readyState;
	}
	get bufferedAmount(): number {
		return this.#session.bufferedAmount;
	}
	get signal(): AbortSignal {
		return this.#session.signal;
	}
	send(): never {
		throw movedAway();
	}
	sendStream(): Promise<never> {
		return quiet(Promise.reject(movedAway()));
	}
	whenDrained(): Promise<never> {
		return quiet(Promise.reject(movedAway()));
	}
	ping(): Promise<never> {
		return quiet(Promise.reject(movedAway()));
	}
	subscribe(): never {
		throw movedAway();
	}
	unsubscribe(): never {
		throw movedAway();
	}
	close(): never {
		throw movedAway();
	}
	whenClosed(): Promise<ClosedEvent> {
		return this.#session.whenClosed();
	}
	terminate(): void {
		this.#terminate();
	}
	nextMessage(): ReturnType<SocketLink["nextMessage"]> {
		return this.#session.nextMessage();
	}
	leaveLoop(): void {
		this.#session.leaveLoop();
	}
}

function joined(first: Uint8Array, second: Uint8Array | null): Uint8Array {
	if (second === null) return first;
	const whole = new Uint8Array(first.length + second.length);
	whole.set(first);
	whole.set(second, first.length);
	return whole;
}
