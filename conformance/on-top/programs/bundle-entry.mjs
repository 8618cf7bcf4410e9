// Bundled by webpack and by esbuild, and then run alone: an import and a require must be the same class.

import { once } from "node:events";
import WebSocket, { createWebSocketStream, WebSocketServer } from "ws";
import required from "./bundle-required.cjs";

if (required !== WebSocket || required.WebSocketServer !== WebSocketServer) throw new Error("two classes");
if (WebSocket.length !== 3 || typeof createWebSocketStream !== "function") throw new Error("it is no ws");

const used = { server: 0, client: 0 };
const { setSocket } = WebSocket.prototype;
WebSocket.prototype.setSocket = function (...args) {
	used[this._isServer ? "server" : "client"]++;
	return setSocket.apply(this, args);
};

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: { threshold: 0 } });
server.on("connection", (socket) => socket.on("message", (data) => socket.send(String(data))));
server.on("listening", async () => {
	const client = new required(`ws://127.0.0.1:${server.address().port}/`);
	await once(client, "open");
	client.send("an echo of the bundle");
	const [data] = await once(client, "message");
	if (String(data) !== "an echo of the bundle") throw new Error(`it is ${data}`);
	if (client.extensions !== "permessage-deflate") throw new Error("nothing was compressed");
	client.close();
	await once(client, "close");
	server.close();
	console.log(JSON.stringify(used));
});
