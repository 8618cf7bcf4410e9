import type { IncomingMessage } from "./incoming-message.ts";
import type { ClosedEvent, Socket } from "./socket.ts";

/**
 * The return type of handlers: any value. Only the promises of `open` and `message` have a meaning. The type is not
 * `unknown`, because TypeScript then infers the type of the returned value. In `const server = await serve({ message:
 * (socket, message) => server.publish("news", message) })` this is the type of `server`, which is not known yet (TS7022).
 */
// biome-ignore lint/suspicious/noExplicitAny: the reason is above
export type Anything = any;

/** The handlers of an application for its sockets. When a handler throws, its socket is closed with 1011. */
export interface SocketHandlers<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> {
	/** The opening handshake is complete. Messages wait for the returned promise, if there is one. */
	open?: ((socket: Socket<Data, Message>) => Anything) | undefined;
	/**
	 * A message came: whole, or with `receive: "parts"` its beginning. The next message waits for the returned promise, if
	 * there is one, and so does the peer: this is the back-pressure. Read a message in parts before the promise resolves: if
	 * reading it has not begun by then, it is discarded. Without this handler, read the socket with `for await`.
	 */
	message?: ((socket: Socket<Data, Message>, message: Message) => Anything) | undefined;
	/** Called after a `send` that returned false, when more may be sent. */
	drain?: ((socket: Socket<Data, Message>) => Anything) | undefined;
	/** The connection has ended. */
	close?: ((socket: Socket<Data, Message>, event: ClosedEvent) => Anything) | undefined;
	/** Another process has the connection now. Called instead of `close`. */
	handedOver?: ((socket: Socket<Data, Message>) => Anything) | undefined;
	/**
	 * The connection came from another process, which gave `data` to `handOver`. Called instead of `open`. Messages wait for
	 * the returned promise, if there is one.
	 */
	adopted?: ((socket: Socket<Data, Message>, data: unknown) => Anything) | undefined;
	/** A handler threw or rejected, or connections can't be accepted. Without this handler such errors are printed. */
	error?: ((error: unknown, socket: Socket<Data, Message> | null) => Anything) | undefined;
}

/** Whole messages as strings and `Uint8Array`s: the default. */
export interface ReceivesMessages<Data> extends SocketHandlers<Data> {
	/** `"messages"` (the default): messages come whole. `"parts"`: they come as `IncomingMessage`s, of any size. */
	receive?: "messages" | undefined;
}

/** Messages of any size, as `IncomingMessage`s. */
export interface ReceivesParts<Data> extends SocketHandlers<Data, IncomingMessage> {
	receive: "parts";
}
