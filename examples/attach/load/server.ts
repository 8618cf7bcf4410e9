// An Express server with WebSockets attached: pages, an echo, and clients that are refused. It tells what it has seen when it is asked.

import { accept, attach } from "@barewire/transport-node";
import express from "express";
import { REFUSAL, type Seen } from "./task.ts";

const seen: Seen = { pages: 0, opened: 0, refused: 0, messages: 0, clean: 0, errors: 0, atOnce: 0 };

const app = express();
app.get("/page/:n", ({ params }, response) => {
	seen.pages++;
	response.send(`page ${params.n}`);
});

const server = app.listen({ port: 0, host: "127.0.0.1", backlog: 8192 }, () => process.send?.(server.address()));

attach(server, {
	path: "/chat",
	upgrade(request) {
		if (!request.url.endsWith("?refused")) return accept();
		seen.refused++;
		return new Response(REFUSAL, { status: 403 });
	},
	open: () => void seen.opened++,
	message(socket, message) {
		seen.messages++;
		socket.send(message);
	},
	close: (_socket, { wasClean }) => void (wasClean && seen.clean++),
	error: () => void seen.errors++,
});

process.on("message", () => server.getConnections((_error, atOnce) => process.send?.({ ...seen, atOnce })));
process.on("disconnect", () => process.exit(0));
