import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type ConnectOptions, connect, type HandshakeError, type Socket } from "@barewire/transport-node";
import { afterEach, describe, expect, test } from "vitest";
import { type ServerOptions, WebSocketServer, type WebSocket as WsWebSocket } from "ws";
import { Inbox } from "./inbox.ts";

const MEBIBYTE = 1024 * 1024;

describe("our client against the server of ws", () => {
	const running: WebSocketServer[] = [];

	afterEach(async () => {
		for (const server of running.splice(0)) {
			for (const client of server.clients) client.terminate();
			await new Promise((resolve) => server.close(resolve));
		}
	});

	async function serveWs(options: ServerOptions = {}): Promise<{ server: WebSocketServer; url: string }> {
		const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
		running.push(server);
		await once(server, "listening");
		return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/chat?room=1` };
	}

	/** Both ends of a connection. */
	async function pair(
		serverOptions: ServerOptions = {},
		options: ConnectOptions = {},
	): Promise<{ socket: Socket; peer: WsWebSocket }> {
		const { server, url } = await serveWs(serverOptions);
		const connected = once(server, "connection");
		const socket = await connect(url, options);
		const [peer] = (await connected) as [WsWebSocket];
		return { socket, peer };
	}

	async function comesBack(message: string | Uint8Array): Promise<void> {
		const { socket, peer } = await pair();
		peer.on("message", (data: Buffer, isBinary) => peer.send(data, { binary: isBinary }));
		socket.send(message);
		for await (const answer of socket) {
			expect(typeof answer).toBe(typeof message);
			expect(Buffer.compare(Buffer.from(answer as string), Buffer.from(message as string))).toBe(0);
			socket.close(1000);
		}
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: "local", stage: "closed" });
	}

	test("text", () => comesBack("héllo, wörld €\u{1f600}"));
	test("binary", () => comesBack(Uint8Array.of(0, 1, 127, 128, 255)));
	test("an empty text", () => comesBack(""));
	test("an empty binary message", () => comesBack(new Uint8Array(0)));
	test("1 MiB of text", () => comesBack("0123456789abcdef".repeat(MEBIBYTE / 16)));
	test("1 MiB of bytes", () => comesBack(Uint8Array.from({ length: MEBIBYTE }, (_, i) => (i * 31) & 0xff)));

	test("a thousand messages arrive in order", async () => {
		const { socket, peer } = await pair();
		const received = new Inbox<string>();
		peer.on("message", (data: Buffer) => received.push(data.toString()));
		for (let i = 0; i < 1_000; i++) socket.send(`${i}`);
		for (let i = 0; i < 1_000; i++) expect(await received.next()).toBe(`${i}`);
	});

	test("fragments make one message, with a ping in between", async () => {
		const { socket, peer } = await pair();
		const ponged = once(peer, "pong");
		peer.send("first, ", { fin: false });
		peer.ping("in between");
		peer.send("", { fin: false });
		peer.send("last", { fin: true });
		expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "first, last" });
		expect(String((await ponged)[0])).toBe("in between");
	});

	test("our ping is answered", async () => {
		const { socket } = await pair();
		expect(await socket.ping()).toBeGreaterThanOrEqual(0);
	});

	test("we close with a code and a reason", async () => {
		const { socket, peer } = await pair();
		const closed = once(peer, "close");
		socket.close(4001, "genug, “fertig”");
		expect((await closed).map(String)).toEqual(["4001", "genug, “fertig”"]);
		expect(await socket.closed).toMatchObject({ code: 4001, wasClean: true, by: "local", stage: "closed" });
	});

	test("the server closes with a code and a reason", async () => {
		const { socket, peer } = await pair();
		peer.close(4002, "Schluß");
		expect(await socket.closed).toEqual({
			code: 4002,
			reason: "Schluß",
			wasClean: true,
			by: "peer",
			stage: "closed",
			unsent: 0,
		});
	});

	test("the server closes without a code", async () => {
		const { socket, peer } = await pair();
		peer.close();
		expect(await socket.closed).toMatchObject({ code: 1005, reason: "", wasClean: true });
	});

	test("a server that breaks off is told as 1006", async () => {
		const { socket, peer } = await pair();
		peer.terminate();
		expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false, by: "stream" });
	});

	test("a message over our limit is answered with 1009", async () => {
		const { socket, peer } = await pair({}, { limits: { maxMessageSize: 1_000 } });
		const closed = once(peer, "close");
		peer.send(new Uint8Array(1_001));
		expect((await closed)[0]).toBe(1009);
		expect((await socket.closed).error?.kind).toBe("message-too-big");
	});

	test("a message over the server's limit ends with its 1009", async () => {
		const { socket, peer } = await pair({ maxPayload: 1_000 });
		peer.on("error", () => {});
		socket.send(new Uint8Array(1_001));
		expect(await socket.closed).toMatchObject({ code: 1009, by: "peer" });
	});

	test("text that is not UTF-8 is answered with 1007", async () => {
		const { socket, peer } = await pair();
		const closed = once(peer, "close");
		peer.send(Buffer.from("c328", "hex"), { binary: false });
		expect((await closed)[0]).toBe(1007);
		expect((await socket.closed).error?.kind).toBe("invalid-utf8");
	});

	test("a subprotocol is agreed on", async () => {
		const { socket } = await pair({ handleProtocols: () => "chat.v1" }, { protocols: ["chat.v0", "chat.v1"] });
		expect(socket.protocol).toBe("chat.v1");
	});

	test("a subprotocol that was not offered fails the handshake", async () => {
		const { url } = await serveWs({ handleProtocols: () => "other" });
		await expect(connect(url, { protocols: ["chat.v1"] })).rejects.toMatchObject({
			name: "HandshakeError",
			code: "ERR_HANDSHAKE_INVALID",
		});
	});

	test("the request carries path, origin and the application's own fields", async () => {
		const { server, url } = await serveWs();
		const connected = once(server, "connection");
		await connect(url, { origin: "https://example.com", headers: { cookie: "a=b" } });
		const [, { url: target, headers }] = await connected;
		expect(target).toBe("/chat?room=1");
		expect(headers).toMatchObject({ origin: "https://example.com", cookie: "a=b" });
		expect(headers["sec-websocket-extensions"]).toBeUndefined();
	});

	test("a refusal is an error with the response and its body", async () => {
		const { url } = await serveWs({ verifyClient: (_info, done) => done(false, 401, "who are you?") });
		const error = await connect(url).then(
			() => null,
			(error: HandshakeError) => error,
		);
		expect(error).toMatchObject({ name: "HandshakeError", code: "ERR_HANDSHAKE_REFUSED" });
		expect(error?.response?.status).toBe(401);
		expect(await error?.response?.text()).toBe("who are you?");
	});
});
