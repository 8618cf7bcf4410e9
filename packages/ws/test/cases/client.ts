import { once } from "node:events";
import { Agent, createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { acceptOf, closed, type Kit, message, next } from "../kit.ts";

/** The end of a client that can't open: its error's text and the code of close. */
async function failure(client: import("ws").WebSocket): Promise<[string, number]> {
	const [[error], [code]] = await Promise.all([next(client, "error"), closed(client)]);
	return [(error as Error).message, code];
}

const SWITCH = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];

/** A server whose answer is these lines, with the right accept key where ACCEPT stands. */
async function answering(kit: Kit, lines: readonly string[], behind = ""): Promise<string> {
	const server = createServer();
	server.on("upgrade", async (request, socket) => {
		const accept = await acceptOf(`sec-websocket-key: ${request.headers["sec-websocket-key"]}\r\n`);
		socket.on("error", () => {});
		const text = `${[...lines, "", ""].join("\r\n")}${behind}`;
		socket.write(text.replace("ACCEPT", accept), "latin1");
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	kit.endsWith(() => server.close());
	return `ws://127.0.0.1:${kit.port(server)}/`;
}

export function clientCases(kit: Kit): void {
	const { WebSocket } = kit;

	test("an address that is none throws a SyntaxError", () => {
		expect(() => new WebSocket("foo")).toThrow("Invalid URL: foo");
		expect(() => new WebSocket("foo")).toThrow(SyntaxError);
	});

	test("another scheme throws a SyntaxError", () => {
		expect(() => new WebSocket("ftp://localhost")).toThrow(
			'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"',
		);
	});

	test("a fragment throws a SyntaxError", () => {
		expect(() => new WebSocket("ws://localhost/#a")).toThrow("The URL contains a fragment identifier");
	});

	test("ws+unix without a path throws a SyntaxError", () => {
		expect(() => new WebSocket("ws+unix:")).toThrow("The URL's pathname is empty");
	});

	test("a subprotocol that is no token throws a SyntaxError", () => {
		expect(() => new WebSocket("ws://localhost", ["a b"])).toThrow(
			"An invalid or duplicated subprotocol was specified",
		);
	});

	test("a subprotocol twice throws a SyntaxError", () => {
		expect(() => new WebSocket("ws://localhost", ["a", "a"])).toThrow(SyntaxError);
	});

	test("an empty subprotocol throws a SyntaxError", () => {
		expect(() => new WebSocket("ws://localhost", [""])).toThrow(SyntaxError);
	});

	test("protocolVersion 1000 throws a RangeError", () => {
		expect(() => new WebSocket("ws://localhost", { protocolVersion: 1000 })).toThrow(RangeError);
	});

	test("protocolVersion 1000 is told with those that are there", () => {
		expect(() => new WebSocket("ws://localhost", { protocolVersion: 1000 })).toThrow(
			/^Unsupported protocol version: 1000 \(supported versions: /,
		);
	});

	test("a URL object is taken", async () => {
		const server = await kit.serve();
		const client = kit.client(new URL(`ws://127.0.0.1:${kit.port(server)}/a`) as never);
		const [, request] = await next(server, "connection");
		expect([(request as { url: string }).url, client.url]).toEqual(["/a", `ws://127.0.0.1:${kit.port(server)}/a`]);
	});

	test("http: is taken for ws:", async () => {
		const server = await kit.serve();
		const client = kit.client(`http://127.0.0.1:${kit.port(server)}/`);
		await once(client, "open");
		expect(client.url).toBe(`ws://127.0.0.1:${kit.port(server)}/`);
	});

	test("path and query are asked for", async () => {
		const server = await kit.serve();
		kit.client(`ws://127.0.0.1:${kit.port(server)}/a/b?c=d&e`);
		const [, request] = await next(server, "connection");
		expect((request as { url: string }).url).toBe("/a/b?c=d&e");
	});

	test("a string is one subprotocol", async () => {
		const { request } = await kit.pair({}, {}, "chat");
		expect(request.headers["sec-websocket-protocol"]).toBe("chat");
	});

	test("several subprotocols are one field", async () => {
		const { request } = await kit.pair({}, {}, ["a", "b"]);
		expect(request.headers["sec-websocket-protocol"]).toBe("a,b");
	});

	test("the options may stand in the place of the subprotocols", async () => {
		const server = await kit.serve();
		const client = new WebSocket(`ws://127.0.0.1:${kit.port(server)}/`, { headers: { "x-a": "b" } });
		kit.endsWith(() => client.terminate());
		const [[, request]] = await Promise.all([next(server, "connection"), once(client, "open")]);
		expect((request as { headers: Record<string, string> }).headers["x-a"]).toBe("b");
	});

	test("headers are sent", async () => {
		const { request } = await kit.pair({}, { headers: { Cookie: "a=b", "X-Mine": "1" } });
		expect([request.headers.cookie, request.headers["x-mine"]]).toEqual(["a=b", "1"]);
	});

	test("a Host of the headers takes the place of the address", async () => {
		const { request } = await kit.pair({}, { headers: { Host: "example.com" } });
		expect(request.headers.host).toBe("example.com");
	});

	test("origin is sent", async () => {
		const { request } = await kit.pair({}, { origin: "https://example.com" });
		expect(request.headers.origin).toBe("https://example.com");
	});

	test("protocolVersion 8 sends the origin under its old name", async () => {
		const server = createServer();
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		kit.endsWith(() => server.close());
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`, { origin: "http://a", protocolVersion: 8 });
		client.on("error", () => {});
		const [request, socket] = (await next(server, "upgrade")) as [
			{ headers: Record<string, string> },
			{ destroy(): void },
		];
		socket.destroy();
		expect([request.headers["sec-websocket-version"], request.headers["sec-websocket-origin"]]).toEqual([
			"8",
			"http://a",
		]);
	});

	test("user and password of the address are sent", async () => {
		const server = await kit.serve();
		kit.client(`ws://me:secret@127.0.0.1:${kit.port(server)}/`);
		const [, request] = await next(server, "connection");
		expect((request as { headers: Record<string, string> }).headers.authorization).toBe(
			`Basic ${Buffer.from("me:secret").toString("base64")}`,
		);
	});

	test("the option auth is sent", async () => {
		const { request } = await kit.pair({}, { auth: "me:secret" } as object);
		expect(request.headers.authorization).toBe(`Basic ${Buffer.from("me:secret").toString("base64")}`);
	});

	test("permessage-deflate is offered by default", async () => {
		const { request } = await kit.pair();
		expect(request.headers["sec-websocket-extensions"]).toBe("permessage-deflate; client_max_window_bits");
	});

	test("perMessageDeflate: false offers nothing", async () => {
		const { request } = await kit.pair({}, { perMessageDeflate: false });
		expect(request.headers["sec-websocket-extensions"]).toBe(undefined);
	});

	test("perMessageDeflate's options are offered", async () => {
		const { request } = await kit.pair(
			{},
			{ perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true } },
		);
		expect(String(request.headers["sec-websocket-extensions"])).toContain("server_no_context_takeover");
		expect(String(request.headers["sec-websocket-extensions"])).toContain("client_no_context_takeover");
	});

	test("an agent is used", async () => {
		const agent = new Agent();
		const server = await kit.serve();
		let used = 0;
		const create = agent.createConnection.bind(agent);
		(agent as unknown as { createConnection: unknown }).createConnection = (...args: never[]) => {
			used++;
			return (create as (...args: never[]) => unknown)(...args);
		};
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`, { agent });
		await once(client, "open");
		expect(used).toBeGreaterThan(0);
	});

	test("createConnection makes the socket", async () => {
		const server = await kit.serve();
		const port = kit.port(server);
		const client = kit.client("ws://nowhere.invalid/", {
			createConnection: (() => connect(port, "127.0.0.1")) as never,
		});
		await once(client, "open");
		expect(client.readyState).toBe(1);
	});

	test("finishRequest ends the request itself", async () => {
		const server = await kit.serve();
		kit.client(`ws://127.0.0.1:${kit.port(server)}/`, {
			finishRequest: (request, socket) => {
				request.setHeader("X-Late", String(socket.readyState));
				request.end();
			},
		});
		const [, request] = await next(server, "connection");
		expect((request as { headers: Record<string, string> }).headers["x-late"]).toBe("0");
	});

	test("upgrade is told with the response before open", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const order: unknown[] = [];
		client.on("upgrade", (response) => order.push(response.statusCode));
		client.on("open", () => order.push("open"));
		await once(client, "open");
		expect(order).toEqual([101, "open"]);
	});

	test("nobody listens: error, then close with 1006", async () => {
		const server = await kit.serve();
		const port = kit.port(server);
		await new Promise((resolve) => server.close(resolve));
		const client = kit.client(`ws://127.0.0.1:${port}/`);
		const order: unknown[] = [];
		client.on("error", (error) => order.push((error as NodeJS.ErrnoException).code));
		client.on("close", (code) => order.push(code));
		await closed(client);
		expect(order).toEqual(["ECONNREFUSED", 1006]);
	});

	test("another status: Unexpected server response", async () => {
		const http = await kit.http();
		const client = kit.client(`ws://127.0.0.1:${kit.port(http)}/`);
		expect(await failure(client)).toEqual(["Unexpected server response: 200", 1006]);
	});

	test("401: Unexpected server response: 401", async () => {
		const server = await kit.serve({ verifyClient: () => false });
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(await failure(client)).toEqual(["Unexpected server response: 401", 1006]);
	});

	test("unexpected-response gets request and response, and no error is told", async () => {
		const server = await kit.serve({ verifyClient: () => false });
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const errors: unknown[] = [];
		client.on("error", (error) => errors.push(error.message));
		const [request, response] = (await next(client, "unexpected-response")) as [
			{ destroy(): void; path: string },
			{ statusCode: number },
		];
		expect([request.path, response.statusCode, errors]).toEqual(["/", 401, []]);
		request.destroy();
	});

	test("handshakeTimeout", async () => {
		const { url } = await kit.rawServer(() => null);
		const client = kit.client(url, { handshakeTimeout: 50 });
		expect(await failure(client)).toEqual(["Opening handshake has timed out", 1006]);
	});

	test("a server that hangs up: an error, then close", async () => {
		const { url, sockets } = await kit.rawServer(() => null);
		const client = kit.client(url);
		const told = failure(client);
		while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
		sockets[0]?.end();
		expect(await told).toEqual(["socket hang up", 1006]);
	});

	test("a wrong accept key", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="]);
		expect(await failure(kit.client(url))).toEqual(["Invalid Sec-WebSocket-Accept header", 1006]);
	});

	test("no accept key", async () => {
		const url = await answering(kit, SWITCH);
		expect(await failure(kit.client(url))).toEqual(["Invalid Sec-WebSocket-Accept header", 1006]);
	});

	test("another upgrade than was asked for", async () => {
		const url = await answering(kit, [
			"HTTP/1.1 101 Switching Protocols",
			"Upgrade: foo",
			"Connection: Upgrade",
			"Sec-WebSocket-Accept: ACCEPT",
		]);
		expect(await failure(kit.client(url))).toEqual(["Invalid Upgrade header", 1006]);
	});

	test("a subprotocol that was not asked for", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: ACCEPT", "Sec-WebSocket-Protocol: a"]);
		expect(await failure(kit.client(url))).toEqual(["Server sent a subprotocol but none was requested", 1006]);
	});

	test("another subprotocol than was asked for", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: ACCEPT", "Sec-WebSocket-Protocol: b"]);
		expect(await failure(kit.client(url, {}, ["a"]))).toEqual(["Server sent an invalid subprotocol", 1006]);
	});

	test("no subprotocol where one was asked for", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: ACCEPT"]);
		expect(await failure(kit.client(url, {}, ["a"]))).toEqual(["Server sent no subprotocol", 1006]);
	});

	test("an extension where none was offered", async () => {
		const url = await answering(kit, [
			...SWITCH,
			"Sec-WebSocket-Accept: ACCEPT",
			"Sec-WebSocket-Extensions: permessage-deflate",
		]);
		expect(await failure(kit.client(url, { perMessageDeflate: false }))).toEqual([
			"Server sent a Sec-WebSocket-Extensions header but no extension was requested",
			1006,
		]);
	});

	test("an extension that was not offered", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: ACCEPT", "Sec-WebSocket-Extensions: foo"]);
		expect(await failure(kit.client(url))).toEqual(["Server indicated an extension that was not requested", 1006]);
	});

	test("an extension that was not offered behind one that was", async () => {
		const url = await answering(kit, [
			...SWITCH,
			"Sec-WebSocket-Accept: ACCEPT",
			"Sec-WebSocket-Extensions: permessage-deflate, foo",
		]);
		expect(await failure(kit.client(url))).toEqual(["Server indicated an extension that was not requested", 1006]);
	});

	test("an extension's answer that is no list", async () => {
		const url = await answering(kit, [
			...SWITCH,
			"Sec-WebSocket-Accept: ACCEPT",
			"Sec-WebSocket-Extensions: permessage-deflate;=",
		]);
		expect(await failure(kit.client(url))).toEqual(["Invalid Sec-WebSocket-Extensions header", 1006]);
	});

	test("an extension's answer with a parameter that it does not have", async () => {
		const url = await answering(kit, [
			...SWITCH,
			"Sec-WebSocket-Accept: ACCEPT",
			"Sec-WebSocket-Extensions: permessage-deflate; foo",
		]);
		expect(await failure(kit.client(url))).toEqual(["Invalid Sec-WebSocket-Extensions header", 1006]);
	});

	test("frames that come with the answer are not lost", async () => {
		const url = await answering(kit, [...SWITCH, "Sec-WebSocket-Accept: ACCEPT"], "\x81\x01a");
		expect(await message(kit.client(url))).toEqual(["a", false]);
	});

	test("a redirect is not followed by default", async () => {
		const { url } = await kit.rawServer(() => "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n");
		expect(await failure(kit.client(url))).toEqual(["Unexpected server response: 302", 1006]);
	});

	test("followRedirects follows one", async () => {
		const server = await kit.serve();
		const { url } = await kit.rawServer(
			() => `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${kit.port(server)}/b\r\nConnection: close\r\n\r\n`,
		);
		const client = kit.client(url, { followRedirects: true });
		const [, request] = await next(server, "connection");
		expect([(request as { url: string }).url, client.url]).toEqual(["/b", `ws://127.0.0.1:${kit.port(server)}/b`]);
	});

	test("a redirect is told with the new address", async () => {
		const server = await kit.serve();
		const next_ = `ws://127.0.0.1:${kit.port(server)}/b`;
		const { url } = await kit.rawServer(() => `HTTP/1.1 301 Moved\r\nLocation: ${next_}\r\n\r\n`);
		const client = kit.client(url, { followRedirects: true });
		const [told] = await next(client, "redirect");
		expect(told).toBe(next_);
	});

	test("a relative Location is followed", async () => {
		const http = await kit.http();
		const server = new WebSocket.WebSocketServer({ noServer: true });
		kit.track(server);
		http.on("upgrade", (request, socket, head) => {
			if (request.url !== "/b") return void socket.end("HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n");
			server.handleUpgrade(request, socket, head, (peer) => peer.send("here"));
		});
		const client = kit.client(`ws://127.0.0.1:${kit.port(http)}/a`, { followRedirects: true });
		expect(await message(client)).toEqual(["here", false]);
	});

	test("maxRedirects", async () => {
		const { url } = await kit.rawServer(() => "HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n");
		const client = kit.client(url, { followRedirects: true, maxRedirects: 1 });
		expect(await failure(client)).toEqual(["Maximum redirects exceeded", 1006]);
	});

	test("a Location that is no address", async () => {
		const { url } = await kit.rawServer(() => "HTTP/1.1 302 Found\r\nLocation: http://\r\n\r\n");
		const client = kit.client(url, { followRedirects: true });
		expect((await failure(client))[0]).toBe("Invalid URL: http://");
	});

	test("Authorization and Cookie are not told to another host", async () => {
		const server = await kit.serve();
		const { url } = await kit.rawServer(
			() => `HTTP/1.1 302 Found\r\nLocation: ws://localhost:${kit.port(server)}/\r\n\r\n`,
		);
		kit.client(url, { followRedirects: true, headers: { Authorization: "Basic Zm9v", Cookie: "a=b" } });
		const [, request] = (await next(server, "connection")) as [unknown, { headers: Record<string, string> }];
		expect([request.headers.authorization, request.headers.cookie]).toEqual([undefined, undefined]);
	});

	test("an ordinary field is told to another host", async () => {
		const server = await kit.serve();
		const { url } = await kit.rawServer(
			() => `HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${kit.port(server)}/\r\n\r\n`,
		);
		kit.client(url, { followRedirects: true, headers: { "X-Mine": "1" } });
		const [, request] = (await next(server, "connection")) as [unknown, { headers: Record<string, string> }];
		expect(request.headers["x-mine"]).toBe("1");
	});

	test("closing in the listener of upgrade gives no open", async () => {
		const server = await kit.serve();
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const order: string[] = [];
		client.on("open", () => order.push("open"));
		client.on("error", () => order.push("error"));
		client.on("close", () => order.push("close"));
		client.on("upgrade", () => client.terminate());
		await closed(client);
		expect(order).toEqual(["error", "close"]);
	});

	test("a client masks what it sends, each frame by another key", async () => {
		const server = createServer();
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		kit.endsWith(() => server.close());
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const [request, socket] = (await next(server, "upgrade")) as [IncomingMessage, Duplex];
		kit.endsWith(() => socket.destroy());
		const accept = await acceptOf(`sec-websocket-key: ${request.headers["sec-websocket-key"]}\r\n`);
		socket.write([...SWITCH, `Sec-WebSocket-Accept: ${accept}`, "", ""].join("\r\n"));
		await once(client, "open");
		client.send("a");
		client.send("a");
		let bytes = Buffer.alloc(0);
		while (bytes.length < 14) bytes = Buffer.concat([bytes, (await next(socket, "data"))[0] as Buffer]);
		const frames = [bytes.subarray(0, 7), bytes.subarray(7)];
		const [first, second] = frames.map((frame) => frame.subarray(2, 6).toString("hex"));
		expect(frames.map((frame) => [frame[1], (frame[6] as number) ^ (frame[2] as number)])).toEqual([
			[0x81, 0x61],
			[0x81, 0x61],
		]);
		expect(first).not.toBe(second);
	});

	test("maxPayload of a client", async () => {
		const { client, peer } = await kit.pair({}, { maxPayload: 5 });
		const failed = next(client, "error");
		peer.send("123456");
		expect(((await failed)[0] as { code: string }).code).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
	});

	test("a subclass of the client", async () => {
		class Mine extends WebSocket {}
		const server = await kit.serve();
		const client = new Mine(`ws://127.0.0.1:${kit.port(server)}/`);
		kit.endsWith(() => client.terminate());
		await once(client, "open");
		expect(client).toBeInstanceOf(WebSocket);
	});
}
