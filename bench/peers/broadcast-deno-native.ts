// Broadcasts with Deno's own WebSockets, which have no topics: a loop over the sockets.
import { JOIN, requestedMessages } from "../broadcast/messages.ts";

// What is used of it here. Deno's own types can't be had beside Node's.
declare const Deno: {
	serve(
		options: { hostname: string; port: number; onListen(address: { port: number }): void },
		handler: (request: Request) => Response,
	): unknown;
	upgradeWebSocket(request: Request, options: { idleTimeout: number }): { socket: WebSocket; response: Response };
};

const { PORT = "9022" } = process.env;

const sockets = new Set<WebSocket>();
Deno.serve(
	{
		hostname: "127.0.0.1",
		port: Number(PORT),
		onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
	},
	(request) => {
		// 0: no pings.
		const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
		socket.onmessage = ({ data }: { data: string }) => {
			if (data === JOIN) {
				sockets.add(socket);
				return socket.send(JOIN);
			}
			for (const text of requestedMessages(data)) for (const each of sockets) each.send(text);
		};
		socket.onclose = () => sockets.delete(socket);
		socket.onerror = () => sockets.delete(socket);
		return response;
	},
);
