import type { TLSOptions } from "bun";
import type { OwnedSocket, SocketOwner } from "./stream.ts";

/** RFC 7301 §3.1: the length of each name stands before it. Bun sends these bytes unchanged. */
export const ALPN: Pick<TLSOptions, "ALPNProtocols"> = { ALPNProtocols: "\x08http/1.1" };

/** The owner of a socket that is not used any more. */
export const NOBODY: SocketOwner = {
	secured() {},
	received() {},
	drained() {},
	ended() {},
	failed() {},
	closed() {},
};

/**
 * Sets the owner of a socket during its TLS handshake. `settled` is called when the handshake is complete (null) or has
 * failed (with the error). After a failure Bun closes the socket, and `settled` may be called again.
 */
export function awaitHandshake(socket: OwnedSocket, settled: (failure: Error | null) => void): void {
	const ended = (error: Error | null | undefined): void => settled(error ?? new Error("the socket was closed"));
	socket.data = {
		...NOBODY,
		// On a server that requests no client certificate, Bun reports success together with an error about the missing
		// certificate.
		secured: (success, error) => (success ? settled(null) : ended(error)),
		closed: ended,
	};
}
