import type { Closed, ReadyState } from "@barewire/connection";
import type { ConnectionError } from "./errors.ts";
import type { Address } from "./stream.ts";

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
	/** What went wrong, when something did. */
	readonly error?: ConnectionError;
}

/** How one message is sent. */
export interface SendOptions {
	/** false: the message is not compressed, whatever the connection agreed on. Default true. */
	readonly compress?: boolean;
}

/** What a socket asks of the session behind it. */
export interface SocketLink {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	readonly protocol: string;
	readonly extensions: readonly string[];
	readonly readyState: ReadyState;
	readonly bufferedAmount: number;
	send(message: string | Uint8Array, plain: boolean): boolean;
	whenDrained(): Promise<void>;
	whenClosed(): Promise<ClosedEvent>;
	ping(): Promise<number>;
	close(code: number | undefined, reason: string | undefined): void;
	terminate(): void;
	subscribe(topic: string): void;
	unsubscribe(topic: string): void;
	nextMessage(): Promise<IteratorResult<string | Uint8Array, undefined>>;
}

/** One WebSocket connection, on the server or on the client. */
export class Socket<Data = undefined> implements AsyncIterable<string | Uint8Array> {
	/** What `accept({ data })` attached to this connection; yours to change. */
	data: Data;
	readonly #link: SocketLink;

	/** Sockets come from `serve` and `connect`. */
	constructor(link: SocketLink, data: Data) {
		this.#link = link;
		this.data = data;
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
	 * Sends a text or binary message. A large `Uint8Array` is not copied: leave it alone until
	 * `bufferedAmount` is 0.
	 * false: more than the high-water mark is waiting (wait for `drained()` before sending more), or the socket is closing
	 * and the message was dropped.
	 */
	send(message: string | Uint8Array, options?: SendOptions): boolean {
		return this.#link.send(message, options?.compress === false);
	}

	/** Resolves when it is time to send more: at once, unless `send` returned false. Rejects with a `SocketClosedError` if the socket closes. */
	drained(): Promise<void> {
		return this.#link.whenDrained();
	}

	/** Sends a ping and resolves to the milliseconds until its pong. Rejects with a `SocketClosedError`. */
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

	/** Receives what `server.publish()` sends to the topic from now on. */
	subscribe(topic: string): void {
		this.#link.subscribe(topic);
	}

	unsubscribe(topic: string): void {
		this.#link.unsubscribe(topic);
	}

	/**
	 * The messages, when there is no `message` handler. The loop's own pace is the back-pressure: a slow loop slows the peer
	 * down. It ends when the connection has ended; `closed` tells how.
	 */
	[Symbol.asyncIterator](): AsyncIterator<string | Uint8Array, undefined> {
		return { next: () => this.#link.nextMessage() };
	}
}
