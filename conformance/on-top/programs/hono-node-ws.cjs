"use strict";

// @hono/node-ws on Hono's server for Node.

const { strictEqual } = require("node:assert");
const { once } = require("node:events");
const { serve } = require("@hono/node-server");
const { createNodeWebSocket } = require("@hono/node-ws");
const { Hono } = require("hono");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const app = new Hono();
	const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
	let ended;
	const end = new Promise((resolve) => {
		ended = resolve;
	});
	app.get("/", (context) => context.text("http"));
	app.get(
		"/ws",
		upgradeWebSocket((context) => ({
			onOpen: (_event, socket) => socket.send(`welcome ${context.req.query("name")}`),
			onMessage: (event, socket) => socket.send(`echo ${event.data}`),
			onClose: (event) => ended(event.code),
		})),
	);
	const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
	injectWebSocket(server);
	if (!server.listening) await once(server, "listening");
	const { port } = server.address();

	strictEqual(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "http");
	done("its other routes");

	const client = new WebSocket(`ws://127.0.0.1:${port}/ws?name=me`);
	strictEqual(String((await once(client, "message"))[0]), "welcome me");
	done("open");

	client.send("hello");
	strictEqual(String((await once(client, "message"))[0]), "echo hello");
	done("messages");

	client.close(4000);
	strictEqual(await end, 4000);
	done("close");
	server.close();
	server.closeAllConnections();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
