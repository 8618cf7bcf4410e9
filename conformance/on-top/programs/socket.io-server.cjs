"use strict";

// A socket.io server that echoes. The parent process has its port, and asks what it has taken of the processor.

const { createServer } = require("node:http");
const { Server } = require("socket.io");

if (process.env.ADD_ONS === "1") {
	// ws falls back in silence when it doesn't find them.
	require("bufferutil");
	require("utf-8-validate");
}

const http = createServer();
const server = new Server(http, { transports: ["websocket"] });
server.on("connection", (socket) => {
	socket.on("echo", (...args) => socket.emit("echo", ...args));
});

http.listen(0, "127.0.0.1", () => process.send({ port: http.address().port }));

process.on("message", (asked) => {
	if (asked === "end") process.exit();
	const { user, system } = process.cpuUsage();
	process.send({ microseconds: user + system });
});
