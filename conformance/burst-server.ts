// The server of the burst: in a process of its own, so that the burst finds it as a stranger would.
// GET /n is answered with [n], GET /connections with the number of connections; messages are sent back.

import { type Server, serve } from "@barewire/transport-node";

const server: Server = await serve({
	port: 0,
	fetch(request) {
		const { pathname } = new URL(request.url);
		return new Response(pathname === "/connections" ? `[${server.connections.length}]` : `[${pathname.slice(1)}]`);
	},
	message: (socket, message) => void socket.send(message),
});

process.send?.(server.address);
process.on("disconnect", () => process.exit(0));
