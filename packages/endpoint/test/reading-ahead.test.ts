import { describe, expect, test } from "vitest";
import { SocketClosedError } from "../src/errors.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import { CLOSE, inParts, masked } from "./conversation.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

const TEXT = 0x81;
const PING = masked(0x89, "p");
const LARGE = masked(0x82, new Uint8Array(40_000));

/** The pong of the socket's first ping. */
const PONG = masked(0x8a, Uint8Array.of(0, 0, 0, 1));

/** A server, its one socket, the raw peer at its other end, and what happened in order. */
async function meet(options: (order: unknown[]) => Partial<ServerOptions<undefined>> = () => ({})) {
	const network = new MemoryNetwork();
	const order: unknown[] = [];
	const errors: unknown[] = [];
	const sockets: Socket[] = [];
	const own = options(order);
	const server = await network.serve(80, {
		keepAlive: false,
		close: ({ readyState }) => void order.push(`close ${readyState}`),
		error: (error) => void errors.push(error),
		...own,
		open(socket) {
			sockets.push(socket);
			return own.open?.(socket);
		},
	});
	const peer = await upgraded(network);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	return { network, server, socket, peer, order, errors };
}

/** What opens when it is told to. */
function gate(): { readonly opened: Promise<void>; open(): void } {
	let open = (): void => {};
	const opened = new Promise<void>((resolve) => {
		open = resolve;
	});
	return { opened, open: () => open() };
}

const notRead = { name: "UsageError", code: "ERR_NOT_READ" };

describe("a pong behind messages that wait", () => {
	test("is seen while a handler waits for it", async () => {
		const { peer, order, errors } = await meet((seen) => ({
			async message(socket, message) {
				if (message === "first") await socket.ping();
				seen.push(message);
			},
		}));
		await peer.send(masked(TEXT, "first"));
		await peer.send(masked(TEXT, "second"));
		await peer.send(PONG);
		expect([order, errors]).toEqual([["first", "second"], []]);
	});

	test("is seen while the body of a loop waits for it", async () => {
		const { peer, socket } = await meet();
		const seen: unknown[] = [];
		const loop = (async () => {
			for await (const message of socket) {
				if (message === "first") await socket.ping();
				seen.push(message);
			}
		})();
		for (const frame of [masked(TEXT, "first"), masked(TEXT, "second"), PONG, CLOSE]) await peer.send(frame);
		peer.stream.end();
		await loop;
		expect(seen).toEqual(["first", "second"]);
	});

	test("is not seen behind more than is read ahead: the wait ends and says why, before it begins as well", async () => {
		const results: unknown[] = [];
		const hold = gate();
		const { peer } = await meet(() => ({
			async message(socket, message) {
				if (message !== "first") return;
				results.push(await socket.ping().catch((error: unknown) => error));
				results.push(await socket.ping().catch((error: unknown) => error));
				await hold.opened;
				results.push(await socket.ping());
			},
		}));
		await peer.send(masked(TEXT, "first"));
		for (let i = 0; i < 4; i++) await peer.send(LARGE);
		expect(results).toMatchObject([notRead, notRead]);
	});
});

describe("a socket without a reader", () => {
	test("discards what is more than is read ahead, answers pings, and sees the Close frame", async () => {
		const { network, peer, socket, order } = await meet();
		for (let i = 0; i < 10; i++) await peer.send(LARGE);
		await peer.send(PING);
		await network.clock.advance(1_999);
		expect(peer.takeHex()).toBe("");
		await network.clock.advance(1);
		expect(peer.takeHex()).toBe("8a0170");
		await peer.send(CLOSE);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		expect(order).toEqual(["close closed"]);
		await expect(socket[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ERR_MESSAGES_DISCARDED" });
	});

	test.each<[string, (socket: Socket) => unknown]>([
		["`readable`", (socket) => socket.readable],
		["an iterator", (socket) => socket[Symbol.asyncIterator]()],
	])("is one also where there is %s that nobody reads", async (_name, make) => {
		const { network, peer, socket } = await meet();
		make(socket);
		for (let i = 0; i < 10; i++) await peer.send(LARGE);
		make(socket);
		await peer.send(CLOSE);
		peer.stream.end();
		await network.clock.advance(2_000);
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
	});

	test("in parts: the same", async () => {
		const network = new MemoryNetwork();
		const server = await network.serve(80, { receive: "parts", keepAlive: false });
		const peer = await upgraded(network);
		await peer.send(masked(0x02, "begun"));
		for (let i = 0; i < 10; i++) await peer.send(masked(0x00, new Uint8Array(40_000)));
		await peer.send(masked(0x80, "ended"));
		await peer.send(LARGE);
		await peer.send(PING);
		await network.clock.advance(2_000);
		expect(peer.takeHex()).toBe("8a0170");
		const [socket] = server.sockets;
		await expect(socket?.[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ERR_MESSAGES_DISCARDED" });
	});

	test("keeps what is read ahead for a loop that begins later, or that goes on after another was left", async () => {
		const { peer, socket } = await meet();
		for (const text of ["a", "b", "c"]) await peer.send(masked(TEXT, text));
		const seen: unknown[] = [];
		for await (const message of socket) {
			seen.push(message);
			break;
		}
		await peer.send(masked(TEXT, "d"));
		await peer.send(CLOSE);
		peer.stream.end();
		for await (const message of socket) seen.push(message);
		expect(seen).toEqual(["a", "b", "c", "d"]);
	});

	test("that has left its loop sees the Close frame behind more than is read ahead", async () => {
		const { network, peer, socket } = await meet();
		await peer.send(masked(TEXT, "a"));
		for await (const message of socket) {
			expect(message).toBe("a");
			break;
		}
		for (let i = 0; i < 10; i++) await peer.send(LARGE);
		await peer.send(CLOSE);
		peer.stream.end();
		await network.clock.advance(2_000);
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("keeps everything for a loop that begins in time", async () => {
		const { network, peer, socket } = await meet();
		for (let i = 0; i < 10; i++) await peer.send(LARGE);
		await peer.send(CLOSE);
		peer.stream.end();
		await network.clock.advance(1_999);
		const loop = socket[Symbol.asyncIterator]();
		for (let i = 0; i < 10; i++) {
			expect((await loop.next()).value).toHaveLength(40_000);
			await network.clock.advance(5_000);
		}
		expect(await loop.next()).toEqual({ done: true, value: undefined });
	});
});

test("nobody has to await a ping or drained(): when the peer leaves, the process lives on", async () => {
	const { peer, socket, network } = await meet();
	network.faults.stalled = true;
	while (socket.send(new Uint8Array(100_000)));
	const unhandled: unknown[] = [];
	const note = (error: unknown): void => void unhandled.push(error);
	process.on("unhandledRejection", note);
	const awaited = [socket.ping(), socket.drained()];
	void socket.ping();
	void socket.drained();
	peer.stream.destroy();
	await settle();
	void socket.ping();
	void socket.drained();
	await settle();
	process.off("unhandledRejection", note);
	expect(unhandled).toEqual([]);
	for (const promise of awaited) await expect(promise).rejects.toBeInstanceOf(SocketClosedError);
});

describe("the end of a socket whose handler runs", () => {
	test("`closed` settles at once, messages that came go to their handler, and `close` is the last", async () => {
		const { peer, order, socket } = await meet((seen) => ({
			async message(from, message) {
				await from.closed;
				seen.push(message);
			},
		}));
		await peer.send(masked(TEXT, "first"));
		await peer.send(masked(TEXT, "second"));
		peer.stream.destroy();
		await settle();
		expect((await socket.closed).code).toBe(1006);
		await settle();
		expect(order).toEqual(["first", "second", "close closed"]);
	});

	test("`signal` tells the handler", async () => {
		const { peer, order, socket } = await meet((seen) => ({
			message: ({ signal }) =>
				new Promise<void>((resolve) => {
					signal.addEventListener("abort", () => {
						seen.push(signal.reason);
						resolve();
					});
				}),
		}));
		await peer.send(masked(TEXT, "first"));
		peer.stream.destroy();
		await settle();
		expect(order).toEqual([expect.any(SocketClosedError), "close closed"]);
		expect(socket.signal.aborted).toBe(true);
	});

	test.each<[string, (peer: RawPeer) => unknown]>([
		["a reset", (peer) => peer.stream.destroy()],
		["a clean close", (peer) => peer.send(CLOSE).then(() => peer.stream.end())],
	])("`signal` that is first asked for after %s is aborted", async (_name, end) => {
		const hold = gate();
		const { peer, order } = await meet((seen) => ({
			async message(socket) {
				await hold.opened;
				seen.push(socket.signal.aborted);
			},
		}));
		const { peer: other, order: ofOther } = await meet((seen) => ({
			close: ({ signal }) => void seen.push(signal.reason),
		}));
		await peer.send(masked(TEXT, "first"));
		await end(peer);
		await end(other);
		await settle();
		hold.open();
		await settle();
		expect(order).toEqual([true, "close closed"]);
		expect(ofOther).toEqual([expect.any(SocketClosedError)]);
	});

	test("server.close() lets the handler answer before the Close frame, and waits for it", async () => {
		const work = gate();
		const { server, peer, order } = await meet((seen) => ({
			async message(socket, message) {
				await work.opened;
				seen.push(message, socket.send("answer"));
			},
		}));
		await peer.send(masked(TEXT, "first"));
		const closed = server.close().then(() => order.push("server closed"));
		await settle();
		expect(peer.takeHex()).toBe("");
		work.open();
		await settle();
		expect(peer.takeHex()).toBe(`8106${Buffer.from("answer").toString("hex")}880203e9`);
		await peer.send(masked(0x88, Uint8Array.of(0x03, 0xe9)));
		peer.stream.end();
		await closed;
		expect(order).toEqual(["first", true, "close closed", "server closed"]);
	});

	test("server.close() that a handler calls before it answers is no different", async () => {
		const work = gate();
		const { peer, order } = await meet((seen) => ({
			async message(socket) {
				void socket.server.close();
				await work.opened;
				seen.push(socket.send("answer"));
			},
		}));
		await peer.send(masked(TEXT, "first"));
		work.open();
		await settle();
		expect(order).toEqual([true]);
		expect(peer.takeHex()).toBe(`8106${Buffer.from("answer").toString("hex")}880203e9`);
	});

	test.each<[string, (socket: Socket) => unknown]>([
		[
			"a loop",
			async (socket) => {
				for await (const message of socket) socket.send(message);
			},
		],
		["`readable`", (socket) => socket.readable.pipeTo(socket.writable)],
	])("server.close() ends %s that `open` waits for", async (_name, open) => {
		const { server, peer, order, errors } = await meet(() => ({ open }));
		await peer.send(masked(TEXT, "first"));
		expect(peer.takeHex()).toBe(`8105${Buffer.from("first").toString("hex")}`);
		const closed = server.close().then(() => order.push("server closed"));
		await settle();
		expect(peer.takeHex()).toBe("880203e9");
		await peer.send(masked(0x88, Uint8Array.of(0x03, 0xe9)));
		peer.stream.end();
		await closed;
		expect([order, errors]).toEqual([["close closed", "server closed"], []]);
	});

	test("server.close() lets the body of a loop in `open` answer before the Close frame", async () => {
		const work = gate();
		const { server, peer, order } = await meet((seen) => ({
			async open(socket) {
				for await (const message of socket) {
					await work.opened;
					seen.push(message, socket.send("answer"));
				}
			},
		}));
		await peer.send(masked(TEXT, "first"));
		await peer.send(masked(TEXT, "second"));
		void server.close();
		await settle();
		expect(peer.takeHex()).toBe("");
		work.open();
		await settle();
		expect(peer.takeHex()).toBe(`8106${Buffer.from("answer").toString("hex")}880203e9`);
		expect(order).toEqual(["first", true, "second", false]);
	});

	test("server.close() waits for a handler that begins when the stream goes", async () => {
		const work = gate();
		const { server, peer, send, ended } = await inParts({
			message(_socket, message) {
				if (message.kind === "text") return work.opened;
				// Its reading goes on, and the next message waits.
				void (async () => {
					for await (const _part of message) await work.opened;
				})();
				return undefined;
			},
		});
		await send(masked(0x02, "a"), masked(0x80, "b"), masked(TEXT, "second"));
		let isClosed = false;
		const closed = server.close().then(() => {
			isClosed = true;
		});
		peer.stream.destroy();
		await settle();
		expect([isClosed, ended]).toEqual([false, []]);
		work.open();
		await closed;
		expect(ended).toHaveLength(1);
	});

	test("server.close() waits for handlers of sockets that have gone, but not beyond its deadline", async () => {
		const { server, peer, network, order } = await meet(() => ({ message: () => new Promise(() => {}) }));
		await peer.send(masked(TEXT, "first"));
		peer.stream.destroy();
		await settle();
		const closed = server.close({ deadline: 1000 }).then(() => order.push("server closed"));
		await network.clock.advance(999);
		expect(order).toEqual([]);
		await network.clock.advance(1);
		await closed;
		// Its handler never returns.
		expect(order).toEqual(["server closed"]);
	});
});

test("of what comes behind close() and has no room, nothing is given any more: messages are never left out in the midst", async () => {
	const { peer, order } = await meet((seen) => ({
		async open(socket) {
			for await (const message of socket) {
				seen.push(message.length);
				if (seen.length === 1) socket.close(4000);
				await settle();
			}
		},
	}));
	for (let size = 1_000; size < 1_200; size++) void peer.send(masked(0x82, new Uint8Array(size)));
	for (let i = 0; i < 300; i++) await settle();
	for (let size = 1_200; size < 1_210; size++) await peer.send(masked(0x82, new Uint8Array(size)));
	for (let i = 0; i < 300; i++) await settle();
	const given = order.filter((each) => typeof each === "number");
	expect(given.length).toBeGreaterThan(50);
	expect(given).toEqual(given.map((_, i) => 1_000 + i));
	expect(given.length).toBeLessThan(200);
});

test("a hundred pings may be unanswered; a pong makes room again", async () => {
	const { socket, peer } = await meet();
	const roundTrips = Array.from({ length: 100 }, () => socket.ping());
	await expect(socket.ping()).rejects.toMatchObject({ name: "UsageError", code: "ERR_NOT_ANSWERED" });
	await peer.send(PONG);
	expect(await roundTrips[0]).toBe(0);
	const another = socket.ping();
	await peer.send(masked(0x8a, Uint8Array.of(0, 0, 0, 101)));
	expect(await another).toBe(0);
});
