// A program as it is typed with @types/ws: test/types.test.ts compiles it with those types and with ours.

import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import WebSocket, { createWebSocketStream, type RawData, WebSocketServer } from "ws";

const options: WebSocket.ServerOptions = {
	port: 8080,
	perMessageDeflate: { threshold: 1024, zlibDeflateOptions: { level: 3 } },
	verifyClient: (info, done) => done(info.origin === "https://example.com", 401, "no", { "Retry-After": 1 }),
	handleProtocols: (protocols, request) => (request.url === "/" ? ([...protocols][0] ?? false) : false),
};

class Client extends WebSocket {
	isAlive = true;
}

const server: WebSocketServer = new WebSocketServer(options, () => {});
const named = new WebSocketServer<typeof Client>({ noServer: true, WebSocket: Client });

server.on("connection", (socket, request) => {
	const address: string | undefined = request.socket.remoteAddress;
	socket.on("message", (data: RawData, isBinary) => socket.send(data, { binary: isBinary }, (error) => error?.message));
	socket.on("close", (code, reason) => console.log(code.toFixed(), reason.toString(), address));
	socket.on("pong", function (data) {
		this.ping(data, false, (error) => console.log(error.message));
	});
	socket.on("anything", (...args) => args.length);
});
server.on("headers", (headers, request) => headers.push(`x: ${request.url}`));
server.on("wsClientError", (error, socket, request) => socket.end(`${error.message} ${request.url}`));
named.on("connection", (socket) => {
	socket.isAlive = false;
});

createServer().on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
	named.handleUpgrade(request, socket, head, (client) => named.emit("connection", client, request));
});

const client = new WebSocket("wss://example.com", ["a", "b"], {
	headers: { cookie: "a=b" },
	origin: "https://example.com",
	handshakeTimeout: 1000,
	rejectUnauthorized: false,
	perMessageDeflate: false,
});
client.onmessage = ({ data, type, target }) => console.log(data, type, target.readyState === WebSocket.OPEN);
client.onclose = ({ code, reason, wasClean }) => console.log(code.toFixed(), reason.trim(), wasClean);
client.onerror = ({ error, message }) => console.log(error, message.trim());
client.addEventListener("message", (event) => console.log(event.data), { once: true });
client.on("unexpected-response", (request, response) => console.log(request.path, response.statusCode));
client.once("upgrade", (response) => console.log(response.headers));
client.binaryType = "arraybuffer";
client.send(new Float32Array(2));
client.send("text", (error) => console.log(error));
client.close(1000, Buffer.from("bye"));

export const stream: Duplex = createWebSocketStream(client, { encoding: "utf8" });
export const state: WebSocket["readyState"] = client.readyState;
export const clients: Set<Client> = named.clients;
export const address: string | WebSocket.AddressInfo | null = server.address();
