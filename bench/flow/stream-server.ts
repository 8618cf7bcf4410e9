// A server that echoes each message as it comes, in parts; the same on every runtime.
import process from "node:process";
import type { IncomingMessage, PartsServeOptions, Server } from "@barewire/transport-node";

/** Listens on the port in PORT. DEFLATE has it compress. */
export async function startStreamServer(
	serve: (options: PartsServeOptions<undefined>) => Promise<Server<undefined, IncomingMessage>>,
): Promise<void> {
	const { PORT = "9010", DEFLATE } = process.env;
	const server = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		receive: "parts",
		compression: DEFLATE === "1",
		message: (socket, message) => socket.sendStream(message.kind, message),
	});
	const { address } = server;
	console.log(`listening on port ${address.transport === "tcp" ? address.port : PORT}`);
}
