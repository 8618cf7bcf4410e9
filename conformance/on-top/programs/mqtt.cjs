"use strict";

// mqtt.js over WebSocket, against a broker that takes its streams from createWebSocketStream.

const { strictEqual } = require("node:assert");
const { once } = require("node:events");
const { createServer } = require("node:http");
const { Aedes } = require("aedes");
const mqtt = require("mqtt");
const WebSocket = require("ws");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const broker = await Aedes.createBroker();
	const http = createServer();
	const server = new WebSocket.WebSocketServer({
		server: http,
		handleProtocols: (names) => (names.has("mqtt") ? "mqtt" : false),
	});
	server.on("connection", (socket, request) => broker.handle(WebSocket.createWebSocketStream(socket), request));
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	const url = `ws://127.0.0.1:${http.address().port}/mqtt`;

	const hears = await mqtt.connectAsync(url);
	const says = await mqtt.connectAsync(url);
	done("two connections");

	await hears.subscribeAsync("news/#", { qos: 1 });
	const heard = once(hears, "message");
	await says.publishAsync("news/today", "it works", { qos: 1 });
	const [topic, payload] = await heard;
	strictEqual(`${topic} ${payload}`, "news/today it works");
	done("publish and subscribe");

	const large = Buffer.alloc(300_000, "m");
	const came = once(hears, "message");
	await says.publishAsync("news/large", large, { qos: 0 });
	strictEqual(Buffer.compare((await came)[1], large), 0);
	done("a payload of 300 kB");

	await Promise.all([hears.endAsync(), says.endAsync()]);
	done("the clients end");
	await new Promise((resolve) => broker.close(resolve));
	server.close();
	http.close();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
