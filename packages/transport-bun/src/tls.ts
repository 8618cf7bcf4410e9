import type { TLSOptions } from "bun";
import type { OwnedSocket, SocketOwner } from "./stream.ts";

/** RFC 7301 §3.1: each name follows its length. Bun sends these bytes as they are. */
export const ALPN: Pick<TLSOptions, "ALPNProtocols"> = { ALPNProtocols: "\x08http/1.1" };

/** Owns a socket that nobody has any use for. */
export const NOBODY: SocketOwner = {
	secured() {},
	received() {},
	drained() {},
	ended() {},
	failed() {},
	closed() {},
};

/**
 * Owns a socket until its TLS handshake is complete (null) or has failed (why). After a failure Bun closes the socket, and
 * `settled` may be called again.
 */
export function awaitHandshake(socket: OwnedSocket, settled: (failure: Error | null) => void): void {
	const ended = (error: Error | null | undefined): void => settled(error ?? new Error("the socket was closed"));
	socket.data = {
		...NOBODY,
		// A server that asks for no certificate of the client is told of one missing, and of success.
		secured: (success, error) => (success ? settled(null) : ended(error)),
		closed: ended,
	};
}
