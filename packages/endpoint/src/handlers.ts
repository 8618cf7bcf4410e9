import type { IncomingMessage } from "./incoming-message.ts";
import type { ClosedEvent, Socket } from "./socket.ts";

/**
 * What a handler returns: anything. Only the promises of `open` and `message` mean something. It is not `unknown`, for which TypeScript looks
 * for the type of what is returned. In `const server = await serve({ message: (socket, message) => server.publish("news", message) })`
 * that is the type of `server`, which is not known yet (TS7022).
 */
// biome-ignore lint/suspicious/noExplicitAny: the reason is above
type Anything = any;

/** What an application does with its sockets. A handler that throws closes its socket with 1011. */
export interface SocketHandlers<Data = undefined, Message = string | Uint8Array<ArrayBuffer>> {
	/** The handshake is complete. Messages wait for the promise, if there is one. */
	open?: ((socket: Socket<Data, Message>) => Anything) | undefined;
	/**
	 * A message came: whole, or with `receive: "parts"` its beginning. The next one waits for the promise, if there is one, and so does the peer: that is the
	 * back-pressure. A message in parts is to be read before the promise resolves: then what is unread of it is discarded, unless
	 * its reading has begun. Without this handler, read the socket with `for await`.
	 */
	message?: ((socket: Socket<Data, Message>, message: Message) => Anything) | undefined;
	/** After a `send` that returned false: it is time to send more. */
	drain?: ((socket: Socket<Data, Message>) => Anything) | undefined;
	/** The connection has ended. */
	close?: ((socket: Socket<Data, Message>, event: ClosedEvent) => Anything) | undefined;
	/** A handler threw or rejected, or no connection can be accepted. Without this handler such errors are printed. */
	error?: ((error: unknown, socket: Socket<Data, Message> | null) => Anything) | undefined;
}

/** Whole messages, as strings and `Uint8Array`s: the default. */
export interface ReceivesMessages<Data> extends SocketHandlers<Data> {
	/** `"messages"` (the default): messages come whole. `"parts"`: as `IncomingMessage`s, of any size. */
	receive?: "messages" | undefined;
}

/** Messages of any size, as `IncomingMessage`s. */
export interface ReceivesParts<Data> extends SocketHandlers<Data, IncomingMessage> {
	receive: "parts";
}
