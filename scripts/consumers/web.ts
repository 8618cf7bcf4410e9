// A server and its client over WHATWG streams, on any runtime.

import { accept, connect, type Server, type Socket, type StreamPair, serve } from "@barewire/transport-web";

/** Two ends of one connection. */
function pair(): [StreamPair, StreamPair] {
	const [there, back] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
	return [
		{ readable: there.readable, writable: back.writable },
		{ readable: back.readable, writable: there.writable },
	];
}

export async function main(): Promise<string[]> {
	const connections = new TransformStream<StreamPair>();
	const incoming = connections.writable.getWriter();
	const server: Server<string> = serve<string>(connections.readable, {
		upgrade: (request) => accept({ data: new URL(request.url).pathname }),
		message: (socket, message) => void socket.send(`${message} at ${socket.data}`),
	});
	const socket: Socket = await connect("ws://example.com/chat", async () => {
		const [accepted, dialled] = pair();
		await incoming.write(accepted);
		return dialled;
	});
	socket.send("hello");
	const lines: string[] = [];
	for await (const message of socket) {
		lines.push(String(message));
		socket.close(1000);
	}
	const { code, wasClean } = await socket.closed;
	await server.close();
	return [...lines, `closed ${code} ${wasClean}`];
}

export const expected: readonly string[] = ["hello at /chat", "closed 1000 true"];
