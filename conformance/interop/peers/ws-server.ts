// The server of ws, on Node.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { Conversation, choose, refuses } from "../programs/conversation.ts";
import { runServer } from "../programs/server-program.ts";
import { wsDeflate, wsExtensions } from "./ws-deflate.ts";
import { sendWsFragments } from "./ws-fragments.ts";

await runServer(async (deflate) => {
	const server = new WebSocketServer({
		host: "127.0.0.1",
		port: 0,
		handleProtocols: (offered) => choose([...offered]) ?? false,
		verifyClient: ({ req }, done) => done(!refuses(req.url ?? ""), 403),
		...(deflate === null ? null : { perMessageDeflate: wsDeflate(deflate) }),
	});
	server.on("connection", (socket, request) => {
		const conversation = new Conversation(request.url ?? "", {
			protocol: socket.protocol,
			extensions: wsExtensions(socket.extensions),
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
	return {
		port: (server.address() as AddressInfo).port,
		close() {
			for (const client of server.clients) client.terminate();
			server.close();
		},
	};
});
