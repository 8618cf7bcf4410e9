import { WebSocketConnection } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import { Driver } from "./driver.ts";
import type { HandedOver } from "./leaving.ts";
import { MOVED_VERSION, type MovedSocket } from "./moved-socket.ts";
import { partsOf, type Server } from "./server.ts";
import { SocketSession } from "./socket-session.ts";
import type { ByteStream, StreamEvents } from "./stream.ts";

/** A socket of another process that this one is ready to continue. Nothing is read or written yet. */
export interface Adoption {
	/** Continues the socket on this stream. `data`: for the `adopted` handler, and the socket's own `data`. */
	go(stream: ByteStream, handedOver: HandedOver, data: unknown): StreamEvents;
	/** The other process keeps the socket. */
	discard(): void;
}

/**
 * Builds everything that the socket needs in this server.
 *
 * @throws UsageError `ERR_SNAPSHOT`, `ERR_SNAPSHOT_LIMIT`, `ERR_SNAPSHOT_SETTINGS`, `ERR_STATE` (the server is closing)
 */
export function prepareAdoption(server: Server<never, never>, moved: MovedSocket): Adoption {
	const { context, admission, isClosing } = partsOf(server);
	if (isClosing) throw new UsageError("ERR_STATE", "this server is closing: hand the socket to another one");
	if (moved.version !== MOVED_VERSION)
		throw new UsageError(
			"ERR_SNAPSHOT",
			`the socket is of version ${moved.version}, and this package reads ${MOVED_VERSION}: use the same release in both processes`,
		);
	const now = context.platform.now();
	const connection = WebSocketConnection.restore(moved.connection, context.settings, now);
	return {
		go(stream, { unsent, published }, data) {
			// It only counts the stream: a connection that was let in before is not dropped.
			admission.streamAccepted(stream, 0);
			const driver = new Driver(context, stream);
			if (unsent.length > 0) driver.goOnWith(connection, new SocketSession(driver, connection), unsent);
			else new SocketSession(driver, connection);
			const session = driver.owner as SocketSession<unknown>;
			const socket = session.adopt(data, moved);
			for (const message of published) session.send(message, false);
			session.adopted(socket, data);
			return driver;
		},
		discard() {
			// Releases the compression contexts.
			connection.receiveReset(now);
			while (connection.nextEvent() !== null);
		},
	};
}
