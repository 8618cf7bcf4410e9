import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectOptions, connect, type ServeOptions, serve } from "@barewire/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure } from "./failure.ts";
import { portOf } from "./raw-client.ts";

let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "barewire-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("serve, where it can't listen", () => {
	test("a port in use", async () => {
		const server = await serve({ port: 0 });
		const port = portOf(server);
		expect(await failure(() => serve({ port }))).toEqual({
			name: "TransportError",
			code: "ERR_ADDRESS_IN_USE",
			message: `cannot listen on 127.0.0.1:${port}: the address is in use already: stop the other program, remove a stale socket file, or choose another`,
		});
		await server.close();
	});

	test("the port is free again after close()", async () => {
		const server = await serve({ port: 0 });
		const port = portOf(server);
		await server.close();
		const second = await serve({ port });
		expect(portOf(second)).toBe(port);
		await second.close();
	});

	test("an address of another machine", async () => {
		// RFC 5737: 192.0.2.0/24 is nobody's.
		expect(await failure(() => serve({ hostname: "192.0.2.1", port: 0 }))).toMatchObject({
			name: "TransportError",
			code: "ERR_ADDRESS_UNAVAILABLE",
			message: expect.stringContaining("192.0.2.1:0"),
		});
	});

	test("a name that does not resolve", async () => {
		// RFC 6761 §6.4: `.invalid` never does.
		expect(await failure(() => serve({ hostname: "host.invalid", port: 0 }))).toMatchObject({
			name: "TransportError",
			code: "ERR_NAME_NOT_RESOLVED",
			message: expect.stringContaining("host.invalid:0"),
		});
	});

	test("a path in a folder that is not there", async () => {
		const path = join(folder, "missing", "app.sock");
		expect(await failure(() => serve({ path }))).toMatchObject({
			name: "TransportError",
			code: expect.stringMatching(/^ERR_(PATH|PERMISSION)$/),
			message: expect.stringContaining(path),
		});
	});

	test("a path that exists", async () => {
		const file = join(folder, "file");
		writeFileSync(file, "");
		expect(await failure(() => serve({ path: file }))).toMatchObject({
			name: "TransportError",
			code: "ERR_ADDRESS_IN_USE",
			message: expect.stringContaining(file),
		});
		const path = join(folder, "used.sock");
		const server = await serve({ path });
		expect(await failure(() => serve({ path }))).toMatchObject({ code: "ERR_ADDRESS_IN_USE" });
		await server.close();
		await (await serve({ path })).close();
	});

	test("a path that is too long for a socket", async () => {
		expect(await failure(() => serve({ path: join(folder, "x".repeat(200)) }))).toMatchObject({
			name: "TransportError",
			code: "ERR_PATH",
		});
	});
});

describe("connect, where nobody answers as a server should", () => {
	let peer: NetServer | null = null;

	afterEach(() => {
		peer?.close();
		peer = null;
	});

	/** A server that does this to each connection. */
	async function serveRaw(behave: (socket: Socket) => void): Promise<string> {
		peer = createServer((socket) => {
			socket.on("error", () => {});
			behave(socket);
		});
		peer.listen(0, "127.0.0.1");
		await once(peer, "listening");
		const address = peer.address();
		return `ws://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
	}

	test("a refused port", async () => {
		const server = await serve({ port: 0 });
		const port = portOf(server);
		await server.close();
		expect(await failure(() => connect(`ws://127.0.0.1:${port}/`))).toEqual({
			name: "TransportError",
			code: "ERR_CONNECTION_REFUSED",
			message: `cannot connect to 127.0.0.1:${port}: nobody listens there`,
		});
	});

	test("a refused port of a name with several addresses", async () => {
		const server = await serve({ port: 0 });
		const port = portOf(server);
		await server.close();
		expect(await failure(() => connect(`ws://localhost:${port}/`))).toEqual({
			name: "TransportError",
			code: "ERR_CONNECTION_REFUSED",
			message: `cannot connect to localhost:${port}: nobody listens there`,
		});
	});

	test("a name that does not resolve", async () => {
		expect(await failure(() => connect("ws://host.invalid/"))).toMatchObject({
			name: "TransportError",
			code: "ERR_NAME_NOT_RESOLVED",
			message: "cannot connect to host.invalid:80: the host name does not resolve",
		});
	});

	test("a path that is not there", async () => {
		const path = join(folder, "nobody.sock");
		expect(await failure(() => connect("ws://localhost/", { path }))).toMatchObject({
			name: "TransportError",
			code: "ERR_PATH",
			message: expect.stringContaining(path),
		});
	});

	test("a server that ends the connection", async () => {
		const url = await serveRaw((socket) => socket.end());
		expect(await failure(() => connect(url))).toMatchObject({ name: "HandshakeError", code: "ERR_HANDSHAKE_ENDED" });
	});

	test("a server that resets the connection", async () => {
		const url = await serveRaw((socket) => socket.once("data", () => socket.resetAndDestroy()));
		expect(await failure(() => connect(url))).toMatchObject({
			name: "TransportError",
			code: "ERR_CONNECTION_RESET",
		});
	});

	test("a server that speaks something else", async () => {
		const url = await serveRaw((socket) => socket.write("220 mail.example.com ESMTP\r\n"));
		expect(await failure(() => connect(url))).toMatchObject({ name: "HandshakeError", code: "ERR_HANDSHAKE_INVALID" });
	});

	test("a server that says nothing", async () => {
		const url = await serveRaw(() => {});
		expect(await failure(() => connect(url, { timeouts: { handshake: 500 } }))).toMatchObject({
			name: "HandshakeError",
			code: "ERR_HANDSHAKE_TIMED_OUT",
		});
	});

	test("a caller that gives up gets the signal's own reason", async () => {
		const controller = new AbortController();
		const reason = new Error("changed my mind");
		const url = await serveRaw((socket) => socket.once("data", () => controller.abort(reason)));
		await expect(connect(url, { signal: controller.signal })).rejects.toBe(reason);
		await expect(connect(url, { signal: controller.signal })).rejects.toBe(reason);
	});
});

describe("wrong options fail at once and are named", () => {
	const usage = (name: string) => ({
		name: "UsageError",
		code: "ERR_OPTION",
		message: expect.stringContaining(`\`${name}\``),
	});

	test.each<[name: string, options: Record<string, unknown>]>([
		["port", { port: "80" }],
		["port", { port: 65_536 }],
		["port", { port: 1.5 }],
		["port", { port: Number.NaN }],
		["port", { port: null }],
		["port", {}],
		["path", { port: 0, path: "/tmp/both.sock" }],
		["path", { path: "" }],
		["hostname", { port: 0, hostname: "" }],
		["hostname", { path: "/tmp/app.sock", hostname: "localhost" }],
		["backlog", { port: 0, backlog: 0 }],
		["prot", { port: 0, prot: 80 }],
		["constructor", { port: 0, constructor: 80 }],
		["fetch", { port: 0, fetch: "hello" }],
		["upgrade", { port: 0, upgrade: true }],
		["message", { port: 0, message: null }],
		["origins", { port: 0, origins: "*" }],
		["origins", { port: 0, origins: ["example.com"] }],
		["origins", { port: 0, origins: ["https://example.com/"] }],
		["tls", { port: 0, tls: {} }],
		["tls", { port: 0, tls: { key: "key" } }],
		["tls", { port: 0, tls: true }],
		["tls.cret", { port: 0, tls: { key: "key", cret: "cert" } }],
		["tls.key", { port: 0, tls: { key: 1, cert: "cert" } }],
		["limits", { port: 0, limits: 5 }],
		["limits.maxMessageSize", { port: 0, limits: { maxMessageSize: Number.NaN } }],
		["limits.maxMessageSize", { port: 0, limits: { maxMessageSize: -1 } }],
		["limits.maxHeadSize", { port: 0, limits: { maxHeadSize: "1k" } }],
		["limits.highWaterMark", { port: 0, limits: { highWaterMark: Number.NaN } }],
		["limits.maxMesageSize", { port: 0, limits: { maxMesageSize: 1 } }],
		["timeouts.idle", { port: 0, timeouts: { idle: 0 } }],
		["timeouts.closing", { port: 0, timeouts: { closing: Number.NaN } }],
		["keepAlive", { port: 0, keepAlive: true }],
		["keepAlive.interval", { port: 0, keepAlive: { interval: -5 } }],
	])("serve: %s in %o", async (name, options) => {
		expect(await failure(() => serve(options as unknown as ServeOptions<undefined>))).toMatchObject(usage(name));
	});

	test.each([
		["serve()", undefined],
		["serve(null)", null],
		["serve(80)", 80],
		["serve([])", []],
	])("%s", async (_name, options) => {
		expect(await failure(() => serve(options as unknown as ServeOptions<undefined>))).toMatchObject({
			name: "UsageError",
			code: "ERR_OPTION",
			message: expect.stringContaining("the options must be an object"),
		});
	});

	test.each<[name: string, options: Record<string, unknown>]>([
		["protocols", { protocols: "chat" }],
		["origin", { origin: 5 }],
		["signal", { signal: {} }],
		["path", { path: 1 }],
		["tls.ca", { tls: { ca: 1 } }],
		["tls.key", { tls: { key: "key" } }],
		["fetch", { fetch: () => {} }],
		["limits.maxFragments", { limits: { maxFragments: Number.NaN } }],
		["timeouts.handshake", { timeouts: { handshake: "1s" } }],
	])("connect: %s in %o", async (name, options) => {
		expect(await failure(() => connect("ws://127.0.0.1:9/", options as ConnectOptions))).toMatchObject(usage(name));
	});

	test.each([
		"",
		"example.com",
		"ftp://example.com/",
		"ws://",
		"ws://host:99999/",
		"ws://host/#fragment",
		"ws://ho st/",
	])("connect: the URL %j", async (url) => {
		expect(await failure(() => connect(url))).toMatchObject({ name: "UsageError", code: "ERR_URL" });
	});

	test.each<[string, ConnectOptions]>([
		["a subprotocol that is no token", { protocols: ["chat v1"] }],
		["a subprotocol twice", { protocols: ["a", "a"] }],
		["a header that would end its line", { headers: { cookie: "a\r\nHost: evil" } }],
		["a header's name that would end its line", { headers: { "a\r\nb": "c" } }],
		["an origin that would end its line", { origin: "http://a\r\nX: y" }],
		["a header that the handshake makes itself", { headers: { "sec-websocket-key": "mine" } }],
	])("connect: %s never reaches the wire", async (_name, options) => {
		const server = createServer();
		let octets = 0;
		server.on("connection", (socket) =>
			socket
				.on("error", () => {})
				.on("data", (chunk) => {
					octets += chunk.length;
				}),
		);
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as { port: number };
		await expect(connect(`ws://127.0.0.1:${port}/`, options)).rejects.toThrow(/./);
		await new Promise((resolve) => server.close(resolve));
		expect(octets).toBe(0);
	});
});
