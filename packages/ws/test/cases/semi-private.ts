import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import type { WebSocket as WsSocket } from "ws";
import { closed, type Kit, masked, message, next } from "../kit.ts";

interface Inside {
	readonly _socket: Socket;
	readonly _isServer: boolean;
	readonly _sender: { sendFrame(list: Buffer[], callback?: (error?: Error) => void): void };
	setSocket(socket: Duplex, head: Buffer, options: object): void;
}

const inside = (socket: unknown): Inside => socket as Inside;

export function semiPrivateCases(kit: Kit): void {
	const { WebSocket } = kit;
	const { Sender } = WebSocket;
	const frame = (data: unknown, options: object): string => Buffer.concat(Sender.frame(data, options)).toString("hex");

	test("_socket is the net.Socket", async () => {
		const { peer } = await kit.pair();
		expect([inside(peer)._socket.remoteAddress, typeof inside(peer)._socket.unref]).toEqual(["127.0.0.1", "function"]);
	});

	test("_socket takes setNoDelay and setKeepAlive", async () => {
		const { client } = await kit.pair();
		expect(inside(client)._socket.setNoDelay(true).setKeepAlive(true)).toBe(inside(client)._socket);
	});

	test("_socket is null while connecting", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(inside(client)._socket).toBe(null);
		await once(client, "open");
	});

	test("_isServer tells the role", async () => {
		const { client, peer } = await kit.pair();
		expect([inside(client)._isServer, inside(peer)._isServer]).toEqual([false, true]);
	});

	test("the socket of a client has no timeout of the HTTP server's", async () => {
		const { peer } = await kit.pair();
		expect(inside(peer)._socket.timeout ?? 0).toBe(0);
	});

	test("Sender.frame makes a text", () => {
		expect(frame(Buffer.from("hi"), { opcode: 1, fin: true, mask: false, readOnly: false, rsv1: false })).toBe(
			"81026869",
		);
	});

	test("Sender.frame makes a binary frame", () => {
		expect(frame(Buffer.from([1]), { opcode: 2, fin: true, mask: false, readOnly: true, rsv1: false })).toBe("820101");
	});

	test("Sender.frame makes a frame of 126 bytes", () => {
		expect(frame(Buffer.alloc(126), { opcode: 2, fin: true, mask: false }).slice(0, 8)).toBe("827e007e");
	});

	test("Sender.frame makes a frame of 65,536 bytes", () => {
		expect(frame(Buffer.alloc(65536), { opcode: 2, fin: true, mask: false }).slice(0, 20)).toBe("827f0000000000010000");
	});

	test("Sender.frame makes a fragment", () => {
		expect(frame(Buffer.from("a"), { opcode: 1, fin: false, mask: false })).toBe("010161");
	});

	test("Sender.frame makes a continuation", () => {
		expect(frame(Buffer.from("a"), { opcode: 0, fin: true, mask: false })).toBe("800161");
	});

	test("Sender.frame sets the first reserved bit", () => {
		expect(frame(Buffer.from("a"), { opcode: 1, fin: true, mask: false, rsv1: true })).toBe("c10161");
	});

	test("Sender.frame makes a ping", () => {
		expect(frame(Buffer.from("a"), { opcode: 9, fin: true, mask: false })).toBe("890161");
	});

	test("Sender.frame takes a string", () => {
		expect(frame("é", { opcode: 1, fin: true, mask: false })).toBe("8102c3a9");
	});

	test("Sender.frame gives Buffers", () => {
		const list = Sender.frame(Buffer.from("a"), { opcode: 1, fin: true, mask: false });
		expect([list.length > 0, list.every((piece) => Buffer.isBuffer(piece))]).toEqual([true, true]);
	});

	test("Sender.frame masks with what generateMask gives", () => {
		const options = {
			opcode: 1,
			fin: true,
			mask: true,
			readOnly: true,
			maskBuffer: Buffer.alloc(4),
			generateMask: (key: Buffer) => void Buffer.from([1, 2, 3, 4]).copy(key),
		};
		expect(frame(Buffer.from([1, 2, 3, 4, 5]), options)).toBe("818501020304" + "0000000004");
	});

	test("sendFrame sends what Sender.frame has made", async () => {
		const { client, peer } = await kit.pair();
		inside(peer)._sender.sendFrame(Sender.frame(Buffer.from("hi"), { opcode: 1, fin: true, mask: false }));
		expect(await message(client)).toEqual(["hi", false]);
	});

	test("sendFrame calls back", async () => {
		const { peer } = await kit.pair();
		const list = Sender.frame(Buffer.from("hi"), { opcode: 1, fin: true, mask: false });
		const error = await new Promise((resolve) =>
			inside(peer)._sender.sendFrame(list, (...args) => resolve(args[0] ?? null)),
		);
		expect(error).toBe(null);
	});

	test("one list of sendFrame serves many sockets", async () => {
		const { server, client, peer } = await kit.pair();
		const second = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const [[other]] = (await Promise.all([next(server, "connection"), next(second, "open")])) as [[unknown], unknown];
		const list = Sender.frame(Buffer.from("all"), { opcode: 1, fin: true, mask: false });
		const came = Promise.all([message(client), message(second)]);
		for (const each of [peer, other]) inside(each)._sender.sendFrame(list);
		expect(await came).toEqual([
			["all", false],
			["all", false],
		]);
	});

	test("sendFrame and send keep the order of the calls", async () => {
		const { client, peer } = await kit.pair();
		const texts: string[] = [];
		const all = new Promise<void>((resolve) =>
			client.on("message", (data) => texts.push(String(data)) === 3 && resolve()),
		);
		peer.send("1");
		inside(peer)._sender.sendFrame(Sender.frame(Buffer.from("2"), { opcode: 1, fin: true, mask: false }));
		peer.send("3");
		await all;
		expect(texts).toEqual(["1", "2", "3"]);
	});

	test("sendFrame sends binary frames that are large", async () => {
		const { client, peer } = await kit.pair();
		const bytes = Buffer.alloc(200_000, "xyz");
		inside(peer)._sender.sendFrame(Sender.frame(bytes, { opcode: 2, fin: true, mask: false }));
		const [data] = await next(client, "message");
		expect(bytes.equals(data as Buffer)).toBe(true);
	});

	/** Both ends of one TCP connection. */
	async function tcp(): Promise<[Socket, Socket]> {
		const server = createServer({ allowHalfOpen: true });
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const near = connect(kit.port(server), "127.0.0.1");
		const [far] = (await next(server, "connection")) as [Socket];
		kit.endsWith(() => {
			server.close();
			near.destroy();
			far.destroy();
		});
		far.on("error", () => {});
		near.on("error", () => {});
		return [near, far];
	}

	test("setSocket begins as a server where there is no address", async () => {
		const [near, far] = await tcp();
		const socket = new WebSocket(null as never, undefined, {});
		inside(socket).setSocket(far, Buffer.alloc(0), { maxPayload: 100 });
		near.write(masked(0x81, "a"));
		expect([socket.readyState, await message(socket)]).toEqual([1, ["a", false]]);
	});

	test("setSocket emits open", async () => {
		const [, far] = await tcp();
		const socket = new WebSocket(null as never, undefined, {});
		const opened = next(socket, "open");
		inside(socket).setSocket(far, Buffer.alloc(0), {});
		expect(await opened).toEqual([]);
	});

	test("setSocket begins as a client where _isServer is false", async () => {
		const [near, far] = await tcp();
		const socket = new WebSocket(null as never, undefined, {});
		(socket as unknown as { _isServer: boolean })._isServer = false;
		inside(socket).setSocket(far, Buffer.alloc(0), { maxPayload: 0 });
		near.write(Buffer.from([0x81, 1, 0x61]));
		expect(await message(socket)).toEqual(["a", false]);
	});

	test("setSocket reads what came before", async () => {
		const [, far] = await tcp();
		const socket = new WebSocket(null as never, undefined, {});
		const came = message(socket);
		inside(socket).setSocket(far, masked(0x81, "early"), {});
		expect(await came).toEqual(["early", false]);
	});

	test("setSocket keeps maxPayload", async () => {
		const [near, far] = await tcp();
		const socket = new WebSocket(null as never, undefined, {});
		inside(socket).setSocket(far, Buffer.alloc(0), { maxPayload: 2 });
		const failed = next(socket, "error");
		near.write(masked(0x81, "abc"));
		expect(((await failed)[0] as { code: string }).code).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
	});

	test("setSocket takes a Duplex that is no net.Socket", async () => {
		const written: Buffer[] = [];
		const duplex = new Duplex({
			read() {},
			write(chunk, _encoding, callback) {
				written.push(chunk);
				callback();
			},
		});
		const socket = new WebSocket(null as never, undefined, {});
		inside(socket).setSocket(duplex, Buffer.alloc(0), {});
		await new Promise<void>((resolve) => socket.send("a", () => resolve()));
		expect(Buffer.concat(written).toString("hex")).toBe("810161");
		socket.terminate();
		await closed(socket);
	});

	test("handleUpgrade takes a request that a test has made, over streams that it has made", async () => {
		const [near, far] = duplexPair();
		const server = new WebSocket.WebSocketServer({ noServer: true });
		kit.track(server);
		const request = {
			method: "GET",
			url: "/made",
			httpVersion: "1.1",
			headers: {
				connection: "upgrade",
				upgrade: "websocket",
				"sec-websocket-version": 13,
				"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
			},
		};
		const answer = next(near, "data");
		const peer = await new Promise<WsSocket>((resolve) =>
			server.handleUpgrade(request as never, far, Buffer.alloc(0), (made) => resolve(made)),
		);
		expect(String((await answer)[0])).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
		const came = message(peer);
		near.write(masked(0x81, "a"));
		expect(await came).toEqual(["a", false]);
	});

	test("_socket is still there behind the end", async () => {
		const { client } = await kit.pair();
		client.close();
		await closed(client);
		expect(inside(client)._socket.destroyed).toBe(true);
	});
}
