"use strict";

// @fastify/websocket, with real clients and with its injectWS.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { once } = require("node:events");
const fastify = require("fastify");
const websocket = require("@fastify/websocket");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const app = fastify();
	await app.register(websocket, { options: { maxPayload: 1000 } });
	app.addHook("preValidation", async (request, reply) => {
		if (request.query.token === "wrong") await reply.code(401).send("no");
	});
	app.get("/echo", { websocket: true }, (socket, request) => {
		socket.on("message", (data, isBinary) => socket.send(`${request.query.token}: ${data}`, { binary: isBinary }));
	});
	app.get("/", async () => "http");
	await app.listen({ port: 0, host: "127.0.0.1" });
	const { port } = app.server.address();

	strictEqual(await (await fetch(`http://127.0.0.1:${port}/`)).text(), "http");
	done("its other routes");

	const client = new WebSocket(`ws://127.0.0.1:${port}/echo?token=me`);
	await once(client, "open");
	client.send("hello");
	const [data, isBinary] = await once(client, "message");
	deepStrictEqual([String(data), isBinary], ["me: hello", false]);
	done("a route");

	const refused = new WebSocket(`ws://127.0.0.1:${port}/echo?token=wrong`);
	const [error] = await once(refused, "error");
	strictEqual(error.message, "Unexpected server response: 401");
	done("a hook that refuses");

	const ended = once(client, "close");
	client.send("x".repeat(1001));
	strictEqual((await ended)[0], 1009);
	done("maxPayload");

	const injected = await app.injectWS("/echo?token=injected");
	const answered = once(injected, "message");
	injected.send("hello");
	strictEqual(String((await answered)[0]), "injected: hello");
	injected.terminate();
	done("injectWS");

	await app.close();
	done("closed");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
