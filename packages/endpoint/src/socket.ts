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

/** A received message: whole, or with the option `receive: "parts"` in parts. */
export type Received = string | Uint8Array<ArrayBuffer> | IncomingParts;

/** How a WebSocket connection ended. */
export interface ClosedEvent {
	/** The code of the peer's Close frame; 1005 when it had none, 1006 when none came (RFC 6455 §7.1.5). */
	readonly code: number;
	/** The reason in the peer's Close frame. */
	readonly reason: string;
	/** Whether both Close frames were exchanged. */
	readonly wasClean: boolean;
	/**
	 * Which side began to end it. `stream`: neither, the stream ended or was reset. `handover`: it has not ended, and another
	 * process continues it.
	 */
	readonly by: Closed["by"] | "handover";
	/** The stage that the connection had reached; `closed`: the closing handshake was completed. */
	readonly stage: Closed["stage"];
	/** Bytes of sent messages that the system had not taken at the end; 0: it had taken all. */
	readonly unsent: number;
	/** The failure, if there was one. */
	readonly error?: ConnectionError;
}

/** How one message is sent. */
export interface SendOptions {
	/** false: the message is not compressed, even if compression was negotiated. Default true. */
	readonly compress?: boolean | undefined;
}

/** How a message is sent as a stream. */
export interface SendStreamOptions extends SendOptions {
	/** Milliseconds that the source may take for its next piece. Default 60,000. After that the connection fails with 1011. */
	readonly idle?: number | undefined;
}

const SEND_CHECKS: Checks = { compress: flag };

/** What a socket needs from its session. */
export interface SocketLink {
	/** null: a client socket. The socket knows the type of the server's data. */
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
	subscribe(topic: string): Promise<void>;
	unsubscribe(topic: string): void;
	nextMessage(): Promise<IteratorResult<Received, undefined>>;
	/** The loop is left before the end of the messages. */
	leaveLoop(): void;
	readonly signal: AbortSignal;
}

/** The session of a socket. */
export let linkOf: (socket: Socket<never, never>) => SocketLink;

/** Replaces the session of a socket, so that a socket that is not moved pays nothing for the one that is. */
export let relink: (socket: Socket<never, never>, link: SocketLink) => void;

/**
 * One WebSocket connection, on the server or on the client. `Message` is the type of its messages: whole messages, or
 * `IncomingMessage` with the option `receive: "parts"`.
 */
export class Socket<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> implements AsyncIterable<Message> {
	/** What `accept({ data })`, or the option `data` of `connect`, attached to this connection. You may change it. */
	data: Data;
	#link: SocketLink;
	#streams: SocketStreams | null = null;

	static {
		linkOf = (socket) => socket.#link;
		relink = (socket, link) => {
			socket.#link = link;
		};
	}

	/** Applications get sockets from `serve` and `connect`. */
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

	/** The peer's address. Behind proxies: the address of the nearest one. */
	get remote(): Address {
		return this.#link.remote;
	}

	/** Whether the connection runs over TLS on this hop. */
	get secure(): boolean {
		return this.#link.secure;
	}

	/** The negotiated subprotocol, or "". */
	get protocol(): string {
		return this.#link.protocol;
	}

	/** The names of the negotiated extensions. */
	get extensions(): readonly string[] {
		return this.#link.extensions;
	}

	/** `open`; `closing` from the first Close frame on; then `closed`. */
	get readyState(): ReadyState {
		return this.#link.readyState;
	}

	/** Bytes that were sent and that the system has not taken yet. */
	get bufferedAmount(): number {
		return this.#link.bufferedAmount;
	}

	/**
	 * Sends a text or binary message. A `Uint8Array` may not be copied: do not change it until `bufferedAmount` is 0. Returns
	 * false when more than the high-water mark is waiting (wait for `drained()` before you send more), or when the socket is
	 * closing and the message was dropped. Throws a `UsageError` (ERR_MESSAGE_TYPE, ERR_TRANSFERRED, ERR_BUFFER_FULL,
	 * ERR_OPTION).
	 */
	send(message: string | Uint8Array, options?: SendOptions): boolean {
		if (options !== undefined) checkOptions(options, SEND_CHECKS);
		return this.#link.send(message, options?.compress === false);
	}

	/**
	 * Sends one message as a stream: what the source yields is sent in fragments, as fast as the peer takes it. Messages that
	 * are sent in the meantime wait for its end, in their order. `close()` waits too, until its deadline. Don't change a
	 * `Uint8Array` that the source has yielded.
	 *
	 * Resolves when the whole message has been written. Rejects with a `UsageError` (ERR_SOCKET_CLOSING, ERR_SOURCE) before
	 * anything is sent. Rejects with the error of the source, or with a `SourceIdleError` when the source yields nothing for
	 * `idle` milliseconds: the `error` handler is called, and the connection fails with 1011, because a message that has
	 * begun can't be taken back. Rejects with a `SocketClosedError` when the socket ends before the message.
	 */
	sendStream(kind: MessageKind, source: MessageSource, options: SendStreamOptions = {}): Promise<void> {
		return this.#link.sendStream(kind, source, options);
	}

	/**
	 * The messages as a stream, when there is no `message` handler: each message is a chunk. With `receive: "parts"` each
	 * part is a chunk. The stream ends with a clean close and fails with any other. Cancelling it closes the socket, with
	 * 1011 if the reason is an error.
	 */
	get readable(): ReadableStream<string | Uint8Array<ArrayBuffer>> {
		this.#streams ??= new SocketStreams(this.#link);
		return this.#streams.readable;
	}

	/**
	 * A stream that sends each chunk as a message and waits until the peer takes it. Closing the stream closes the socket.
	 * Aborting it, or writing a chunk that is not a message, closes the socket with 1011.
	 */
	get writable(): WritableStream<string | Uint8Array> {
		this.#streams ??= new SocketStreams(this.#link);
		return this.#streams.writable;
	}

	/**
	 * Resolves when more may be sent: at once, unless `send` returned false. Rejects with a `SocketClosedError` if the socket
	 * closes.
	 */
	drained(): Promise<void> {
		return this.#link.whenDrained();
	}

	/**
	 * Aborted when the connection has ended. Pass it to the operations that your handlers await. Its reason is a
	 * `SocketClosedError`.
	 */
	get signal(): AbortSignal {
		return this.#link.signal;
	}

	/**
	 * Sends a ping and resolves to the milliseconds until its pong. Rejects with a `SocketClosedError`, or with a
	 * `UsageError`: ERR_NOT_READ when more than 64 KiB of messages wait for your code, because the pong is behind them;
	 * ERR_NOT_ANSWERED when 100 pings have no pong yet. You need not await it.
	 */
	ping(): Promise<number> {
		return this.#link.ping();
	}

	/**
	 * Starts the closing handshake (RFC 6455 §7.1.2). A second call does nothing. Throws a `UsageError` for a code that may
	 * not be sent or a reason of more than 123 bytes.
	 */
	close(code?: number, reason?: string): void {
		this.#link.close(code, reason);
	}

	/** Resolves to how the connection ended. Never rejects. */
	get closed(): Promise<ClosedEvent> {
		return this.#link.whenClosed();
	}

	/** Drops the connection at once: the peer gets no Close frame. */
	terminate(): void {
		this.#link.terminate();
	}

	/**
	 * From now on, the socket receives what `server.publish()` sends to the topic. With a `backplane`, the promise resolves
	 * when messages of the other servers can't be missed any more without a `gap`. It waits while the connection to them is
	 * away, and it never rejects. Without one it has resolved already. You need not await it. Throws a `UsageError`:
	 * ERR_NO_SERVER for a socket of `connect`, ERR_OPTION for a topic that is not a string.
	 */
	subscribe(topic: string): Promise<void> {
		void this.server;
		requireTopic(topic);
		return this.#link.subscribe(topic);
	}

	/** Ends the subscription to the topic. Throws as `subscribe` does. */
	unsubscribe(topic: string): void {
		void this.server;
		requireTopic(topic);
		this.#link.unsubscribe(topic);
	}

	/**
	 * The messages, when there is no `message` handler. The speed of the loop sets the back-pressure: 64 KiB are read ahead,
	 * then the peer is slowed down. The loop ends when the connection has ended; `closed` tells how.
	 *
	 * Leaving the loop leaves the socket open, and another loop may continue. While there is no loop, 64 KiB are kept for the
	 * next one. When more comes and no loop begins within 2 seconds, all messages are discarded, so that the peer's Close
	 * frame is read. A loop that begins after that throws a `UsageError` (ERR_MESSAGES_DISCARDED).
	 */
	[Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
		// The cast is safe: the options decide the type of the messages, and their type matches.
		return {
			next: () => this.#link.nextMessage() as Promise<IteratorResult<Message, undefined>>,
			return: async () => {
				this.#link.leaveLoop();
				return { done: true, value: undefined };
			},
		};
	}
}
