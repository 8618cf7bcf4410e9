// partysocket, which takes the WebSocket that it reconnects with as an option.

import { deepStrictEqual, strictEqual } from "node:assert";
import { once } from "node:events";
import { PartySocket, WebSocket as ReconnectingWebSocket } from "partysocket";
import WebSocket, { WebSocketServer } from "ws";

const done = (what) => console.log(`ok: ${what}`);
const next = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", handleProtocols: (names) => [...names][0] });
server.on("connection", (socket, request) => {
	socket.on("message", (data, isBinary) => {
		if (String(data) === "where am I") socket.send(request.url);
		else socket.send(data, { binary: isBinary });
	});
});
await once(server, "listening");
const host = `127.0.0.1:${server.address().port}`;
const options = { WebSocket, minReconnectionDelay: 1, maxReconnectionDelay: 10 };

const socket = new ReconnectingWebSocket(`ws://${host}/`, ["one"], options);
socket.binaryType = "arraybuffer";
socket.send("before it is open");
strictEqual((await next(socket, "message")).data, "before it is open");
strictEqual(socket.protocol, "one");
done("open, and what was sent before");

socket.send(new Uint8Array([1, 2, 3]));
deepStrictEqual(new Uint8Array((await next(socket, "message")).data), new Uint8Array([1, 2, 3]));
done("binary");

const reopened = next(socket, "open");
const gone = next(socket, "close");
for (const client of server.clients) client.terminate();
strictEqual((await gone).code, 1006);
await reopened;
socket.send("again");
strictEqual((await next(socket, "message")).data, "again");
done("a new connection behind one that was cut off");

const reopenedAfterClose = next(socket, "open");
const closed = next(socket, "close");
for (const client of server.clients) client.close(4001, "come back");
const { code, reason } = await closed;
deepStrictEqual([code, reason], [4001, "come back"]);
await reopenedAfterClose;
done("a new connection behind one that the server closed");

const party = new PartySocket({ ...options, host, room: "lobby", id: "me", query: { a: "b" } });
await next(party, "open");
party.send("where am I");
strictEqual((await next(party, "message")).data, "/parties/main/lobby?_pk=me&a=b");
done("PartySocket: a room");

party.close();
socket.close(1000, "done");
await new Promise((resolve) => server.close(resolve));
done("closed");
