// A server that publishes to all peers what one of them asks for; the same on every runtime.
import process from "node:process";
import type { ServeOptions, Server } from "@barewire/transport-node";
import { JOIN, requestedMessages, TOPIC } from "./messages.ts";

/** Listens on the port in PORT. */
export async function startBroadcastServer(
	serve: (options: ServeOptions<undefined>) => Promise<Server<undefined>>,
): Promise<void> {
	const { PORT = "9020" } = process.env;
	const server: Server<undefined> = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		message(socket, message) {
			if (message === JOIN) {
				socket.subscribe(TOPIC);
				socket.send(JOIN);
				return;
			}
			for (const text of requestedMessages(String(message))) server.publish(TOPIC, text);
		},
	});
	console.log(`listening on http://127.0.0.1:${PORT}`);
}
