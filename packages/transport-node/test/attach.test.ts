import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import { Duplex } from "node:stream";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
	accept,
	attach,
	type IncomingMessage,
	type Server,
	type Socket,
	type UpgradeSource,
	upgrade,
} from "../src/index.ts";

const NO_SERVER = expect.objectContaining({
	code: "ERR_OPTION",
	message: expect.stringContaining("attach() takes an http.Server"),
});

describe("what attach() is given", () => {
	test.each([
		["nothing", undefined],
		["a port", 80],
		["an application of Express or Koa", Object.assign(new EventEmitter(), { use() {}, address() {} })],
		["one of Fastify", { server: createServer() }],
		["an emitter that does not listen", new EventEmitter()],
	])("%s is no server", (_, given) => {
		expect(() => attach(given as unknown as UpgradeSource, {})).toThrow(NO_SERVER);
	});

	test("a wrong option is refused, and nothing is listened to", () => {
		const server = createServer();
		expect(() => attach(server, { port: 80 } as object)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
		expect(server.listenerCount("upgrade")).toBe(0);
	});

	test("servers of all kinds are", async () => {
		for (const server of [createServer(), createTlsServer(), createSecureServer()]) await attach(server, {}).close();
	});
});

test("a stream that is no socket of the system is taken as well", async () => {
	const server = createServer();
	const messages: unknown[] = [];
	const { promise: both, resolve } = Promise.withResolvers<void>();
	const attached = attach(server, {
		message(_socket, message) {
			if (messages.push(message) === 2) resolve();
		},
	});
	const written: Buffer[] = [];
	const socket = new Duplex({
		read() {},
		write(chunk, _encoding, done) {
			written.push(chunk);
			done();
		},
	});
	const rawHeaders = ["Host", "a", "Upgrade", "websocket", "Connection", "Upgrade"];
	rawHeaders.push("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version", "13");
	server.emit("upgrade", { method: "GET", url: "/", httpVersion: "1.1", rawHeaders }, socket, Buffer.alloc(0));
	// Who gives it the chunks may use them again: they are not unmasked in place.
	const hi = Buffer.from([0x81, 0x82, 1, 2, 3, 4, 0x69, 0x6b]);
	for (let i = 0; i < 2; i++) socket.push(hi);
	const [client] = attached.sockets;
	expect(client?.remote).toEqual({ transport: "tcp", hostname: "", port: 0 });
	await both;
	client?.terminate();
	await attached.close();
	expect(messages).toEqual(["hi", "hi"]);
	expect(Buffer.concat(written).toString("latin1")).toMatch(/^HTTP\/1.1 101 /);
});

test.each(["end", "destroy"] as const)(
	"the errors of a socket are heard that %s() was called on before",
	async (how) => {
		const server = createServer();
		const attached = attach(server, {});
		const socket = new Duplex({ read() {}, write() {} });
		socket[how]();
		const request = { method: "GET", url: "/", httpVersion: "1.1", rawHeaders: [] };
		server.emit("upgrade", request, socket, Buffer.alloc(0));
		expect(() => socket.emit("error", new Error("reset"))).not.toThrow();
		await attached.close();
	},
);

test("the types are those of serve", () => {
	const server = createServer();
	const request = { method: "GET", url: "/", httpVersion: "1.1", rawHeaders: [] };
	const types = () => ({
		plain: attach(server, { message: (socket) => void socket.send("") }),
		parts: attach(server, { receive: "parts" }),
		inferred: attach(server, { upgrade: () => accept({ data: 1 }), open: ({ data }) => data.toFixed() }),
		named: attach<string>(server, { path: "/", upgrade: (_request, info) => accept({ data: info.client }) }),
		// @ts-expect-error: `upgrade` has to make the data
		missing: attach<string>(server, {}),
		// @ts-expect-error: the http server's own
		fetch: attach(server, { fetch: () => new Response() }),
		socket: upgrade<string>(request, new Duplex(), Buffer.alloc(0), { upgrade: () => accept({ data: "" }) }),
		ofParts: upgrade(request, new Duplex(), Buffer.alloc(0), { receive: "parts" }),
	});
	type Types = ReturnType<typeof types>;
	expectTypeOf<Types["plain"]>().toEqualTypeOf<Server>();
	expectTypeOf<Types["parts"]>().toEqualTypeOf<Server<undefined, IncomingMessage>>();
	expectTypeOf<Types["inferred"]>().toEqualTypeOf<Server<number>>();
	expectTypeOf<Types["named"]>().toEqualTypeOf<Server<string>>();
	expectTypeOf<Types["socket"]>().toEqualTypeOf<Promise<Socket<string>>>();
	expectTypeOf<Types["ofParts"]>().toEqualTypeOf<Promise<Socket<undefined, IncomingMessage>>>();
});
