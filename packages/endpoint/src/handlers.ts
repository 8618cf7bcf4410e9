import type { ClosedEvent, Socket } from "./socket.ts";

/** What an application does with its sockets. A handler that throws closes its socket with 1011. */
export interface SocketHandlers<Data> {
	/** The handshake is complete. Messages wait for the promise, if there is one. */
	open?(socket: Socket<Data>): void | Promise<void>;
	/**
	 * A whole message came. The next one waits for the promise, if there is one, and so does the peer: that is the
	 * back-pressure. Without this handler, read the socket with `for await`.
	 */
	message?(socket: Socket<Data>, message: string | Uint8Array): void | Promise<void>;
	/** After a `send` that returned false: it is time to send more. */
	drain?(socket: Socket<Data>): void;
	/** The connection has ended. */
	close?(socket: Socket<Data>, event: ClosedEvent): void;
	/** A handler threw or rejected. Without this handler such errors are printed. */
	error?(error: unknown, socket: Socket<Data> | null): void;
}
