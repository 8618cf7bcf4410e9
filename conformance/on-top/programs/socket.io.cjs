"use strict";

// socket.io's own server and client, as its documentation uses them.

const { deepStrictEqual, strictEqual } = require("node:assert");
const { createServer } = require("node:http");
const { Server } = require("socket.io");
const { io } = require("socket.io-client");

const http = createServer();
const server = new Server(http, { connectionStateRecovery: {} });

/** The arguments of the next event of that name. */
const next = (emitter, name) => new Promise((resolve) => emitter.once(name, (...args) => resolve(args)));
/** The same without the offset that a server with state recovery puts behind an event's own arguments. */
const told = async (emitter, name, count) => (await next(emitter, name)).slice(0, count);
const done = (what) => console.log(`ok: ${what}`);

server.on("connection", (socket) => {
	socket.on("join", (room, answer) => {
		socket.join(room);
		answer("joined");
	});
	socket.on("echo", (...args) => socket.emit("echo", ...args));
	socket.on("ask", (value, answer) => answer({ twice: value * 2 }));
	socket.on("tell room", (room, text) => socket.to(room).emit("told", text));
});

async function main() {
	await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
	const address = `http://127.0.0.1:${http.address().port}`;
	const connect = async (options) => {
		const socket = io(address, { forceNew: true, reconnectionDelay: 10, ...options });
		await next(socket, "connect");
		return socket;
	};

	const direct = await connect({ transports: ["websocket"] });
	strictEqual(direct.io.engine.transport.name, "websocket");
	done("a connection by WebSocket alone");

	const upgraded = io(address, { forceNew: true, reconnectionDelay: 10 });
	await next(upgraded, "connect");
	if (upgraded.io.engine.transport.name !== "websocket") await next(upgraded.io.engine, "upgrade");
	strictEqual(upgraded.io.engine.transport.name, "websocket");
	done("polling, then an upgrade");

	direct.emit("echo", "text", 1, { a: [true, null] });
	deepStrictEqual(await told(direct, "echo", 3), ["text", 1, { a: [true, null] }]);
	done("events with arguments");

	const bytes = Buffer.from([0, 1, 254, 255]);
	direct.emit("echo", bytes, { inside: bytes });
	const [first, second] = await next(direct, "echo");
	deepStrictEqual([Buffer.from(first), Buffer.from(second.inside)], [bytes, bytes]);
	done("binary");

	const large = "x".repeat(500_000);
	upgraded.emit("echo", large);
	deepStrictEqual(await told(upgraded, "echo", 1), [large]);
	done("a message of 500 kB");

	deepStrictEqual(await direct.emitWithAck("ask", 21), { twice: 42 });
	done("acknowledgements");

	const [onServer] = (await server.fetchSockets()).filter(({ id }) => id === direct.id);
	direct.once("question", (answer) => answer("from the client"));
	strictEqual(await new Promise((resolve) => onServer.emit("question", resolve)), "from the client");
	done("acknowledgements of the client");

	strictEqual(await direct.emitWithAck("join", "room"), "joined");
	const heard = told(direct, "told", 1);
	upgraded.emit("tell room", "room", "hello room");
	deepStrictEqual(await heard, ["hello room"]);
	done("rooms");

	const all = Promise.all([next(direct, "all"), next(upgraded, "all")]);
	server.emit("all", "everyone", bytes);
	for (const [text, data] of await all) deepStrictEqual([text, Buffer.from(data)], ["everyone", bytes]);
	done("broadcast");

	const texts = Promise.all([told(direct, "plain", 1), told(upgraded, "plain", 1)]);
	server.emit("plain", "prepared once for all");
	deepStrictEqual(await texts, [["prepared once for all"], ["prepared once for all"]]);
	done("broadcast of a prepared frame");

	const volatile = told(direct, "now", 1);
	onServer.volatile.emit("now", 1);
	deepStrictEqual(await volatile, [1]);
	done("volatile");

	const { id } = direct;
	const recovered = next(direct, "connect");
	direct.io.engine.transport.ws.terminate();
	await next(direct, "disconnect");
	server.to("room").emit("told", "while you were away");
	const missed = told(direct, "told", 1);
	await recovered;
	deepStrictEqual([direct.id, direct.recovered, await missed], [id, true, ["while you were away"]]);
	done("connection state recovery");

	const reason = next(direct, "disconnect");
	server.sockets.sockets.get(direct.id).disconnect(true);
	strictEqual((await reason)[0], "io server disconnect");
	done("the server disconnects");

	upgraded.disconnect();
	await server.close();
	done("the server closes");
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
