import type { Closed, ReadyState } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import type { MessageKind } from "@barewire/framing";
import type { ConnectionError } from "./errors.ts";
import type { IncomingParts } from "./incoming-message.ts";
import { type Checks, checkOptions, flag } from "./options.ts";
import type { Server } from "./server.ts";
import { SocketStreams } from "./socket-streams.ts";
import type { MessageSource } from "./source-reader.ts";
import type { Address } from "./stream.ts";
import { requireTopic } from "./topics.ts";

/** What is received: whole messages, or with the option `receive: "parts"` messages that come in parts. */
export type Received = string | Uint8Array<ArrayBuffer> | IncomingParts;

/** How a WebSocket connection ended. */
export interface ClosedEvent {
	/** The code of the peer's Close frame; 1005 when it had none, 1006 when none came (RFC 6455 §7.1.5). */
	readonly code: number;
	/** The reason in the peer's Close frame. */
	readonly reason: string;
	/** Whether both Close frames were exchanged. */
	readonly wasClean: boolean;
	/** Who began to end it. `stream`: nobody, the stream ended or was reset under it. */
	readonly by: Closed["by"];
	/** How far the connection had come; `closed`: the closing handshake was completed. */
	readonly stage: Closed["stage"];
	/** Bytes of messages that were sent here and had not been handed to the system at the end; 0: all had. */
	readonly unsent: number;
	/** What went wrong, when something did. */
	readonly error?: ConnectionError;
}

/** How one message is sent. */
export interface SendOptions {
	/** false: the message is not compressed, whatever the connection agreed on. Default true. */
	readonly compress?: boolean | undefined;
}

/** How a message is sent as a stream. */
export interface SendStreamOptions extends SendOptions {
	/** Milliseconds that the source may take for its next piece. Default 60,000. After that the connection fails with 1011. */
	readonly idle?: number | undefined;
}

const SEND_CHECKS: Checks = { compress: flag };

/** What a socket asks of the session behind it. */
export interface SocketLink {
	/** null: a client's. The socket knows the type of its data. */
	readonly server: unknown;
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	readonly protocol: string;
	readonly extensions: readonly string[];
	readonly readyState: ReadyState;
	readonly bufferedAmount: number;
	send(message: string | Uint8Array, plain: boolean): boolean;
	sendStream(kind: MessageKind, source: MessageSource, options: SendStreamOptions): Promise<void>;
	whenDrained(): Promise<void>;
	whenClosed(): Promise<ClosedEvent>;
	ping(): Promise<number>;
	close(code: number | undefined, reason: string | undefined): void;
	terminate(): void;
	subscribe(topic: string): void;
	unsubscribe(topic: string): void;
	nextMessage(): Promise<IteratorResult<Received, undefined>>;
	/** The loop is left before the end. */
	leaveLoop(): void;
	readonly signal: AbortSignal;
}

/**
 * One WebSocket connection, on the server or on the client. `Message` is what it gives: whole messages, or `IncomingMessage`
 * with the option `receive: "parts"`.
 */
export class Socket<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> implements AsyncIterable<Message> {
	/** What `accept({ data })`, or the option `data` of `connect`, attached to this connection; yours to change. */
	data: Data;
	readonly #link: SocketLink;
	#streams: SocketStreams | null = null;

	/** Sockets come from `serve` and `connect`. */
	constructor(link: SocketLink, data: Data) {
		this.#link = link;
		this.data = data;
	}

	/** The server that the socket belongs to. Throws a `UsageError` (ERR_NO_SERVER) for a socket of `connect`. */
	get server(): Server<Data, Message> {
		const { server } = this.#link;
		if (server !== null) return server as Server<Data, Message>;
		throw new UsageError(
			"ERR_NO_SERVER",
			"a socket of `connect` belongs to no server and has no topics: ask the server at the other end by a message",
		);
	}

	/** This end's address. */
	get local(): Address {
		return this.#link.local;
	}

	/** The peer's address: of the nearest proxy, where there is one. */
	get remote(): Address {
		return this.#link.remote;
	}

	/** Whether the connection runs over TLS on this hop. */
	get secure(): boolean {
		return this.#link.secure;
	}

	/** The subprotocol that was agreed on, or "". */
	get protocol(): string {
		return this.#link.protocol;
	}

	/** The names of the extensions that were agreed on. */
	get extensions(): readonly string[] {
		return this.#link.extensions;
	}

	/** `open`, then `closing` from the first Close frame on, then `closed`. */
	get readyState(): ReadyState {
		return this.#link.readyState;
	}

	/** Bytes that were sent here and that the system has not taken yet. */
	get bufferedAmount(): number {
		return this.#link.bufferedAmount;
	}

	/**
	 * Sends a text or binary message. A `Uint8Array` may not be copied: leave it alone until
	 * `bufferedAmount` is 0.
	 * false: more than the high-water mark is waiting (wait for `drained()` before sending more), or the socket is closing
	 * and the message was dropped.
	 * Throws a `UsageError` (ERR_MESSAGE_TYPE, ERR_TRANSFERRED, ERR_BUFFER_FULL, ERR_OPTION).
	 */
	send(message: string | Uint8Array, options?: SendOptions): boolean {
		if (options !== undefined) checkOptions(options, SEND_CHECKS);
		return this.#link.send(message, options?.compress === false);
	}

	/**
	 * Sends one message as a stream: what the source yields leaves in fragments, as fast as the peer takes it. Messages that are
	 * sent meanwhile wait for its end, in their order; so does `close()`, until its deadline. Don't change a `Uint8Array` that the
	 * source has yielded.
	 *
	 * Resolves when the whole message has been written. Rejects with a `UsageError` (ERR_SOCKET_CLOSING, ERR_SOURCE) before anything is sent;
	 * with what the source throws, or a `SourceIdleError` when it yields nothing for `idle` milliseconds: the `error` handler is
	 * told and the connection fails with 1011, as a message that has begun can't be taken back; with a `SocketClosedError` when the socket ends before.
	 */
	sendStream(kind: MessageKind, source: MessageSource, options: SendStreamOptions = {}): Promise<void> {
		return this.#link.sendStream(kind, source, options);
	}

	/**
	 * The messages as a stream, when there is no `message` handler: each message is a chunk. With `receive: "parts"` each part is.
	 * It ends with a clean close and fails with any other. Cancelling it closes the socket, with 1011 where the reason is an error.
	 */
	get readable(): ReadableStream<string | Uint8Array<ArrayBuffer>> {
		this.#streams ??= new SocketStreams(this.#link);
		return this.#streams.readable;
	}

	/**
	 * A stream that sends each chunk as a message and waits for the peer to take it. Closing it closes the socket; aborting it,
	 * or a chunk that is no message, closes the socket with 1011.
	 */
	get writable(): WritableStream<string | Uint8Array> {
		this.#streams ??= new SocketStreams(this.#link);
		return this.#streams.writable;
	}

	/** Resolves when it is time to send more: at once, unless `send` returned false. Rejects with a `SocketClosedError` if the socket closes. */
	drained(): Promise<void> {
		return this.#link.whenDrained();
	}

	/** Aborted when the connection has ended: give it to what your handlers wait for. Its reason is a `SocketClosedError`. */
	get signal(): AbortSignal {
		return this.#link.signal;
	}

	/**
	 * Sends a ping and resolves to the milliseconds until its pong. Rejects with a `SocketClosedError`; or with a `UsageError`
	 * (ERR_NOT_READ) when more than 64 KiB of messages wait for your code: the pong is behind them; or (ERR_NOT_ANSWERED) when
	 * 100 pings have no pong yet. You need not await it.
	 */
	ping(): Promise<number> {
		return this.#link.ping();
	}

	/**
	 * Begins the closing handshake (RFC 6455 §7.1.2). A second call does nothing.
	 * Throws a `UsageError` for a code that may not be sent or a reason of more than 123 bytes.
	 */
	close(code?: number, reason?: string): void {
		this.#link.close(code, reason);
	}

	/** How the connection ended. Never rejects. */
	get closed(): Promise<ClosedEvent> {
		return this.#link.whenClosed();
	}

	/** Drops the connection at once: the peer sees no Close frame. */
	terminate(): void {
		this.#link.terminate();
	}

	/**
	 * Receives what `server.publish()` sends to the topic from now on. Throws a `UsageError`: ERR_NO_SERVER for a socket of `connect`,
	 * ERR_OPTION for a topic that is no string.
	 */
	subscribe(topic: string): void {
		void this.server;
		requireTopic(topic);
		this.#link.subscribe(topic);
	}

	/** Receives no more of the topic. Throws as `subscribe` does. */
	unsubscribe(topic: string): void {
		void this.server;
		requireTopic(topic);
		this.#link.unsubscribe(topic);
	}

	/**
	 * The messages, when there is no `message` handler. The loop's own pace is the back-pressure: 64 KiB are read ahead of it, and
	 * then the peer is slowed down. It ends when the connection has ended; `closed` tells how.
	 *
	 * Leaving the loop leaves the socket open, and another loop may go on. While there is no loop, 64 KiB are kept for it. When more comes and no loop
	 * begins within 2 seconds, all messages are discarded, so that the peer's Close is seen; a loop that begins then throws a `UsageError` (ERR_MESSAGES_DISCARDED).
	 */
	[Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
		// The options say which messages there are: their type and this one agree.
		return {
			next: () => this.#link.nextMessage() as Promise<IteratorResult<Message, undefined>>,
			return: async () => {
				this.#link.leaveLoop();
				return { done: true, value: undefined };
			},
		};
	}
}
