import { once } from "node:events";
import { createServer } from "node:net";
import { UsageError as EndpointUsageError } from "@barewire/endpoint";
import { UsageError } from "@barewire/errors";
import { UsageError as FramingUsageError } from "@barewire/framing";
import { encodeChunkHeader, UsageError as Http1UsageError } from "@barewire/http1";
import { type ConnectOptions, connect, type ServeOptions, serve } from "@barewire/transport-node";
import { describe, expect, test } from "vitest";
import { failure, shown } from "./suite/failing.ts";

describe("all packages throw one class UsageError", () => {
	test("what http1 throws is an instance of what framing exports", () => {
		expect(() => encodeChunkHeader(-1)).toThrow(FramingUsageError);
	});

	test.each([
		["framing", FramingUsageError],
		["http1", Http1UsageError],
		["endpoint", EndpointUsageError],
	])("%s exports it", (_name, exported) => {
		expect(exported).toBe(UsageError);
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
		["trustedProxies", { port: 0, trustedProxies: ["loopback"] }],
		["trustedProxies", { port: 0, trustedProxies: { addresses: ["loopback"] } }],
		["trustedProxies", { port: 0, trustedProxies: { field: "forwarded" } }],
		["trustedProxies.addresses", { port: 0, trustedProxies: { addresses: "loopback", field: "forwarded" } }],
		["trustedProxies.addresses", { port: 0, trustedProxies: { addresses: ["10.0.0.0/33"], field: "forwarded" } }],
		["trustedProxies.field", { port: 0, trustedProxies: { addresses: [], field: "x-real-ip" } }],
		["limits.maxConnections", { port: 0, limits: { maxConnections: 0 } }],
		["limits.maxHandshakesPerSecond", { port: 0, limits: { maxHandshakesPerSecond: 0.5 } }],
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
		expect(shown(await failure(() => serve(options as unknown as ServeOptions<undefined>)))).toMatchObject(usage(name));
	});

	test.each([
		["serve()", undefined],
		["serve(null)", null],
		["serve(80)", 80],
		["serve([])", []],
	])("%s", async (_name, options) => {
		expect(shown(await failure(() => serve(options as unknown as ServeOptions<undefined>)))).toMatchObject({
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
		["limits.maxConnections", { limits: { maxConnections: 5 } }],
		["trustedProxies", { trustedProxies: { addresses: [], field: "forwarded" } }],
		["timeouts.handshake", { timeouts: { handshake: "1s" } }],
	])("connect: %s in %o", async (name, options) => {
		expect(shown(await failure(() => connect("ws://127.0.0.1:9/", options as ConnectOptions)))).toMatchObject(
			usage(name),
		);
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
		expect(shown(await failure(() => connect(url)))).toMatchObject({ name: "UsageError", code: "ERR_URL" });
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
		let bytes = 0;
		server.on("connection", (socket) =>
			socket
				.on("error", () => {})
				.on("data", (chunk) => {
					bytes += chunk.length;
				}),
		);
		server.listen(0, "127.0.0.1");
		await once(server, "listening");
		const { port } = server.address() as { port: number };
		await expect(connect(`ws://127.0.0.1:${port}/`, options)).rejects.toThrow(/./);
		await new Promise((resolve) => server.close(resolve));
		expect(bytes).toBe(0);
	});
});
