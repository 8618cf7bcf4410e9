// An endpoint on no runtime's sockets: what someone sees who writes an adapter.

import { accept, type Server, type Socket } from "@barewire/endpoint";
import { MemoryNetwork } from "@barewire/endpoint/memory";

export async function main(): Promise<string[]> {
	const network = new MemoryNetwork();
	const server: Server<string> = await network.serve<string>(80, {
		upgrade: () => accept({ data: "visitor" }),
		message: (socket, message) => void socket.send(`${message}, ${socket.data}`),
	});
	const socket: Socket = await network.connect("ws://memory/");
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

export const expected: readonly string[] = ["hello, visitor", "closed 1000 true"];
