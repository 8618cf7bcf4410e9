// A server and its client on real sockets, with the types of data that a user gives.

import { accept, connect, type ServeOptions, serve } from "@barewire/transport-node";

interface User {
	readonly name: string;
}

export async function main(): Promise<string[]> {
	const options: ServeOptions<User> = {
		port: 0,
		fetch: (request) => new Response(`${request.method} over HTTP`),
		upgrade(request, info) {
			const name = request.headers.get("x-name");
			if (name === null) return new Response(`who are you, ${info.secure}?`, { status: 401 });
			return accept<User>({ data: { name } });
		},
		compression: { threshold: 0 },
		message: (socket, message) => void socket.send(`${socket.data.name} said ${message}`, { compress: true }),
	};
	const server = await serve<User>(options);
	const { address } = server;
	if (address?.transport !== "tcp") throw new Error("no port");
	const authority = `${address.hostname}:${address.port}`;
	const page = await fetch(`http://${authority}/`, { headers: { connection: "close" } });
	const lines = [await page.text()];
	const socket = await connect(`ws://${authority}/`, { headers: { "x-name": "Ada" }, compression: true });
	lines.push(...socket.extensions);
	socket.send("hello");
	for await (const message of socket) {
		lines.push(String(message));
		socket.close(1000, "done");
	}
	const { code, wasClean } = await socket.closed;
	await server.close();
	return [...lines, `closed ${code} ${wasClean}`];
}

export const expected: readonly string[] = [
	"GET over HTTP",
	"permessage-deflate",
	"Ada said hello",
	"closed 1000 true",
];
