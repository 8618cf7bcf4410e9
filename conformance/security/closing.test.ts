import { afterEach, describe, expect, test } from "vitest";
import { encodeFrame, frame } from "../arbitraries/frames.ts";
import { type EchoServer, serveEcho } from "../interop/echo-server.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { framesBehindHead } from "./server-frames.ts";

let echo: EchoServer;

afterEach(() => echo.close());

async function open(): Promise<RawClient> {
	const client = await RawClient.open(portOf(echo.server));
	client.write(handshake(portOf(echo.server)));
	await client.until(/\r\n\r\n/);
	return client;
}

// undici#5570, ws#1513
describe("close() to a peer that never answers ends by its deadline", () => {
	test("of one socket", async () => {
		echo = await serveEcho({ timeouts: { closing: 50 } });
		const client = await open();
		const socket = await echo.opened.next();
		socket.close(1000, "bye");
		expect(await socket.closed).toMatchObject({
			code: 1006,
			wasClean: false,
			by: "local",
			stage: "closing",
			error: { kind: "closing-timeout" },
		});
		await client.ended;
		expect(client.text.slice(-7)).toBe("\x88\x05\x03\xe8bye");
		client.socket.destroy();
	});

	test("of a peer that sends on and on", async () => {
		echo = await serveEcho({ timeouts: { closing: 50 } });
		const client = await open();
		const socket = await echo.opened.next();
		const text = encodeFrame(frame(0x1, "on and on"), "server");
		const sendOn = (): void => {
			if (client.socket.writable) client.socket.write(text, sendOn);
		};
		sendOn();
		socket.close(1000);
		expect(await socket.closed).toMatchObject({ wasClean: false, by: "local", error: { kind: "closing-timeout" } });
		await client.gone;
	});

	test("of a peer that answers and never ends the stream", async () => {
		echo = await serveEcho({ timeouts: { closing: 500 } });
		const client = await open();
		const socket = await echo.opened.next();
		socket.close(1000);
		await client.untilTail("\x88\x02\x03\xe8");
		client.write(encodeFrame(frame(0x8, Uint8Array.of(0x03, 0xe8)), "server"));
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: "local", stage: "closed" });
		client.socket.destroy();
	});

	test("of the whole server, whatever its clients are in the middle of", async () => {
		echo = await serveEcho({
			fetch: () => new Promise(() => {}),
			upgrade: ({ headers }) => (headers.has("x-wait") ? new Promise(() => {}) : new Response("no", { status: 401 })),
		});
		const port = portOf(echo.server);
		const clients = await Promise.all(
			[
				"",
				"GET",
				"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
				"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf",
				handshake(port, "X-Wait: yes"),
				handshake(port),
			].map(async (bytes) => {
				const client = await RawClient.open(port);
				client.write(bytes);
				return client;
			}),
		);
		// The last one is refused by now, and so the others have been read.
		await clients.at(-1)?.until(/^HTTP\/1\.1 401 /);
		await echo.server.close({ deadline: 50 });
		expect(echo.server.connections).toEqual([]);
		await Promise.all(clients.map((client) => client.close()));
	});

	test("of the whole server, to silent sockets", async () => {
		echo = await serveEcho();
		const client = await open();
		const socket = await echo.opened.next();
		await echo.server.close({ code: 1012, reason: "restart", deadline: 50 });
		expect(await socket.closed).toMatchObject({ wasClean: false, by: "local" });
		await client.ended;
		expect(client.text.slice(-11)).toBe("\x88\x09\x03\xf4restart");
		client.socket.destroy();
	});
});

test("a peer that answers no keepalive ping is closed with 1011", async () => {
	echo = await serveEcho({ keepAlive: { interval: 30, timeout: 30 }, timeouts: { closing: 50 } });
	const client = await open();
	const socket = await echo.opened.next();
	expect((await socket.closed).error).toMatchObject({ kind: "keepalive-timeout", closeCode: 1011 });
	await client.ended;
	const frames = framesBehindHead(client.bytes);
	expect(frames[0]).toEqual({ opcode: 0x9, payload: Buffer.alloc(0) });
	expect([frames.at(-1)?.opcode, frames.at(-1)?.payload.readUInt16BE(0)]).toEqual([0x8, 1011]);
	client.socket.destroy();
});

test("a handler that fails closes its socket with 1011, is told once, and nobody else notices", async () => {
	const told: unknown[] = [];
	echo = await serveEcho({
		message(socket, message) {
			if (message === "fail") throw new Error("handler failed");
			socket.send(message);
		},
		error: (error) => told.push(error),
	});
	const [failing, other] = await Promise.all([open(), open()]);
	failing.write(encodeFrame(frame(0x1, "fail"), "server"));
	failing.write(encodeFrame(frame(0x1, "fail"), "server"));
	await failing.until(/\xf3internal error$/);
	other.write(encodeFrame(frame(0x1, "fine"), "server"));
	await other.until(/fine$/);
	expect(told).toEqual([new Error("handler failed")]);
	await Promise.all([failing.close(), other.close()]);
});
