import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOCALHOST } from "../../../../conformance/fixtures/certificates.ts";
import { closed, type Kit, message, next, requestText } from "../kit.ts";

export function serverCases(kit: Kit): void {
	const { WebSocket } = kit;
	const { WebSocketServer } = WebSocket;

	test("a server without port, server or noServer throws a TypeError", () => {
		expect(() => new WebSocketServer({})).toThrow(
			'One and only one of the "port", "server", or "noServer" options must be specified',
		);
	});

	test("port and noServer together throw a TypeError", () => {
		expect(() => new WebSocketServer({ port: 0, noServer: true })).toThrow(TypeError);
	});

	test("server and noServer together throw a TypeError", () => {
		expect(() => new WebSocketServer({ server: createServer(), noServer: true })).toThrow(TypeError);
	});

	test("port and server together throw a TypeError", () => {
		expect(() => new WebSocketServer({ server: createServer(), port: 0 })).toThrow(TypeError);
	});

	test("the callback is called when the port listens", async () => {
		let called: () => void = () => {};
		const listening = new Promise<void>((resolve) => {
			called = resolve;
		});
		const server = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () => called());
		kit.track(server);
		await listening;
		expect(kit.port(server)).toBeGreaterThan(0);
	});

	test("address() tells port, address and family", async () => {
		const server = await kit.serve();
		expect(server.address()).toEqual({ address: "127.0.0.1", family: "IPv4", port: expect.any(Number) });
	});

	test("address() of noServer throws", () => {
		const server = new WebSocketServer({ noServer: true });
		expect(() => server.address()).toThrow('The server is operating in "noServer" mode');
	});

	test("address() behind close() is null", async () => {
		const server = await kit.serve();
		server.close();
		expect(server.address()).toBe(null);
	});

	test("a port that is taken is told as an error", async () => {
		const first = await kit.serve();
		const second = new WebSocketServer({ port: kit.port(first), host: "127.0.0.1" });
		const [error] = await next(second, "error");
		expect((error as NodeJS.ErrnoException).code).toBe("EADDRINUSE");
	});

	test("options has the defaults of ws", async () => {
		const server = await kit.serve();
		expect(server.options).toMatchObject({
			allowSynchronousEvents: true,
			autoPong: true,
			clientTracking: true,
			maxPayload: 104857600,
			perMessageDeflate: false,
			skipUTF8Validation: false,
		});
	});

	test("options.WebSocket is the class", async () => {
		const server = await kit.serve();
		expect((server.options as { WebSocket: unknown }).WebSocket).toBe(WebSocket);
	});

	test("connection gets the socket and the request", async () => {
		const { peer, request } = await kit.pair();
		expect([peer instanceof WebSocket, request.method, request.url]).toEqual([true, "GET", "/"]);
	});

	test("a socket is OPEN in the listener of connection", async () => {
		const server = await kit.serve();
		const state = new Promise((resolve) => server.on("connection", (peer) => resolve(peer.readyState)));
		kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		expect(await state).toBe(1);
	});

	test("clients has the sockets that are open", async () => {
		const { server, peer } = await kit.pair();
		expect([...server.clients]).toEqual([peer]);
	});

	test("clients lets go of a socket that has ended", async () => {
		const { server, client, peer } = await kit.pair();
		client.close();
		await closed(peer);
		expect(server.clients.size).toBe(0);
	});

	test("clientTracking: false has no clients", async () => {
		const server = await kit.serve({ clientTracking: false });
		expect(server.clients).toBe(undefined);
	});

	test("an ordinary request to a port gets 426", async () => {
		const server = await kit.serve();
		const response = await fetch(`http://127.0.0.1:${kit.port(server)}/`);
		expect([response.status, await response.text()]).toEqual([426, "Upgrade Required"]);
	});

	test("server: an HTTP server goes on with its requests", async () => {
		const http = await kit.http();
		kit.track(new WebSocketServer({ server: http }));
		const response = await fetch(`http://127.0.0.1:${kit.port(http)}/`);
		expect([await response.text(), http.listenerCount("upgrade")]).toEqual(["http", 1]);
	});

	test("server: its upgrades are taken", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ server: http });
		kit.track(server);
		server.on("connection", (peer) => peer.send("hi"));
		expect(await message(kit.client(`ws://127.0.0.1:${kit.port(http)}/`))).toEqual(["hi", false]);
	});

	test("server: listening is told", async () => {
		const http = createServer();
		const server = new WebSocketServer({ server: http });
		kit.track(server);
		const listening = once(server, "listening");
		http.listen(0, "127.0.0.1");
		await listening;
		kit.endsWith(() => http.close());
		expect(server.address()).toEqual(http.address());
	});

	test("server: an HTTPS server, and verifyClient is told that it is secure", async () => {
		const https = createHttpsServer(LOCALHOST);
		const secure: unknown[] = [];
		const verifyClient = (info: { secure: boolean }): boolean => secure.push(info.secure) > 0;
		const server = new WebSocketServer({ server: https, verifyClient });
		kit.track(server);
		kit.endsWith(() => https.close());
		https.listen(0, "127.0.0.1");
		await once(https, "listening");
		server.on("connection", (peer) => peer.send("over TLS"));
		const client = kit.client(`wss://127.0.0.1:${kit.port(https)}/`, { ca: LOCALHOST.cert });
		expect([await message(client), secure]).toEqual([["over TLS", false], [true]]);
	});

	test("server: a certificate that the client does not trust is its error", async () => {
		const https = createHttpsServer(LOCALHOST);
		https.listen(0, "127.0.0.1");
		kit.endsWith(() => https.close());
		await once(https, "listening");
		const client = kit.client(`wss://127.0.0.1:${kit.port(https)}/`);
		const [error] = await next(client, "error");
		expect((error as { code: string }).code).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
	});

	test("rejectUnauthorized: false takes it", async () => {
		const https = createHttpsServer(LOCALHOST);
		kit.track(new WebSocketServer({ server: https }));
		https.listen(0, "127.0.0.1");
		kit.endsWith(() => https.close());
		await once(https, "listening");
		const client = kit.client(`wss://localhost:${kit.port(https)}/`, { rejectUnauthorized: false });
		await once(client, "open");
		expect(client.readyState).toBe(1);
	});

	test("server: an error of it is told", async () => {
		const http = createServer();
		const server = new WebSocketServer({ server: http });
		const told = next(server, "error");
		http.emit("error", new Error("from http"));
		expect(((await told)[0] as Error).message).toBe("from http");
	});

	test("server: close() leaves it running", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ server: http });
		const listeners = [http.listenerCount("upgrade")];
		await new Promise<void>((resolve) => server.close(() => resolve()));
		listeners.push(http.listenerCount("upgrade"));
		expect([http.listening, listeners]).toEqual([true, [1, 0]]);
	});

	test("server: a Unix domain socket", async () => {
		const path = join(tmpdir(), `ws-${process.pid}-${Math.random().toString(36).slice(2)}.sock`);
		const http = createServer();
		const server = new WebSocketServer({ server: http });
		kit.track(server);
		kit.endsWith(() => http.close());
		http.listen(path);
		await once(http, "listening");
		server.on("connection", (peer, request) => peer.send(request.url ?? ""));
		expect(server.address()).toBe(path);
		expect(await message(kit.client(`ws+unix:${path}:/a?b`))).toEqual(["/a?b", false]);
	});

	test("path takes its own path alone", async () => {
		const server = await kit.serve({ path: "/a" });
		const raw = kit.raw(server);
		raw.socket.write(requestText({}, "GET /b HTTP/1.1"));
		expect(await raw.ended()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
	});

	test("path does not look at the query", async () => {
		const server = await kit.serve({ path: "/a" });
		const raw = kit.raw(server);
		raw.socket.write(requestText({}, "GET /a?b HTTP/1.1"));
		expect(await raw.head()).toMatch(/^HTTP\/1\.1 101 /);
	});

	test("shouldHandle may be put in place of", async () => {
		const server = await kit.serve();
		server.shouldHandle = () => false;
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect(await raw.ended()).toMatch(/^HTTP\/1\.1 400 /);
	});

	test("shouldHandle says what path says", async () => {
		const server = await kit.serve({ path: "/a" });
		expect([{ url: "/a" }, { url: "/a?x" }, { url: "/b" }].map((each) => server.shouldHandle(each as never))).toEqual([
			true,
			true,
			false,
		]);
	});

	test("noServer: handleUpgrade takes an upgrade", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ noServer: true });
		kit.track(server);
		http.on("upgrade", (request, socket, head) => {
			server.handleUpgrade(request, socket, head, (peer, same) => peer.send(String(same === request)));
		});
		expect(await message(kit.client(`ws://127.0.0.1:${kit.port(http)}/`))).toEqual(["true", false]);
	});

	test("noServer: the program emits connection itself", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ noServer: true });
		kit.track(server);
		http.on("upgrade", (request, socket, head) => {
			server.handleUpgrade(request, socket, head, (peer) => server.emit("connection", peer, request, "mine"));
		});
		const args = next(server, "connection");
		kit.client(`ws://127.0.0.1:${kit.port(http)}/`);
		expect((await args)[2]).toBe("mine");
	});

	test("noServer: two servers share one HTTP server", async () => {
		const http = await kit.http();
		const servers = ["/a", "/b"].map(() => new WebSocketServer({ noServer: true }));
		for (const [index, server] of servers.entries()) server.on("connection", (peer) => peer.send(`${index}`));
		http.on("upgrade", (request, socket, head) => {
			const server = servers[request.url === "/a" ? 0 : 1];
			server?.handleUpgrade(request, socket, head, (peer) => server.emit("connection", peer, request));
		});
		for (const server of servers) kit.track(server);
		const base = `ws://127.0.0.1:${kit.port(http)}`;
		expect(await message(kit.client(`${base}/b`))).toEqual(["1", false]);
		expect(await message(kit.client(`${base}/a`))).toEqual(["0", false]);
	});

	test("handleUpgrade twice with one socket throws", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ noServer: true });
		kit.track(server);
		const thrown = new Promise((resolve) => {
			http.on("upgrade", (request, socket, head) => {
				server.handleUpgrade(request, socket, head, () => {});
				try {
					server.handleUpgrade(request, socket, head, () => {});
				} catch (error) {
					resolve((error as Error).message);
				}
			});
		});
		kit.client(`ws://127.0.0.1:${kit.port(http)}/`);
		expect(await thrown).toMatch(/^server\.handleUpgrade\(\) was called more than once with the same socket/);
	});

	test("bytes that came with the request are not lost", async () => {
		const server = await kit.serve();
		const told = new Promise((resolve) =>
			server.on("connection", (peer) => peer.on("message", (data) => resolve(String(data)))),
		);
		const raw = kit.raw(server);
		raw.socket.write(Buffer.concat([Buffer.from(requestText()), Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61])]));
		expect(await told).toBe("a");
	});

	test("verifyClient gets origin, secure and the request", async () => {
		const infos: unknown[] = [];
		const { request } = await kit.pair(
			{
				verifyClient: (info: { origin: string; secure: boolean; req: unknown }) => {
					infos.push(info.origin, info.secure, info.req);
					return true;
				},
			},
			{ origin: "https://example.com" },
		);
		expect(infos).toEqual(["https://example.com", false, request]);
	});

	test("verifyClient that gives false answers 401", async () => {
		const server = await kit.serve({ verifyClient: () => false });
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		const answer = await raw.ended();
		expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
		expect(answer).toMatch(/\r\n\r\nUnauthorized$/);
	});

	test("verifyClient with a callback may take its time", async () => {
		const server = await kit.serve({
			verifyClient: (_info: unknown, verdict: (isWelcome: boolean) => void) => void setImmediate(() => verdict(true)),
		});
		server.on("connection", (peer) => peer.send("welcome"));
		expect(await message(kit.client(`ws://127.0.0.1:${kit.port(server)}/`))).toEqual(["welcome", false]);
	});

	test("verifyClient's callback gives 401 where it says nothing else", async () => {
		const server = await kit.serve({
			verifyClient: (_info: unknown, verdict: (isWelcome: boolean) => void) => verdict(false),
		});
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect(await raw.ended()).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
	});

	test("verifyClient's callback says code, text and fields", async () => {
		const server = await kit.serve({
			verifyClient: (
				_info: unknown,
				verdict: (isWelcome: boolean, code: number, text: string, headers: Record<string, string>) => void,
			) => verdict(false, 503, "later", { "Retry-After": "120" }),
		});
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		const answer = await raw.ended();
		expect(answer).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
		expect(answer).toContain("\r\nRetry-After: 120\r\n");
		expect(answer).toMatch(/\r\n\r\nlater$/);
	});

	test("a client that has gone while verifyClient waits is let go without a word", async () => {
		type Asked = { readonly gone: Promise<unknown>; readonly verdict: (isWelcome: boolean) => void };
		let asked: (question: Asked) => void = () => {};
		const question = new Promise<Asked>((resolve) => {
			asked = resolve;
		});
		const server = await kit.serve({
			verifyClient: (info: { req: { socket: Socket } }, verdict: (isWelcome: boolean) => void) =>
				asked({ gone: next(info.req.socket, "close"), verdict }),
		});
		const connections: unknown[] = [];
		server.on("connection", (peer) => connections.push(peer));
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		const { gone, verdict } = await question;
		raw.socket.resetAndDestroy();
		await gone;
		verdict(true);
		expect(connections).toEqual([]);
	});

	test("handleProtocols chooses from a Set", async () => {
		const { client, peer } = await kit.pair(
			{ handleProtocols: (protocols: Set<string>) => [...protocols].at(-1) as string },
			{},
			["a", "b"],
		);
		expect([client.protocol, peer.protocol]).toEqual(["b", "b"]);
	});

	test("handleProtocols gets the request", async () => {
		const seen: unknown[] = [];
		const { request } = await kit.pair(
			{
				handleProtocols: (protocols: Set<string>, asked: unknown) => {
					seen.push(asked);
					return [...protocols][0] as string;
				},
			},
			{},
			["a"],
		);
		expect(seen).toEqual([request]);
	});

	test("without handleProtocols the first one is chosen", async () => {
		const { client, peer } = await kit.pair({}, {}, ["a", "b"]);
		expect([client.protocol, peer.protocol]).toEqual(["a", "a"]);
	});

	test("handleProtocols may be set later", async () => {
		const server = await kit.serve();
		server.options.handleProtocols = () => "b";
		const client = kit.client(`ws://127.0.0.1:${kit.port(server)}/`, {}, ["a", "b"]);
		await once(client, "open");
		expect(client.protocol).toBe("b");
	});

	test("headers gets the lines of the answer and the request", async () => {
		const server = await kit.serve();
		const told = next(server, "headers");
		kit.client(`ws://127.0.0.1:${kit.port(server)}/`);
		const [lines, request] = (await told) as [string[], { url: string }];
		expect([lines[0], request.url]).toEqual(["HTTP/1.1 101 Switching Protocols", "/"]);
	});

	test("a line that is pushed in headers is sent", async () => {
		const server = await kit.serve();
		server.on("headers", (lines) => lines.push("Set-Cookie: a=b"));
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect(await raw.head()).toContain("\r\nSet-Cookie: a=b\r\n");
	});

	test("options.WebSocket makes sockets of a subclass", async () => {
		class Mine extends WebSocket {
			own(): string {
				return "mine";
			}
		}
		const { peer } = await kit.pair({ WebSocket: Mine as never });
		expect([peer instanceof Mine, (peer as Mine).own()]).toEqual([true, "mine"]);
	});

	test("a server can be subclassed", async () => {
		class Mine extends WebSocketServer {
			override shouldHandle(): boolean {
				return false;
			}
		}
		const server = new Mine({ port: 0, host: "127.0.0.1" });
		kit.track(server);
		await once(server, "listening");
		const raw = kit.raw(server);
		raw.socket.write(requestText());
		expect(await raw.ended()).toMatch(/^HTTP\/1\.1 400 /);
	});

	test("close() calls back when the port is free", async () => {
		const server = await kit.serve();
		const port = kit.port(server);
		const error = await new Promise((resolve) => server.close(resolve));
		const again = await kit.serve({ port });
		expect([error, kit.port(again)]).toEqual([undefined, port]);
	});

	test("close() emits close", async () => {
		const server = await kit.serve();
		const told = next(server, "close");
		server.close();
		expect(await told).toEqual([]);
	});

	test("close() leaves clients alone", async () => {
		const { server, client, peer } = await kit.pair();
		server.close();
		client.send("still here");
		expect(await message(peer)).toEqual(["still here", false]);
	});

	test("noServer: close() waits for its clients", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ noServer: true });
		kit.track(server);
		http.on("upgrade", (request, socket, head) => {
			server.handleUpgrade(request, socket, head, (peer) => server.emit("connection", peer, request));
		});
		const client = kit.client(`ws://127.0.0.1:${kit.port(http)}/`);
		await Promise.all([once(client, "open"), once(server, "connection")]);
		const order: string[] = [];
		client.on("close", () => order.push("client"));
		const ended = new Promise<void>((resolve) => server.close(() => resolve()));
		await new Promise((resolve) => setImmediate(resolve));
		order.push("closing");
		client.close();
		await ended;
		expect(order[0]).toBe("closing");
	});

	test("a second close() calls back too", async () => {
		const server = await kit.serve();
		const both = await Promise.all([
			new Promise((resolve) => server.close(resolve)),
			new Promise((resolve) => server.close(resolve)),
		]);
		expect([both, server.address()]).toEqual([[undefined, undefined], null]);
	});

	test("close() behind the end calls back with an error", async () => {
		const server = await kit.serve();
		await new Promise((resolve) => server.close(resolve));
		const error = await new Promise((resolve) => server.close(resolve));
		expect((error as Error).message).toBe("The server is not running");
	});

	test("noServer: behind close() an upgrade gets 503", async () => {
		const http = await kit.http();
		const server = new WebSocketServer({ noServer: true });
		http.on("upgrade", (request, socket, head) => server.handleUpgrade(request, socket, head, () => {}));
		server.close();
		const raw = kit.raw(http);
		raw.socket.write(requestText());
		expect(await raw.ended()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
	});

	test("broadcast to all clients", async () => {
		const { server, client } = await kit.pair();
		for (const each of server.clients) each.send("all");
		expect(await message(client)).toEqual(["all", false]);
	});
}
