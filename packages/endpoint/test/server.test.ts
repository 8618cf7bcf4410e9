import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import { RawPeer, UPGRADE, upgraded } from "./raw-peer.ts";

const ANY_MASK = "00000000";

describe("topics", () => {
	test.each([1, null, [1, 300], Uint16Array.of(1)])(
		"publish(%o) is a usage error, whoever listens",
		async (message) => {
			const network = new MemoryNetwork();
			const server = await network.serve(80, {});
			const refused = expect.objectContaining({ name: "UsageError", code: "ERR_MESSAGE_TYPE" });
			expect(() => server.publish("nobody", message as never)).toThrow(refused);
		},
	);

	test("a topic that is no string, and an option of `send` that is none, are usage errors", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		await upgraded(network);
		const [socket] = server.sockets;
		const refused = (message: string) => expect.objectContaining({ name: "UsageError", code: "ERR_OPTION", message });
		for (const call of [
			() => server.publish(5 as never, "x"),
			() => socket?.subscribe(5 as never),
			() => socket?.unsubscribe(5 as never),
		])
			expect(call).toThrow(refused("a topic must be a string, not 5"));
		expect(() => socket?.send("x", { compres: true } as never)).toThrow(
			refused("unknown option `compres`, perhaps `compress` is meant; known are compress"),
		);
		for (const options of [null, 5]) expect(() => socket?.send("x", options as never)).toThrow(/must be an object/);
	});

	test("publish reaches every subscriber, and nobody else", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {
			open: (socket) => socket.subscribe("prices"),
			message: (socket) => socket.unsubscribe("prices"),
		});
		const [one, two, three] = [await upgraded(network), await upgraded(network), await upgraded(network)];
		await three.sendHex(`8180${ANY_MASK}`);
		expect(server.publish("prices", "42")).toBe(2);
		expect(server.publish("weather", "42")).toBe(0);
		await settle();
		expect([one.takeHex(), two.takeHex(), three.takeHex()]).toEqual(["81023432", "81023432", ""]);
	});

	test("what one turn publishes leaves in one write per peer, together with what is sent", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, { open: (socket) => socket.subscribe("t") });
		const peer = await upgraded(network);
		server.publish("t", "1");
		for (const socket of server.sockets) socket.send("2");
		server.publish("t", Uint8Array.of(3));
		await settle();
		expect(peer.chunks).toHaveLength(1);
		expect(peer.takeHex()).toBe("810131810132820103");
	});

	test("a receiver that is closed for what waits, and an `error` handler that publishes and changes who subscribes, harm nobody else", async () => {
		const network = new MemoryNetwork();
		const errors: unknown[] = [];
		const server = await network.serve(80, {
			limits: { maxBufferedBytes: 100_000 },
			open: (socket) => socket.subscribe("t"),
			error(error) {
				errors.push(error);
				for (const socket of server.sockets) {
					socket.unsubscribe("t");
					socket.subscribe("t");
				}
				server.publish("t", "x".repeat(60_000));
			},
		});
		const [fast, slow] = [await upgraded(network), await upgraded(network)];
		slow.stream.pause();
		let sent = 0;
		for (; errors.length === 0 && sent < 20; sent++) {
			server.publish("t", "x".repeat(60_000));
			await settle();
		}
		expect(errors).toEqual([expect.objectContaining({ code: "ERR_BUFFER_FULL" })]);
		expect([...server.sockets].map(({ readyState }) => readyState)).toEqual(["open", "closing"]);
		// With the one that the handler has published.
		expect(fast.takeHex().length / 2).toBe((sent + 1) * (4 + 60_000));
	});

	test("a socket that has closed is no subscriber any more, nor one that subscribes too late", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {
			open: (socket) => socket.subscribe("t"),
			close: (socket) => socket.subscribe("t"),
		});
		const peer = await upgraded(network);
		peer.stream.destroy();
		await settle();
		expect(server.publish("t", "x")).toBe(0);
	});

	test("a subscriber that is closing gets nothing more, and is not counted", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, { open: (socket) => socket.subscribe("t") });
		const peer = await upgraded(network);
		for (const socket of server.sockets) socket.close(1000);
		expect([server.publish("t", "x"), server.sockets.size]).toEqual([0, 1]);
		await settle();
		expect(peer.takeHex()).toBe("880203e8");
	});
});

describe("what a server shows", () => {
	test("its address, sockets, and connections with the protocol they speak by now", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		expect(server.address).toEqual({ transport: "tcp", hostname: "memory", port: 80 });
		const peer = RawPeer.dial(network);
		await settle();
		expect(server.connections.map((connection) => connection.speaks)).toEqual(["http"]);
		expect(server.sockets.size).toBe(0);
		await peer.send(UPGRADE);
		expect(server.connections.map((connection) => connection.speaks)).toEqual(["websocket"]);
		expect(server.connections[0]?.remote).toEqual({ transport: "tcp", hostname: "memory", port: 49_152 });
		expect(server.sockets.size).toBe(1);
		peer.stream.destroy();
		await settle();
		expect([server.connections.length, server.sockets.size]).toEqual([0, 0]);
	});
});

describe("close", () => {
	test("stops accepting, closes every socket, ends idle HTTP, and waits for all", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		const socket = await upgraded(network);
		const http = RawPeer.dial(network);
		await settle();
		let closed = false;
		const closing = server.close({ reason: "bye" }).then(() => {
			closed = true;
		});
		await settle();
		expect(socket.takeHex()).toBe("880503e9627965");
		expect(http.hasEnded).toBe(true);
		expect(() => RawPeer.dial(network)).toThrow(/nobody listens/);
		http.stream.end();
		await settle();
		expect(closed).toBe(false);
		await socket.sendHex(`8882${ANY_MASK}03e9`);
		socket.stream.end();
		await closing;
		expect(closed).toBe(true);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("lets the answer under way end, and answers no other", async () => {
		const network = new MemoryNetwork();
		let finish: () => void = () => {};
		const server = await network.serve(80, {
			async fetch() {
				await new Promise<void>((resolve) => {
					finish = resolve;
				});
				return new Response(null, { status: 204 });
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("GET / HTTP/1.1\r\nHost: m\r\n\r\nGET / HTTP/1.1\r\nHost: m\r\n\r\n");
		const closing = server.close();
		finish();
		await settle();
		expect(peer.text.match(/HTTP\/1.1 204/g)).toHaveLength(1);
		expect(peer.text).toContain("connection: close\r\n");
		peer.stream.end();
		await closing;
	});

	test("cuts off at the deadline whoever is still there", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		const peer = await upgraded(network);
		const closing = server.close({ deadline: 500 });
		await network.clock.advance(499);
		expect(peer.closedWith).toBeUndefined();
		await network.clock.advance(1);
		await closing;
		expect(peer.closedWith).toMatchObject({ code: "ERR_CONNECTION_RESET" });
	});

	test("a handshake that is decided on after the close is answered 503", async () => {
		const network = new MemoryNetwork();
		let decide: () => void = () => {};
		const server = await network.serve(80, {
			async upgrade() {
				await new Promise<void>((resolve) => {
					decide = resolve;
				});
				return accept();
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		const closing = server.close();
		decide();
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 503 /);
		peer.stream.end();
		await closing;
	});

	test.each([
		["fetch", "GET / HTTP/1.1\r\nHost: m\r\n\r\n", 200],
		["upgrade", UPGRADE, 403],
	])("waits for a `%s` handler whose client has gone, until the deadline", async (handler, request, status) => {
		for (const returns of [true, false]) {
			const network = new MemoryNetwork();
			const { promise, resolve } = Promise.withResolvers<Response>();
			const order: string[] = [];
			const server = await network.serve(80, {
				async [handler]() {
					const response = await promise;
					order.push("returns");
					return response;
				},
			});
			const peer = RawPeer.dial(network);
			await peer.send(request);
			peer.stream.destroy();
			await settle();
			const closing = server.close({ deadline: 500 }).then(() => void order.push("closed"));
			await network.clock.advance(499);
			expect(order).toEqual([]);
			if (returns)
				resolve(new Response(new ReadableStream({ cancel: () => void order.push("cancelled") }), { status }));
			else await network.clock.advance(1);
			await closing;
			expect(order).toEqual(returns ? ["returns", "cancelled", "closed"] : ["closed"]);
		}
	});

	test("a second call waits for the first", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, {});
		await Promise.all([server.close(), server.close()]);
		await expect(server.close()).resolves.toEqual({ clean: 0, cut: 0 });
	});

	test.each([
		[{ code: 1005 }, /`code`/],
		[{ reason: "x".repeat(124) }, /`reason`/],
		[{ deadline: Number.NaN }, /`deadline`/],
		[{ dedline: 1 }, /unknown option `dedline`/],
	])("wrong options %j name themselves", async (options, message) => {
		const server = await new MemoryNetwork().serve(80, {});
		await expect(server.close(options as object)).rejects.toThrow(message);
	});
});

describe("many connections", () => {
	test("do not disturb one another: one resets, one is malformed, one goes on", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { message: (socket, message) => void socket.send(message) });
		const good = await upgraded(network);
		const bad = RawPeer.dial(network);
		await bad.send("\x16\x03\x01garbage\r\n\r\n");
		const gone = await upgraded(network);
		gone.stream.destroy();
		await good.sendHex(`8182${ANY_MASK}6f6b`);
		expect(bad.text).toMatch(/^HTTP\/1.1 400 /);
		expect(good.takeHex()).toBe("81026f6b");
	});

	test("any chunking gives the same conversation", async () => {
		const run = async (chunkSize: number): Promise<string> => {
			const network = new MemoryNetwork();
			network.faults.chunkSize = chunkSize;
			await network.serve(80, { message: (socket, message) => void socket.send(message) });
			const peer = RawPeer.dial(network);
			await peer.send(UPGRADE);
			await peer.sendHex(`8182${ANY_MASK}6f6b 82fe0100${ANY_MASK}${"ab".repeat(256)} 8882${ANY_MASK}03e8`);
			return peer.takeHex();
		};
		const whole = await run(Number.POSITIVE_INFINITY);
		expect(await run(1)).toBe(whole);
		expect(await run(7)).toBe(whole);
	});
});

test("a limit of Infinity is none, also for HTTP", async () => {
	const network = new MemoryNetwork();
	const none = Number.POSITIVE_INFINITY;
	await network.serve(80, {
		limits: { maxHeadSize: none, maxFieldCount: none, maxLineSize: none, maxMessageSize: none, maxTrailerSize: none },
		fetch: (request) => new Response(null, { headers: { size: `${request.headers.get("x")?.length}` } }),
	});
	const peer = RawPeer.dial(network);
	await peer.send(`GET / HTTP/1.1\r\nHost: m\r\nX: ${"x".repeat(100_000)}\r\n\r\n`);
	expect(peer.text).toContain("size: 100000\r\n");
});

test("a second close() with a shorter deadline hurries the first, and leaves no timer behind", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, { message: () => new Promise(() => {}) });
	const peer = await upgraded(network);
	await peer.sendHex("818000000000");
	const closed = server.close({ deadline: 5_000 });
	const hurried = server.close({ deadline: 0 });
	await network.clock.advance(0);
	await Promise.all([closed, hurried]);
	await server.close({ deadline: 1_000 });
	expect(network.clock.pendingTimers).toBe(0);
});
