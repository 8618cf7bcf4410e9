import type { IncomingMessage } from "./incoming-message.ts";
import type { ClosedEvent, Socket } from "./socket.ts";

/** What an application does with its sockets. A handler that throws closes its socket with 1011. */
export interface SocketHandlers<Data, Message = string | Uint8Array> {
	/** The handshake is complete. Messages wait for the promise, if there is one. */
	open?(socket: Socket<Data, Message>): void | Promise<void>;
	/**
	 * A message came: whole, or with `receive: "parts"` its beginning. The next one waits for the promise, if there is one, and so does the peer: that is the
	 * back-pressure. A message in parts is to be read before the promise resolves: then what is unread of it is discarded, unless
	 * its reading has begun. Without this handler, read the socket with `for await`.
	 */
	message?(socket: Socket<Data, Message>, message: Message): void | Promise<void>;
	/** After a `send` that returned false: it is time to send more. */
	drain?(socket: Socket<Data, Message>): void;
	/** The connection has ended. */
	close?(socket: Socket<Data, Message>, event: ClosedEvent): void;
	/** A handler threw or rejected, or no connection can be accepted. Without this handler such errors are printed. */
	error?(error: unknown, socket: Socket<Data, Message> | null): void;
}

/** Whole messages, as strings and `Uint8Array`s: the default. */
export interface ReceivesMessages<Data> extends SocketHandlers<Data> {
	/** `"messages"` (the default): messages come whole. `"parts"`: as `IncomingMessage`s, of any size. */
	receive?: "messages";
}

/** Messages of any size, as `IncomingMessage`s. */
export interface ReceivesParts<Data> extends SocketHandlers<Data, IncomingMessage> {
	receive: "parts";
}
