import type { Closed, ReadyState, WebSocketEvent } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import type { Broadcast } from "./broadcast.ts";
import { guard, isThenable, type Subscriber } from "./context.ts";
import { Driver } from "./driver.ts";
import { ConnectionError, SocketClosedError } from "./errors.ts";
import { requireMessage } from "./message-check.ts";
import { MessageQueue } from "./message-queue.ts";
import { PendingPings } from "./pending-pings.ts";
import { type ClosedEvent, Socket, type SocketLink } from "./socket.ts";
import type { Address } from "./stream.ts";

/** The WebSocket part of a connection's life, for both roles: between the connection's events and the application. */
export abstract class Session<Event extends { readonly type: string }, Data>
	extends Driver<Event | WebSocketEvent, Data>
	implements SocketLink, Subscriber
{
	protocol: string = "";
	extensions: readonly string[] = NO_EXTENSIONS;
	/** The application's socket, from the switch on. */
	socket: Socket<Data> | null = null;
	/** A handler's promise is pending: messages wait for it, and nothing but messages. */
	private busy: boolean = false;
	/** The message that waits. While there is one no further events are asked for. */
	private held: string | Uint8Array | null = null;
	private closing: boolean = false;
	/** A handler has failed: the application gets no more messages, so that it is told of one failure once. */
	private faulty: boolean = false;
	private wantsDrain: boolean = false;
	// What few sockets need is made when it is needed: an idle connection holds none of it.
	private queue: MessageQueue | null = null;
	private pings: PendingPings | null = null;
	private subscriptions: Set<string> | null = null;
	private drainWaiters: { resolve(): void; reject(error: Error): void }[] | null = null;
	private closedPromise: Promise<ClosedEvent> | null = null;
	private resolveClosed: ((event: ClosedEvent) => void) | null = null;
	private closedEvent: ClosedEvent | null = null;

	// ── What a socket asks ─────────────────────────────────────────────────────────────────────────────────────

	get local(): Address {
		return this.stream.local;
	}

	get remote(): Address {
		return this.stream.remote;
	}

	get secure(): boolean {
		return this.stream.secure;
	}

	get readyState(): ReadyState {
		return this.connection.readyState;
	}

	get bufferedAmount(): number {
		return this.waiting + (this.streamClosed ? 0 : this.stream.bufferedAmount);
	}

	send(message: string | Uint8Array, plain: boolean): boolean {
		requireMessage(message);
		if (this.connection.readyState !== "open") return false;
		if (typeof message === "string") this.connection.sendText(message, plain);
		else this.connection.sendBinary(message, plain);
		this.flushSoon();
		return this.hasRoom();
	}

	sendBroadcast(broadcast: Broadcast): void {
		if (this.connection.readyState !== "open") return;
		const frame = broadcast.frameFor(this.connection, this.extensions.length === 0);
		if (frame === null) return void this.send(broadcast.message, broadcast.plain);
		this.connection.sendPrepared(frame);
		this.flushSoon();
		this.hasRoom();
	}

	whenDrained(): Promise<void> {
		if (this.connection.readyState !== "open") return Promise.reject(new SocketClosedError());
		if (!this.wantsDrain) return Promise.resolve();
		return new Promise((resolve, reject) => {
			this.drainWaiters ??= [];
			this.drainWaiters.push({ resolve, reject });
		});
	}

	ping(): Promise<number> {
		if (this.connection.readyState !== "open") return Promise.reject(new SocketClosedError());
		this.pings ??= new PendingPings();
		const { payload, roundTrip } = this.pings.add(this.context.platform.now());
		this.connection.sendPing(payload);
		this.flushSoon();
		return roundTrip;
	}

	close(code?: number, reason?: string): void {
		if (this.connection.readyState !== "open") return;
		this.connection.close(code, reason, this.context.platform.now());
		this.closing = true;
		this.pumpLater();
	}

	terminate(): void {
		this.connection.terminate(this.context.platform.now());
		this.pumpLater();
	}

	whenClosed(): Promise<ClosedEvent> {
		if (this.closedEvent !== null) return Promise.resolve(this.closedEvent);
		this.closedPromise ??= new Promise((resolve) => {
			this.resolveClosed = resolve;
		});
		return this.closedPromise;
	}

	subscribe(topic: string): void {
		if (this.connection.readyState !== "open") return;
		this.subscriptions ??= new Set();
		this.subscriptions.add(topic);
		this.context.topics.subscribe(topic, this);
	}

	unsubscribe(topic: string): void {
		this.subscriptions?.delete(topic);
		this.context.topics.unsubscribe(topic, this);
	}

	nextMessage(): Promise<IteratorResult<string | Uint8Array, undefined>> {
		if (this.context.handlers.message !== undefined)
			return Promise.reject(
				new UsageError("ERR_MESSAGE_HANDLER", "this socket has a `message` handler: leave it out to use `for await`"),
			);
		this.queue ??= new MessageQueue();
		if (this.closedEvent !== null) this.queue.end();
		const message = this.queue.take();
		this.pumpLater();
		return message;
	}

	// ── What the connection tells ──────────────────────────────────────────────────────────────────────────────

	/** The connection has switched: the application gets its socket, then the messages. */
	protected begin(data: Data, protocol: string, extensions: readonly string[]): Socket<Data> {
		this.protocol = protocol;
		if (extensions.length > 0) this.extensions = extensions;
		this.socket = new Socket<Data>(this, data);
		const { handlers } = this.context;
		if (handlers.open !== undefined) {
			try {
				this.waitFor(handlers.open(this.socket));
			} catch (error) {
				this.handlerFailed(error);
			}
		}
		return this.socket;
	}

	protected override wantsEvent(): boolean {
		// After close() what has no room is dropped, so that the peer's Close is seen.
		if (this.closing) return true;
		if (this.context.handlers.message !== undefined) return this.held === null;
		// Once the stream is gone nothing more can pile up.
		return this.queue === null || this.queue.hasRoom || this.streamClosed;
	}

	protected dispatchFrames(event: WebSocketEvent): void {
		switch (event.type) {
			case "text":
				return this.deliver(event.text);
			case "binary":
				return this.deliver(event.bytes);
			case "pong":
				return this.pings?.answered(event.payload, this.context.platform.now());
			case "closed":
				return this.end(event);
		}
	}

	protected override outputDrained(): void {
		if (!this.wantsDrain) return;
		this.wantsDrain = false;
		const waiters = this.drainWaiters;
		this.drainWaiters = null;
		if (waiters !== null) for (const waiter of waiters) waiter.resolve();
		const { handlers } = this.context;
		const { socket } = this;
		if (handlers.drain === undefined || socket === null || this.connection.readyState !== "open") return;
		guard(
			() => handlers.drain?.(socket),
			(error) => this.handlerFailed(error),
		);
	}

	// A handler that waits for a pong or for room would otherwise wait for ever, and `closed` for the handler.
	protected override streamGone(): void {
		this.endWaiting();
	}

	/** The connection has ended, and with it the session. */
	protected end(event: Closed): void {
		for (const topic of this.subscriptions ?? []) this.context.topics.unsubscribe(topic, this);
		this.subscriptions = null;
		const { code, reason, wasClean, by, stage, failure } = event;
		const ended = { code, reason, wasClean, by, stage };
		this.closedEvent = failure === null ? ended : { ...ended, error: new ConnectionError(failure) };
		this.queue?.end();
		this.endWaiting();
		this.resolveClosed?.(this.closedEvent);
		const { handlers } = this.context;
		const { socket, closedEvent } = this;
		if (handlers.close === undefined || socket === null) return;
		guard(
			() => handlers.close?.(socket, closedEvent),
			(error) => this.context.report(error, socket),
		);
	}

	/** Goes on pumping once the present turn is over: a caller of the socket never runs other handlers inside its call. */
	private pumpLater(): void {
		this.context.platform.defer(() => this.pump());
	}

	private endWaiting(): void {
		this.pings?.end();
		const waiters = this.drainWaiters;
		this.drainWaiters = null;
		for (const waiter of waiters ?? []) waiter.reject(new SocketClosedError());
	}

	private deliver(message: string | Uint8Array): void {
		if (this.faulty) return;
		const { handlers } = this.context;
		if (handlers.message === undefined || this.socket === null) {
			this.queue ??= new MessageQueue();
			if (!this.closing || this.queue.hasRoom) this.queue.push(message);
			return;
		}
		if (this.busy) {
			this.held ??= message;
			return;
		}
		try {
			const result = handlers.message(this.socket, message);
			if (result !== undefined) this.waitFor(result);
		} catch (error) {
			this.handlerFailed(error);
		}
	}

	private waitFor(result: void | Promise<void>): void {
		if (!isThenable(result)) return;
		this.busy = true;
		Promise.resolve(result)
			.catch((error: unknown) => this.handlerFailed(error))
			.then(() => {
				this.busy = false;
				const message = this.held;
				this.held = null;
				if (message !== null) this.deliver(message);
				this.pump();
			});
	}

	// RFC 6455 §7.4.1, 1011: "it encountered an unexpected condition that prevented it from fulfilling the request".
	private handlerFailed(error: unknown): void {
		// A handler that waited for the socket, and the socket has closed: an end like any other.
		if (error instanceof SocketClosedError) return;
		this.faulty = true;
		this.context.report(error, this.socket);
		this.close(1011, "internal error");
	}

	private hasRoom(): boolean {
		if (this.bufferedAmount <= this.context.highWaterMark) return true;
		this.wantsDrain = true;
		return false;
	}
}

const NO_EXTENSIONS: readonly string[] = [];
