"use strict";

// engine.io by itself, without socket.io on it.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { once } = require("node:events");
const { createServer } = require("node:http");
const { attach } = require("engine.io");
const { Socket } = require("engine.io-client");

const done = (what) => console.log(`ok: ${what}`);

async function main() {
	const http = createServer();
	const engine = attach(http, { pingInterval: 100, pingTimeout: 5000, perMessageDeflate: { threshold: 100 } });
	engine.on("connection", (socket) => socket.on("message", (data) => socket.send(data, () => socket.emit("sent"))));
	http.listen(0, "127.0.0.1");
	await once(http, "listening");
	const address = `ws://127.0.0.1:${http.address().port}`;

	const client = new Socket(address, { transports: ["websocket"] });
	const accepted = once(engine, "connection");
	await new Promise((resolve) => client.once("open", resolve));
	const [peer] = await accepted;
	done("open");

	const message = () => new Promise((resolve) => client.once("message", resolve));
	const sent = once(peer, "sent");
	client.send("text");
	strictEqual(await message(), "text");
	await sent;
	done("a text, and its callback");

	client.send(Buffer.from([1, 2, 3]));
	deepStrictEqual(Buffer.from(await message()), Buffer.from([1, 2, 3]));
	done("binary");

	const long = "compressed ".repeat(1000);
	client.send(long);
	strictEqual(await message(), long);
	done("a compressed message");

	await new Promise((resolve) => client.once("ping", resolve));
	await once(peer, "heartbeat");
	done("heartbeats");

	const closed = new Promise((resolve) => client.once("close", resolve));
	peer.close();
	await closed;
	done("closed by the server");

	engine.close();
	http.close();
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
