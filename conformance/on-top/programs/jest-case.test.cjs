"use strict";

// Run by Jest, within its own realm and by its own `require`.

const { once } = require("node:events");
const WebSocket = require("ws");

const seen = { file: require.resolve("ws"), requiredBy: ["."], server: 0, client: 0 };
const { setSocket } = WebSocket.prototype;
WebSocket.prototype.setSocket = function (...args) {
	seen[this._isServer ? "server" : "client"]++;
	return setSocket.apply(this, args);
};

// Jest's `process` is a copy, and gets no `exit`.
afterAll(() => process.stdout.write(`ws: ${JSON.stringify(seen)}\n`));

test("require gives the class", () => {
	expect([typeof WebSocket, WebSocket.length, WebSocket.name]).toEqual(["function", 3, "WebSocket"]);
	expect(WebSocket.WebSocket).toBe(WebSocket);
	expect(WebSocket.Server).toBe(WebSocket.WebSocketServer);
});

test("an echo", async () => {
	const server = new WebSocket.WebSocketServer({ port: 0, host: "127.0.0.1" });
	server.on("connection", (socket) =>
		socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
	);
	await once(server, "listening");
	const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/`);
	await once(client, "open");
	client.send("text");
	const [text, isBinary] = await once(client, "message");
	expect([String(text), isBinary]).toEqual(["text", false]);
	client.send(new Uint8Array([1, 2]));
	const [bytes] = await once(client, "message");
	expect([...bytes]).toEqual([1, 2]);
	client.close(4000, "bye");
	const [code, reason] = await once(client, "close");
	expect([code, String(reason)]).toEqual([4000, "bye"]);
	await new Promise((resolve) => server.close(resolve));
});

test("jest.mock replaces it", () => {
	jest.isolateModules(() => {
		jest.doMock("ws", () => class Mocked {});
		expect(require("ws").name).toBe("Mocked");
		jest.dontMock("ws");
	});
});

test("an automatic mock has its methods", () => {
	const Mocked = jest.createMockFromModule("ws");
	const socket = new Mocked("ws://127.0.0.1/");
	expect(socket.send("text")).toBeUndefined();
	expect(Mocked.prototype.send).toHaveBeenCalledWith("text");
});
