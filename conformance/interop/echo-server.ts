import { type ServeOptions, type Server, type Socket, serve } from "@barewire/transport-node";
import { Inbox } from "./inbox.ts";

/** A server that sends each message back. */
export interface EchoServer {
	readonly server: Server;
	/** "127.0.0.1:40123" */
	readonly authority: string;
	/** "ws://127.0.0.1:40123/" */
	readonly url: string;
	/** Each socket, once it is open. */
	readonly opened: Inbox<Socket>;
	/** What handlers threw. */
	readonly errors: unknown[];
	close(): Promise<unknown>;
}

export async function serveEcho(options: Partial<ServeOptions<undefined>> = {}): Promise<EchoServer> {
	const opened = new Inbox<Socket>();
	const errors: unknown[] = [];
	const server = await serve({
		...(options.path === undefined ? { port: 0 } : null),
		open: (socket) => opened.push(socket),
		message: (socket, message) => void socket.send(message),
		error: (error) => void errors.push(error),
		...options,
	});
	const { address } = server;
	const authority = address.transport === "tcp" ? `${address.hostname}:${address.port}` : "localhost";
	const scheme = options.tls === undefined ? "ws" : "wss";
	return {
		server,
		authority,
		url: `${scheme}://${authority}/`,
		opened,
		errors,
		// A browser keeps connections that it has no use for: they are cut off.
		close: () => server.close({ deadline: 500 }),
	};
}
