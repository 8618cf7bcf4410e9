import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** Gives `use` the port of a server whose sockets are `handled`, and closes it then. */
export async function withWsServer<T>(
	handle: (socket: WebSocket, server: WebSocketServer) => void,
	use: (port: number) => Promise<T>,
): Promise<T> {
	const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
	server.on("connection", (socket) => {
		socket.on("error", () => {});
		handle(socket, server);
	});
	await new Promise((resolve) => server.once("listening", resolve));
	try {
		return await use((server.address() as AddressInfo).port);
	} finally {
		for (const client of server.clients) client.terminate();
		server.close();
	}
}

/** Sends each message back. */
export function echo(socket: WebSocket): void {
	socket.on("message", (message, binary) => socket.send(message, { binary }));
}
