import assert from "node:assert/strict";
import { type ConnectOptions, HandshakeError, UsageError } from "@barewire/endpoint";
import { settled } from "../answer-case.ts";
import { type Case, family } from "../case.ts";
import { acceptKey, keyIn, switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";

/** The request that goes out, with `PORT` and `KEY` for what differs each time. */
async function requestOf(runtime: Runtime, path: string, options: ConnectOptions = {}, host?: string): Promise<string> {
	const server = await RawServer.open();
	const { port } = server;
	const connecting = runtime.connect(`ws://${host ?? "127.0.0.1"}:${port}${path}`, options);
	const peer = await server.next();
	const request = await peer.until(/\r\n\r\n$/);
	peer.write(switching(request));
	const socket = await connecting;
	socket.terminate();
	await peer.ended;
	// The client has waited for the answer (RFC 6455 §4.1), and had nothing to say afterwards.
	assert.equal(peer.text, request);
	peer.socket.destroy();
	server.close();
	const key = keyIn(request);
	// RFC 6455 §4.1 item 7: 16 bytes in base64.
	assert.equal(Buffer.from(key, "base64").length, 16);
	assert.equal(Buffer.from(key, "base64").toString("base64"), key);
	return request.replace(`:${port}\r\n`, ":PORT\r\n").replace(key, "KEY");
}

const REQUEST =
	"GET / HTTP/1.1\r\nhost: 127.0.0.1:PORT\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-key: KEY\r\nsec-websocket-version: 13\r\n\r\n";

function twoCookies(): Headers {
	const headers = new Headers();
	headers.append("cookie", "a=1");
	headers.append("cookie", "b=2");
	return headers;
}

/** The request with another target, another host or more fields. */
function asking(target: string, host: string = "127.0.0.1", ...fields: readonly string[]): string {
	return REQUEST.replace("GET /", `GET ${target}`)
		.replace("127.0.0.1", host)
		.replace("\r\n\r\n", ["", ...fields, "", ""].join("\r\n"));
}

function assertUsageError(error: object, code: string): void {
	assert.ok(error instanceof UsageError, String(error));
	assert.equal(error.code, code);
}

const TARGETS: Readonly<Record<string, string>> = {
	"": "/",
	"/": "/",
	"/chat": "/chat",
	"/chat?": "/chat",
	"?room=1": "/?room=1",
	"/chat?room=1&who=a+b": "/chat?room=1&who=a+b",
	"/a/../b/./c": "/b/c",
	"/a b\u00e9": "/a%20b%C3%A9",
	"//host/x": "//host/x",
	"/%2F%00": "/%2F%00",
};

// RFC 6455 §4.1, the first list.
const requests = family("opening handshake, the client's request", "client", {
	async literally(runtime) {
		assert.equal(await requestOf(runtime, "/"), REQUEST);
	},
	...Object.fromEntries(
		Object.entries(TARGETS).map(([path, target]) => [
			`the path ${JSON.stringify(path)}`,
			async (runtime: Runtime) => assert.equal(await requestOf(runtime, path), asking(target)),
		]),
	),
	async "a name, in lower case"(runtime) {
		assert.equal(await requestOf(runtime, "/", {}, "LocalHost"), asking("/", "localhost"));
	},
	async "http: stands for ws:"(runtime) {
		const server = await RawServer.open();
		const connecting = settled(runtime.connect(server.url.replace("ws:", "http:")));
		const peer = await server.next();
		peer.write(switching(await peer.until(/\r\n\r\n$/)));
		const socket = await connecting;
		assert.ok(!(socket instanceof Error), String(socket));
		socket.terminate();
		await socket.closed;
		await peer.ended;
		peer.socket.destroy();
		server.close();
	},
	async "subprotocols, an origin and fields"(runtime) {
		const request = await requestOf(runtime, "/", {
			protocols: ["chat", "superchat"],
			origin: "https://example.com",
			headers: [
				["Authorization", "Basic Og=="],
				["Cookie", "a=1"],
				["X-Name", "\u00e9"],
				["cookie", "b=2"],
			],
		});
		assert.equal(
			request,
			asking(
				"/",
				"127.0.0.1",
				"origin: https://example.com",
				"sec-websocket-protocol: chat, superchat",
				"authorization: Basic Og==",
				"cookie: a=1; b=2",
				"x-name: \xe9",
			),
		);
	},
	...Object.fromEntries(
		(
			[
				["an object, under two names", { Cookie: "a=1, 2", cookie: "b=2" }, "a=1, 2; b=2"],
				["a Headers, appended", twoCookies(), "a=1; b=2"],
				["a Headers, with a comma in its value", new Headers({ cookie: "a=1, 2" }), "a=1, 2"],
			] as const
		).map(([name, headers, cookie]) => [
			`cookies in ${name}`,
			async (runtime: Runtime) =>
				assert.equal(await requestOf(runtime, "/", { headers }), asking("/", "127.0.0.1", `cookie: ${cookie}`)),
		]),
	),
	async "a fresh key each time"(runtime) {
		const keys = new Set<string>();
		const server = await RawServer.open();
		for (let i = 0; i < 20; i++) {
			const connecting = settled(runtime.connect(server.url));
			const peer = await server.next();
			keys.add(keyIn(await peer.until(/\r\n\r\n$/)));
			await peer.reset();
			await connecting;
		}
		server.close();
		assert.equal(keys.size, 20);
	},
	...Object.fromEntries(
		(
			[
				["ERR_RESERVED_FIELD", { headers: { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" } }],
				["ERR_RESERVED_FIELD", { headers: { host: "other.example.com" } }],
				["ERR_RESERVED_FIELD", { headers: { "content-length": "5" } }],
				["ERR_RESERVED_FIELD", { headers: { connection: "close" } }],
				["ERR_INVALID_PROTOCOL", { protocols: ["chat room"] }],
				["ERR_INVALID_PROTOCOL", { protocols: ["chat", "chat"] }],
				["ERR_INVALID_PROTOCOL", { protocols: ["chat\r\nx: y"] }],
				["ERR_INVALID_ORIGIN", { origin: "https://example.com\r\nx: y" }],
			] as const
		).map(([code, options]) => [
			`${JSON.stringify(options)} is never sent`,
			async (runtime: Runtime) => {
				const server = await RawServer.open();
				const error = await settled(runtime.connect(server.url, options));
				assertUsageError(error, code);
				const peer = await server.next();
				await peer.ended;
				assert.equal(peer.text, "");
				peer.socket.destroy();
				server.close();
			},
		]),
	),
	async "a field name that is no token is named"(runtime) {
		for (const headers of [{ "x-name": "a", "x y": "1" }, [["x y", "1"]] as [string, string][]]) {
			const error = await settled(runtime.connect("ws://127.0.0.1:9/", { headers }));
			assert.ok(error instanceof UsageError);
			assert.deepEqual(
				[error.code, error.message],
				[
					"ERR_OPTION",
					"the option `headers` has the name `x y`, which no field can have: only letters, digits and !#$%&'*+-.^_`|~",
				],
			);
		}
	},
	...Object.fromEntries(
		["a\r\nx: y", "a\nb", "a\0b", "\u0100"].map((value) => [
			`the field value ${JSON.stringify(value)} is never sent`,
			async (runtime: Runtime) => {
				const server = await RawServer.open();
				const error = await settled(runtime.connect(server.url, { headers: [["x-name", value]] }));
				assertUsageError(error, "ERR_OPTION");
				server.close();
			},
		]),
	),
});

/** Long enough for a loaded machine to connect and to ask. */
const HANDSHAKE = { handshake: 150 };

const ends = family("opening handshake, given up", "client", {
	async "a server that never answers"(runtime) {
		const server = await RawServer.open();
		const connecting = settled(runtime.connect(server.url, { timeouts: HANDSHAKE }));
		const peer = await server.next();
		const error = await connecting;
		assert.ok(error instanceof HandshakeError, String(error));
		assert.deepEqual(
			[error.code, error.message],
			["ERR_HANDSHAKE_TIMED_OUT", "the server did not answer the opening handshake in time"],
		);
		await peer.ended;
		peer.socket.destroy();
		server.close();
	},
	async "a server that answers and never ends its head"(runtime) {
		const server = await RawServer.open();
		const connecting = settled(runtime.connect(server.url, { timeouts: HANDSHAKE }));
		const peer = await server.next();
		peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: ");
		const error = await connecting;
		assert.ok(error instanceof HandshakeError, String(error));
		assert.equal(error.code, "ERR_HANDSHAKE_TIMED_OUT");
		await peer.ended;
		peer.socket.destroy();
		server.close();
	},
	async "given up by its signal"(runtime) {
		const server = await RawServer.open();
		const controller = new AbortController();
		const connecting = settled(runtime.connect(server.url, { signal: controller.signal }));
		const peer = await server.next();
		await peer.until(/\r\n\r\n$/);
		const reason = new Error("never mind");
		controller.abort(reason);
		assert.equal(await connecting, reason);
		await peer.ended;
		peer.socket.destroy();
		server.close();
	},
	async "a signal that comes too late does nothing"(runtime) {
		const server = await RawServer.open();
		const controller = new AbortController();
		const connecting = runtime.connect(server.url, { signal: controller.signal });
		const peer = await server.next();
		peer.write(switching(await peer.until(/\r\n\r\n$/)));
		const socket = await connecting;
		controller.abort();
		peer.write(Uint8Array.of(0x81, 2, 0x68, 0x69));
		assert.deepEqual(await socket[Symbol.asyncIterator]().next(), { done: false, value: "hi" });
		socket.terminate();
		await peer.ended;
		peer.socket.destroy();
		server.close();
	},
	async "a body beyond 64 KiB is cut off"(runtime) {
		const server = await RawServer.open();
		const connecting = settled(runtime.connect(server.url));
		const peer = await server.next();
		await peer.until(/\r\n\r\n$/);
		peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 10000000\r\n\r\n");
		const { socket } = peer;
		const more = (): void => {
			while (!socket.destroyed && socket.write("x".repeat(10_000)));
		};
		socket.on("drain", more);
		more();
		const error = await connecting;
		assert.ok(error instanceof HandshakeError, String(error));
		assert.deepEqual([error.code, error.response?.status], ["ERR_HANDSHAKE_REFUSED", 403]);
		const body = (await error.response?.text()) ?? "";
		assert.ok(body.length <= 65_536 && /^x*$/.test(body), `${body.length} bytes`);
		await peer.gone;
		server.close();
	},
	async "the accept key is made as RFC 6455 §1.3 has it"() {
		// The harness's own: what the cases above rely on.
		assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	},
});

export const clientRequest: readonly Case[] = [...requests, ...ends];
