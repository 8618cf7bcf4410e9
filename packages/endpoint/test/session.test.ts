import { describe, expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { ClosedEvent, Socket } from "../src/socket.ts";
import { RawPeer, upgraded } from "./raw-peer.ts";

const ANY_MASK = "00000000";
const HELLO = `8185${ANY_MASK}68656c6c6f`;

/** A server whose one socket is at hand, and the raw peer at its other end. */
async function conversation(options: ServerOptions<undefined> = {}): Promise<{
	network: MemoryNetwork;
	peer: RawPeer;
	socket: Socket;
	ended: ClosedEvent[];
}> {
	const network = new MemoryNetwork();
	const sockets: Socket[] = [];
	const ended: ClosedEvent[] = [];
	await network.serve(80, {
		keepAlive: false,
		...options,
		open(socket) {
			sockets.push(socket);
			return options.open?.(socket);
		},
		close(socket, event) {
			ended.push(event);
			options.close?.(socket, event);
		},
	});
	const peer = await upgraded(network);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	return { network, peer, socket, ended };
}

describe("messages", () => {
	test("text comes as a string, binary as a Uint8Array", async () => {
		const messages: unknown[] = [];
		const { peer } = await conversation({ message: (_socket, message) => void messages.push(message) });
		await peer.sendHex(`${HELLO} 8282${ANY_MASK}0102`);
		expect(messages).toEqual(["hello", Uint8Array.of(1, 2)]);
	});

	test("all that one chunk makes the application send leaves in one write", async () => {
		const { peer } = await conversation({ message: (socket, message) => void socket.send(message) });
		await peer.sendHex(HELLO.repeat(32));
		expect(peer.chunks).toHaveLength(1);
		expect(peer.takeHex()).toBe("810568656c6c6f".repeat(32));
	});

	test("all that one turn sends leaves in one write, outside of handlers too", async () => {
		const { peer, socket } = await conversation();
		for (let sent = 0; sent < 10; sent++) socket.send("x");
		expect(peer.chunks).toHaveLength(0);
		await settle();
		expect(peer.chunks).toHaveLength(1);
		expect(peer.takeHex()).toBe("810178".repeat(10));
	});

	test("a promise of the message handler holds the next message, and then the peer", async () => {
		const release: (() => void)[] = [];
		const seen: unknown[] = [];
		const { peer } = await conversation({
			message(_socket, message) {
				seen.push(message);
				return new Promise<void>((resolve) => void release.push(resolve));
			},
		});
		for (let sent = 0; sent < 40; sent++) await peer.sendHex(`82fe1000${ANY_MASK}${"00".repeat(4096)}`);
		expect(seen).toHaveLength(1);
		expect(peer.stream.bufferedAmount).toBeGreaterThan(80_000);
		for (let index = 0; index < 40; index++) {
			release[index]?.();
			await settle();
		}
		expect(seen).toHaveLength(40);
		expect(peer.stream.bufferedAmount).toBe(0);
	});

	test("a promise of the open handler holds the first message", async () => {
		let go: () => void = () => {};
		const order: string[] = [];
		const { peer } = await conversation({
			async open() {
				await new Promise<void>((resolve) => {
					go = resolve;
				});
				order.push("open");
			},
			message: () => void order.push("message"),
		});
		await peer.sendHex(HELLO);
		expect(order).toEqual([]);
		go();
		await settle();
		expect(order).toEqual(["open", "message"]);
	});

	test("a handler's promise holds messages and nothing else: pings behind them are answered", async () => {
		const { peer } = await conversation({ message: () => new Promise(() => {}) });
		await peer.sendHex(`${HELLO} 8981${ANY_MASK}41 ${HELLO} ${HELLO} 8981${ANY_MASK}42`);
		expect(peer.takeHex()).toBe("8a01418a0142");
	});

	test("a handler may wait for its own socket's pong, and for its end", async () => {
		const order: unknown[] = [];
		const { network, peer } = await conversation({
			async message(socket) {
				order.push(await socket.ping());
				socket.close(1000);
				order.push((await socket.closed).code);
			},
		});
		await peer.sendHex(HELLO);
		await network.clock.advance(3);
		await peer.sendHex(`8a84${ANY_MASK}00000001`);
		await peer.sendHex(`${HELLO}${HELLO}8882${ANY_MASK}03e8`);
		peer.stream.end();
		await settle();
		expect(order).toEqual([3, 1000]);
	});

	test("open may read the socket with for await, when there is no message handler", async () => {
		const seen: unknown[] = [];
		const { peer, ended } = await conversation({
			async open(socket) {
				for await (const message of socket) seen.push(message);
				seen.push("end");
			},
		});
		await peer.sendHex(`${HELLO} 8882${ANY_MASK}03e8`);
		peer.stream.end();
		await settle();
		expect(seen).toEqual(["hello", "end"]);
		expect(ended).toHaveLength(1);
	});

	test("what is no message throws and names the mistake", async () => {
		const { socket } = await conversation();
		for (const wrong of [1, null, undefined, {}, new ArrayBuffer(1)])
			expect(() => socket.send(wrong as unknown as string)).toThrow(/a message is a string or a Uint8Array/);
	});
});

describe("for await", () => {
	test("reads messages at its own pace and ends with the connection", async () => {
		const { peer, socket } = await conversation();
		const seen: unknown[] = [];
		const loop = (async () => {
			for await (const message of socket) seen.push(message);
			return "ended";
		})();
		await peer.sendHex(HELLO + HELLO);
		await peer.sendHex(`8882${ANY_MASK}03e8`);
		peer.stream.end();
		expect(await loop).toBe("ended");
		expect(seen).toEqual(["hello", "hello"]);
	});

	test("a loop that does not read stops the peer, and gets everything later", async () => {
		const { peer, socket } = await conversation();
		const loop = { [Symbol.asyncIterator]: () => iterator };
		const iterator = socket[Symbol.asyncIterator]();
		for (let sent = 0; sent < 40; sent++) await peer.sendHex(`82fe1000${ANY_MASK}${"00".repeat(4096)}`);
		expect(peer.stream.bufferedAmount).toBeGreaterThan(80_000);
		let taken = 0;
		for await (const message of loop) {
			expect(message).toHaveLength(4096);
			if (++taken === 40) break;
		}
		expect(peer.stream.bufferedAmount).toBe(0);
	});

	test("a Close behind unread messages is still seen", async () => {
		const { peer, socket } = await conversation();
		await peer.sendHex(`${HELLO} 8882${ANY_MASK}03e8`);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		const messages: unknown[] = [];
		for await (const message of socket) messages.push(message);
		expect(messages).toEqual(["hello"]);
	});

	test("close() ends although nobody reads", async () => {
		const { peer, socket } = await conversation();
		for (let sent = 0; sent < 40; sent++) await peer.sendHex(`82fe1000${ANY_MASK}${"00".repeat(4096)}`);
		socket.close();
		await settle();
		await peer.sendHex(`8880${ANY_MASK}`);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1005, wasClean: true, by: "local" });
	});

	test("return() ends a next() that waits, and the next loop gets every message", async () => {
		const { peer, socket } = await conversation();
		const loop = socket[Symbol.asyncIterator]();
		const waiting = [loop.next(), loop.next()];
		await loop.return?.();
		await peer.sendHex(HELLO);
		for (const each of waiting) expect(await each).toEqual({ done: true, value: undefined });
		expect(await socket[Symbol.asyncIterator]().next()).toEqual({ done: false, value: "hello" });
	});

	test("beside a message handler it is the caller's mistake", async () => {
		const { socket } = await conversation({ message: () => {} });
		await expect(socket[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ERR_MESSAGE_HANDLER" });
	});
});

describe("back-pressure of what is sent", () => {
	test("send says when the high-water mark is passed; drained() and drain say when to go on", async () => {
		let drains = 0;
		const { peer, socket } = await conversation({ drain: () => void drains++, limits: { highWaterMark: 1_000 } });
		peer.stream.pause();
		expect(socket.send(new Uint8Array(500))).toBe(true);
		expect(socket.send(new Uint8Array(100_000))).toBe(false);
		expect(socket.bufferedAmount).toBeGreaterThan(100_000);
		const drained = socket.drained();
		await settle();
		expect(drains).toBe(0);
		peer.stream.resume();
		await drained;
		expect(drains).toBe(1);
		expect(socket.bufferedAmount).toBe(0);
		await socket.drained();
	});

	test("drained() rejects when the socket closes first, and afterwards", async () => {
		const { peer, socket } = await conversation({ limits: { highWaterMark: 10 } });
		peer.stream.pause();
		socket.send(new Uint8Array(100_000));
		const drained = socket.drained();
		peer.stream.destroy();
		await expect(drained).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
		await expect(socket.drained()).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
		expect(socket.send("late")).toBe(false);
	});

	test("drained() rejects when the socket is terminated: what was dropped has not left", async () => {
		const { socket } = await conversation({});
		socket.send(new Uint8Array(4 << 20));
		const drained = socket.drained();
		socket.terminate();
		await expect(drained).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
		expect((await socket.closed).unsent).toBeGreaterThan(0);
	});

	test("a handler that waits for drained() is not blamed for a peer that leaves", async () => {
		const { network, peer } = await conversation({
			limits: { highWaterMark: 10 },
			message: (socket) => (socket.send(new Uint8Array(100_000)) ? undefined : socket.drained()),
		});
		peer.stream.pause();
		await peer.sendHex(HELLO);
		peer.stream.destroy();
		await settle();
		expect(network.clock.reported).toEqual([]);
	});

	test("a handler that waits for room ends when the peer vanishes, and so does its socket", async () => {
		const { network, peer, ended } = await conversation({
			limits: { highWaterMark: 10 },
			async message(socket) {
				if (!socket.send(new Uint8Array(1_000_000))) await socket.drained();
			},
		});
		peer.stream.pause();
		await peer.sendHex(HELLO);
		peer.stream.destroy();
		await settle();
		expect(ended).toMatchObject([{ code: 1006, by: "stream" }]);
		expect(network.clock.reported).toEqual([]);
	});

	test("pongs and Close are not held up behind a data queue that is full", async () => {
		const { peer, socket } = await conversation({ limits: { highWaterMark: 10 } });
		peer.stream.pause();
		socket.send(new Uint8Array(1_000));
		await peer.sendHex(`8981${ANY_MASK}41`);
		socket.close(1000);
		peer.stream.resume();
		await settle();
		expect(peer.takeHex()).toMatch(/8a0141880203e8$/);
	});
});

describe("ping", () => {
	test("resolves to the milliseconds until the pong", async () => {
		const { network, peer, socket } = await conversation();
		const roundTrip = socket.ping();
		await network.clock.advance(7);
		expect(peer.takeHex()).toBe("890400000001");
		await peer.sendHex(`8a84${ANY_MASK}00000001`);
		expect(await roundTrip).toBe(7);
	});

	test("rejects when the socket closes", async () => {
		const { peer, socket } = await conversation();
		const roundTrip = socket.ping();
		peer.stream.destroy();
		await expect(roundTrip).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
		await expect(socket.ping()).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
	});
});

describe("the end", () => {
	test("by the peer: its code and reason, clean", async () => {
		const { peer, socket, ended } = await conversation();
		await peer.sendHex(`8885${ANY_MASK}03e8627965`);
		expect(peer.takeHex()).toBe("880203e8");
		expect(peer.hasEnded).toBe(true);
		peer.stream.end();
		expect(await socket.closed).toEqual({
			code: 1000,
			reason: "bye",
			wasClean: true,
			by: "peer",
			stage: "closed",
			unsent: 0,
		});
		expect(ended).toHaveLength(1);
	});

	test("by the application: the peer's answer counts", async () => {
		const { peer, socket } = await conversation();
		socket.close(4000, "go");
		socket.close(4001);
		await settle();
		expect(peer.takeHex()).toBe("88040fa0676f");
		expect(socket.readyState).toBe("closing");
		await peer.sendHex(`8882${ANY_MASK}0fa0`);
		peer.stream.end();
		expect(await socket.closed).toEqual({
			code: 4000,
			reason: "",
			wasClean: true,
			by: "local",
			stage: "closed",
			unsent: 0,
		});
		expect(socket.readyState).toBe("closed");
	});

	test("by a peer that never answers: the closing deadline", async () => {
		const { network, peer, socket } = await conversation({ timeouts: { closing: 500 } });
		socket.close(1000);
		await network.clock.advance(499);
		expect(socket.readyState).toBe("closing");
		await network.clock.advance(60);
		expect(await socket.closed).toMatchObject({
			code: 1006,
			wasClean: false,
			by: "local",
			stage: "closing",
			error: { kind: "closing-timeout" },
		});
		expect(peer.closedWith).toMatchObject({ code: "ERR_CONNECTION_RESET" });
	});

	test("by a peer that answers and does not end the stream: clean, and the error says what was missing", async () => {
		const { network, peer, socket } = await conversation({ timeouts: { closing: 500 } });
		socket.close(1000);
		await settle();
		await peer.sendHex(`8882${ANY_MASK}03e8`);
		await network.clock.advance(560);
		expect(await socket.closed).toMatchObject({
			code: 1000,
			wasClean: true,
			error: {
				kind: "closing-timeout",
				message: "the connection was closed, and the peer did not end the stream in time (RFC 6455 §7.1.1)",
			},
		});
	});

	test("by the stream: without a Close", async () => {
		const { peer, socket } = await conversation();
		peer.stream.end();
		expect(await socket.closed).toMatchObject({
			code: 1006,
			by: "stream",
			stage: "open",
			error: { kind: "stream-ended" },
		});
	});

	test("by a reset", async () => {
		const { peer, socket } = await conversation();
		peer.stream.destroy();
		expect(await socket.closed).toMatchObject({
			code: 1006,
			by: "stream",
			stage: "open",
			error: { kind: "stream-reset" },
		});
	});

	test("by a violation: the rule, its close code, and nothing after it", async () => {
		const messages: unknown[] = [];
		const { peer, socket } = await conversation({ message: (_socket, message) => void messages.push(message) });
		await peer.sendHex(`c180${ANY_MASK} ${HELLO}`);
		expect(peer.takeHex()).toMatch(/^88..03ea/);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({
			code: 1006,
			by: "local",
			error: { kind: "reserved-bits", closeCode: 1002, section: "RFC 6455 §5.2" },
		});
		expect(messages).toEqual([]);
	});

	test("terminate() drops the connection without a Close", async () => {
		const { peer, socket } = await conversation();
		socket.terminate();
		expect(await socket.closed).toMatchObject({ code: 1006, by: "local", stage: "open" });
		await settle();
		expect(peer.takeHex()).toBe("");
		expect(peer.closedWith).toMatchObject({ code: "ERR_CONNECTION_RESET" });
	});

	test("a wrong code or reason throws and changes nothing", async () => {
		const { socket } = await conversation();
		expect(() => socket.close(1005)).toThrow(/1005/);
		expect(() => socket.close(1000, "x".repeat(124))).toThrow(/123/);
		expect(socket.readyState).toBe("open");
	});

	test("`closed` asked for late still tells", async () => {
		const { peer, socket } = await conversation();
		peer.stream.destroy();
		await settle();
		expect(await socket.closed).toMatchObject({ code: 1006 });
	});

	test("the addresses stay known", async () => {
		const { peer, socket } = await conversation();
		peer.stream.destroy();
		await settle();
		expect(socket.remote).toEqual({ transport: "tcp", hostname: "memory", port: 49_152 });
		expect(socket.local).toMatchObject({ port: 80 });
	});
});

describe("handlers that fail", () => {
	const boom = new Error("boom");

	test.each([
		[
			"message throws",
			{
				message: () => {
					throw boom;
				},
			},
		],
		[
			"message rejects",
			{
				message: async () => {
					throw boom;
				},
			},
		],
	])("%s: 1011, reported once, and other sockets live", async (_name, handlers) => {
		const errors: unknown[] = [];
		const network = new MemoryNetwork();
		const sockets: Socket[] = [];
		await network.serve(80, {
			...handlers,
			open: (socket) => void sockets.push(socket),
			error: (error, socket) => void errors.push([error, socket]),
		});
		const peer = await upgraded(network);
		const other = await upgraded(network);
		await peer.sendHex(HELLO + HELLO);
		await settle();
		expect(peer.takeHex()).toMatch(/^88..03f3/);
		expect(errors).toEqual([[boom, sockets[0]]]);
		expect(sockets[1]?.readyState).toBe("open");
		expect(other.hasEnded).toBe(false);
	});

	test.each([undefined, null, 0, "text"])("message throws %j, which is no Error: the same", async (thrown) => {
		const errors: unknown[] = [];
		const { peer } = await conversation({
			message: () => {
				throw thrown;
			},
			error: (error) => void errors.push(error),
		});
		await peer.sendHex(HELLO + HELLO);
		await settle();
		expect(peer.takeHex()).toMatch(/^88..03f3/);
		expect(errors).toEqual([thrown]);
	});

	test("handlers that return nothing may be async all the same: a rejection is reported, not lost", async () => {
		const errors: unknown[] = [];
		const network = new MemoryNetwork();
		await network.serve(80, {
			close: (async () => {
				throw boom;
			}) as () => void,
			error: (async (error: unknown) => {
				errors.push(error);
				throw new Error("worse");
			}) as unknown as () => void,
		});
		const peer = await upgraded(network);
		peer.stream.destroy();
		await settle();
		expect(errors).toEqual([boom]);
		expect(network.clock.reported).toEqual([new Error("worse")]);
	});

	test("a thenable counts as a promise", async () => {
		// biome-ignore lint/suspicious/noThenProperty: that is what is tested
		const thenable = { then: (done: () => void) => queueMicrotask(done) } as unknown as Promise<void>;
		const messages: unknown[] = [];
		const { peer } = await conversation({
			message(_socket, message) {
				messages.push(message);
				return thenable;
			},
		});
		await peer.sendHex(HELLO + HELLO);
		await settle();
		expect(messages).toHaveLength(2);
	});

	test("open, drain and close are covered too, and an error handler that throws is survived", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {
			open: () => {
				throw boom;
			},
			close: () => {
				throw boom;
			},
			error: () => {
				throw new Error("worse");
			},
		});
		const peer = await upgraded(network).catch(() => undefined);
		expect(peer).toBeDefined();
		peer?.stream.destroy();
		await settle();
		expect(network.clock.reported).toEqual([new Error("worse"), new Error("worse")]);
	});
});

describe("time", () => {
	test("a client that says nothing is dropped at the handshake timeout", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { timeouts: { handshake: 1_000 } });
		const peer = RawPeer.dial(network);
		await network.clock.advance(999);
		expect(peer.hasEnded).toBe(false);
		await network.clock.advance(60);
		expect(peer.hasEnded).toBe(true);
	});

	test("keepalive pings, and a silent peer fails with 1011", async () => {
		const { network, peer, socket } = await conversation({ keepAlive: { interval: 1_000, timeout: 500 } });
		await network.clock.advance(1_050);
		expect(peer.takeHex()).toBe("8900");
		await peer.sendHex(`8a80${ANY_MASK}`);
		await network.clock.advance(1_000);
		expect(peer.takeHex()).toBe("8900");
		await network.clock.advance(600);
		expect(peer.takeHex()).toMatch(/^88..03f3/);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ by: "local", error: { kind: "keepalive-timeout" } });
	});

	test("a peer that takes a large message slowly is neither silent nor late", async () => {
		const { network, peer, socket } = await conversation({
			keepAlive: { interval: 1_000, timeout: 500 },
			timeouts: { closing: 1_000 },
		});
		network.faults.capacity = 1;
		network.faults.chunkSize = 1 << 20;
		// The line takes one chunk, and stops until it is told to go on.
		peer.received = (chunk) => {
			peer.chunks.push(chunk);
			network.faults.stalled = true;
		};
		const payload = new Uint8Array(8 << 20).fill(7);
		socket.send(payload);
		socket.close(1000);
		let turns = 0;
		while (peer.chunks.at(-1)?.at(-1) !== 0xe8 && turns++ < 60) {
			await network.clock.advance(400);
			network.release();
			await settle();
		}
		expect(turns).toBeGreaterThan(30);
		expect(peer.takeHex()).toMatch(/07880203e8$/);
		network.faults.stalled = false;
		await peer.sendHex(`8882${ANY_MASK}03e8`);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ wasClean: true });
	});

	test("no timer is left when everything is closed", async () => {
		const { network, peer } = await conversation({ keepAlive: { interval: 1_000 } });
		expect(network.clock.pendingTimers).toBe(1);
		peer.stream.destroy();
		await settle();
		expect(network.clock.pendingTimers).toBe(0);
	});
});
