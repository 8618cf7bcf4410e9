// A chat server: each message goes to everyone in the room that its sender's path names. The same on every runtime.
import process from "node:process";
import type { accept, ServeOptions, Server } from "@barewire/transport-node";

/** What a runtime's adapter gives. */
interface Adapter {
	readonly serve: (options: ServeOptions<State>) => Promise<Server<State>>;
	readonly accept: typeof accept;
}

interface State {
	readonly room: string;
}

/** Listens on the port in PORT. DEFLATE has it compress. */
export async function startChat({ serve, accept }: Adapter): Promise<void> {
	const { PORT = "9011", DEFLATE } = process.env;
	const server = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		origins: "any",
		compression: DEFLATE === "1",
		// Nobody types more, and whoever is so far behind is cut off.
		limits: { maxMessageSize: 64 * 1024, maxBufferedBytes: 4 * 1024 * 1024 },
		upgrade: (request) => accept({ data: { room: new URL(request.url).pathname } }),
		open: (socket) => socket.subscribe(socket.data.room),
		message: (socket, message) => void server.publish(socket.data.room, message),
	});
	const { address } = server;
	console.log(`listening on port ${address.transport === "tcp" ? address.port : PORT}`);
}
