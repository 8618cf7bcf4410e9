// The server of ws, on Node.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { readLines, tell } from "../programs/standard-streams.ts";
import { sendWsFragments } from "./ws-fragments.ts";

const server = new WebSocketServer({
	host: "127.0.0.1",
	port: 0,
	handleProtocols: (offered) => choose([...offered]) ?? false,
	verifyClient: ({ req }, done) => done(!refuses(req.url ?? ""), 403),
});
server.on("connection", (socket, request) => {
	const conversation = new Conversation(request.url ?? "", {
		protocol: socket.protocol,
		send: (message) => socket.send(message),
		sendFragments: (fragments) => sendWsFragments(socket, fragments),
		async ping() {
			const ponged = once(socket, "pong");
			socket.ping();
			await ponged;
		},
		close: (code, reason) => socket.close(code, reason),
	});
	socket.on("message", (data: Buffer, isBinary) => conversation.message(isBinary ? data : data.toString()));
	socket.on("close", (code, reason) => conversation.closed({ code, reason: reason.toString() }));
	conversation.opened();
});
await once(server, "listening");
tell({ id: "listening", port: (server.address() as AddressInfo).port });
await readLines(() => {});
for (const client of server.clients) client.terminate();
server.close();
