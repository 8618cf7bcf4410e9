"use strict";

// Clients of socket.io: `{ port, clients }` connects them, `{ messages }` has each send so many, the next one when an echo has come.

const { io } = require("socket.io-client");

let sockets = [];

async function connect(port, count) {
	for (const socket of sockets) socket.disconnect();
	sockets = Array.from({ length: count }, () =>
		io(`http://127.0.0.1:${port}`, { forceNew: true, transports: ["websocket"], reconnection: false }),
	);
	await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
}

/** Resolves once each of them is back, as it was. */
function exchange(socket, messages) {
	return new Promise((resolve, reject) => {
		let count = 0;
		const send = () => socket.emit("echo", "a message of twenty", count);
		socket.on("echo", (text, number) => {
			if (text !== "a message of twenty" || number !== count) return reject(new Error(`it is ${text} ${number}`));
			if (++count < messages) return send();
			socket.off("echo");
			resolve();
		});
		send();
	});
}

process.on("message", async ({ port, clients, messages }) => {
	if (port !== undefined) await connect(port, clients);
	else await Promise.all(sockets.map((socket) => exchange(socket, messages)));
	process.send("done");
});
