// Broadcasts with ws: a loop over its clients. The environment decides about its native add-ons, as for ws.ts.
import { WebSocketServer } from "ws";
import { JOIN, requestedMessages } from "../broadcast/messages.ts";

const { PORT = "9021", WS_ADD_ONS_REQUIRED } = process.env;

// ws falls back in silence when it doesn't find them.
if (WS_ADD_ONS_REQUIRED === "1") await Promise.all([import("bufferutil"), import("utf-8-validate")]);

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(PORT), backlog: 4096 });

server.on("connection", (socket) => {
	socket.on("error", () => {});
	socket.on("message", (message) => {
		const request = String(message);
		if (request === JOIN) return socket.send(JOIN);
		for (const text of requestedMessages(request)) {
			// Encoded once for all: ws would encode a string once for each.
			const bytes = Buffer.from(text);
			for (const client of server.clients) client.send(bytes, { binary: false });
		}
	});
});

server.on("listening", () => console.log(`listening on http://127.0.0.1:${PORT}`));
