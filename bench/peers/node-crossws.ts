// An echo server with crossws behind Node's own HTTP server; it brings a ws of its own.
import { createServer } from "node:http";
import crossws from "crossws/adapters/node";

const { PORT = "9017" } = process.env;

const { handleUpgrade } = crossws({
	// 0: no pings.
	idleTimeout: 0,
	serverOptions: { maxPayload: 64 * 1024 * 1024 },
	hooks: { message: (peer, message) => void peer.send(message.rawData) },
});
const server = createServer((_request, response) => response.writeHead(426).end());
server.on("upgrade", handleUpgrade);
server.listen({ host: "127.0.0.1", port: Number(PORT), backlog: 4096 }, () => {
	console.log(`listening on http://127.0.0.1:${PORT}`);
});
