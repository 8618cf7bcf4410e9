import { describe, expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { ClosedEvent, Socket } from "../src/socket.ts";
import { masked } from "./conversation.ts";
import { RawPeer, upgraded } from "./raw-peer.ts";

const TIMES = { keepAlive: false, timeouts: { stalled: 1_000 } } as const;
const LARGE = new Uint8Array(100_000);
const PING = masked(0x89, "");

async function oneSocket(options: Partial<ServerOptions<undefined>>) {
	const network = new MemoryNetwork();
	const ended: ClosedEvent[] = [];
	const sockets: Socket[] = [];
	await network.serve(80, {
		...options,
		open: (socket) => void sockets.push(socket),
		close: (_socket, event) => void ended.push(event),
	});
	const peer = await upgraded(network);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	return { network, ended, peer, socket };
}

test("a WebSocket peer that takes none of its output is cut, whatever it sends", async () => {
	const { network, ended, peer, socket } = await oneSocket(TIMES);
	peer.stream.pause();
	socket.send(LARGE);
	for (let i = 0; i < 9; i++) {
		await network.clock.advance(100);
		await peer.send(PING);
	}
	expect(socket.readyState).toBe("open");
	await network.clock.advance(150);
	expect(ended).toMatchObject([
		{ code: 1006, wasClean: false, by: "local", unsent: 100_010, error: { kind: "stalled-timeout" } },
	]);
});

describe("keepalive rests while output waits", () => {
	const KEEP_ALIVE = { interval: 300, timeout: 300 } as const;

	test("a peer that takes a piece in half of `stalled`, and answers no ping, is not cut", async () => {
		const { network, ended, peer, socket } = await oneSocket({ ...TIMES, keepAlive: KEEP_ALIVE });
		network.faults.chunkSize = 10_000;
		network.faults.capacity = 10_000;
		peer.received = () => peer.stream.pause();
		peer.stream.pause();
		socket.send(LARGE);
		for (let i = 0; i < 11; i++) {
			await network.clock.advance(950);
			expect([socket.readyState, ended]).toEqual(["open", []]);
			peer.stream.resume();
			await settle();
		}
		expect(socket.bufferedAmount).toBe(0);
	});

	test("one that takes nothing is cut by `stalled`, and not before", async () => {
		const { network, ended, peer, socket } = await oneSocket({ ...TIMES, keepAlive: KEEP_ALIVE });
		peer.stream.pause();
		socket.send(LARGE);
		await network.clock.advance(950);
		expect(ended).toEqual([]);
		await network.clock.advance(100);
		expect(ended).toMatchObject([{ code: 1006, error: { kind: "stalled-timeout" } }]);
	});

	test("once all is taken, one that stays silent is found by keepalive", async () => {
		const { network, ended, peer, socket } = await oneSocket({ ...TIMES, keepAlive: KEEP_ALIVE });
		peer.stream.pause();
		socket.send(LARGE);
		await network.clock.advance(950);
		peer.stream.resume();
		// A reader of 20 KB/s would come to the ping in five seconds.
		await network.clock.advance(4_200);
		expect(socket.readyState).toBe("open");
		await network.clock.advance(600);
		expect(socket.readyState).toBe("closing");
		peer.stream.end();
		await settle();
		expect(ended).toMatchObject([{ error: { kind: "keepalive-timeout" } }]);
	});
});

test("one byte in that time is enough, and keepalive sees it too", async () => {
	const { network, ended, peer, socket } = await oneSocket({
		...TIMES,
		keepAlive: { interval: 300, timeout: 300 },
	});
	peer.received = () => peer.stream.pause();
	peer.stream.pause();
	socket.send(LARGE);
	network.faults.chunkSize = 1;
	for (let i = 0; i < 30; i++) {
		await network.clock.advance(200);
		peer.stream.resume();
		await settle();
	}
	expect([socket.readyState, ended]).toEqual(["open", []]);
	expect(socket.bufferedAmount).toBeGreaterThan(99_000);
});

test("the time begins when output begins to wait, however long none did", async () => {
	const { network, ended, peer, socket } = await oneSocket(TIMES);
	peer.stream.pause();
	socket.send(LARGE);
	await network.clock.advance(100);
	peer.stream.resume();
	await network.clock.advance(800);
	socket.send("all of it is taken");
	await network.clock.advance(50);
	peer.stream.pause();
	socket.send(LARGE);
	await network.clock.advance(900);
	expect(ended).toEqual([]);
	await network.clock.advance(150);
	expect(ended).toHaveLength(1);
});

test("once all is taken, nothing is timed any more", async () => {
	const { network, ended, peer, socket } = await oneSocket(TIMES);
	peer.stream.pause();
	socket.send(LARGE);
	await network.clock.advance(500);
	peer.stream.resume();
	await network.clock.advance(10_000);
	expect([socket.readyState, ended, network.clock.pendingTimers]).toEqual(["open", [], 0]);
});

test("by default the time is 5 minutes; when all is taken, the timer ends within one", async () => {
	const { network, ended, peer, socket } = await oneSocket({ keepAlive: false });
	peer.stream.pause();
	socket.send(LARGE);
	await network.clock.advance(299_900);
	expect(ended).toEqual([]);
	peer.stream.resume();
	await network.clock.advance(60_100);
	expect([socket.readyState, network.clock.pendingTimers]).toEqual(["open", 0]);
	peer.stream.pause();
	socket.send(LARGE);
	await network.clock.advance(299_900);
	expect(ended).toEqual([]);
	await network.clock.advance(200);
	expect(ended).toMatchObject([{ error: { kind: "stalled-timeout" } }]);
});

test("an HTTP client that takes none of its answer is cut: the request is aborted, and the answer's body cancelled", async () => {
	const network = new MemoryNetwork();
	const told: string[] = [];
	await network.serve(80, {
		...TIMES,
		fetch({ signal }) {
			signal.addEventListener("abort", () => told.push("aborted"));
			return new Response(
				new ReadableStream({
					pull: (controller) => controller.enqueue(new Uint8Array(LARGE)),
					cancel: () => void told.push("cancelled"),
				}),
			);
		},
	});
	const peer = RawPeer.dial(network);
	peer.stream.pause();
	await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	await network.clock.advance(900);
	expect(told).toEqual([]);
	await network.clock.advance(150);
	expect(told.sort()).toEqual(["aborted", "cancelled"]);
	expect(peer.closedWith).not.toBeUndefined();
});

test("an answer that has nothing to say for long is not cut", async () => {
	const network = new MemoryNetwork();
	await network.serve(80, { ...TIMES, fetch: () => new Response(new ReadableStream()) });
	const peer = RawPeer.dial(network);
	await peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	await network.clock.advance(10_000);
	expect(peer.closedWith).toBeUndefined();
});

describe("the closing deadline rests while output waits", () => {
	const CLOSING = { ...TIMES, timeouts: { stalled: 1_000, closing: 300 } } as const;

	/** Of all that is sent the peer takes a piece each time. */
	function takesPieces(network: MemoryNetwork, peer: RawPeer, size: number): void {
		network.faults.chunkSize = size;
		network.faults.capacity = size;
		peer.stream.pause();
		const { received } = peer;
		peer.received = (chunk) => {
			received.call(peer, chunk);
			peer.stream.pause();
		};
	}

	test("a peer that takes a piece in nearly `stalled` gets all that was sent before close(), and the Close frame", async () => {
		const { network, ended, peer, socket } = await oneSocket(CLOSING);
		takesPieces(network, peer, 25_000);
		peer.takeHex();
		socket.send(LARGE);
		socket.close(4001, "bye");
		for (let i = 0; i < 5; i++) {
			await network.clock.advance(950);
			expect(ended).toEqual([]);
			peer.stream.resume();
			await settle();
		}
		expect(peer.takeHex().endsWith("8805 0fa1 627965".replaceAll(" ", ""))).toBe(true);
		await peer.sendHex("8882 00000000 0fa1");
		peer.stream.end();
		peer.stream.resume();
		await settle();
		expect(ended).toMatchObject([{ code: 4001, wasClean: true, unsent: 0 }]);
	});

	test("one that takes nothing is cut by `stalled`", async () => {
		const { network, ended, peer, socket } = await oneSocket(CLOSING);
		peer.stream.pause();
		socket.send(LARGE);
		socket.close(4001, "bye");
		await network.clock.advance(950);
		expect(ended).toEqual([]);
		await network.clock.advance(100);
		expect(ended).toMatchObject([{ code: 1006, error: { kind: "stalled-timeout" } }]);
	});

	test("one whose server closes is cut by the deadline of server.close()", async () => {
		const network = new MemoryNetwork();
		const ended: ClosedEvent[] = [];
		const server = await network.serve(80, {
			...CLOSING,
			open: (socket) => void socket.send(LARGE),
			close: (_socket, event) => void ended.push(event),
		});
		const peer = await upgraded(network);
		peer.stream.pause();
		for (const socket of server.sockets) socket.send(LARGE);
		void server.close({ deadline: 400 });
		await network.clock.advance(399);
		expect(ended).toEqual([]);
		await network.clock.advance(1);
		expect(ended).toHaveLength(1);
	});

	test("an HTTP client that takes a piece in nearly `stalled` gets the whole answer", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { ...CLOSING, fetch: () => new Response(LARGE) });
		const peer = RawPeer.dial(network);
		takesPieces(network, peer, 25_000);
		await peer.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		for (let i = 0; i < 5; i++) {
			await network.clock.advance(950);
			expect(peer.closedWith).toBeUndefined();
			peer.stream.resume();
			await settle();
		}
		while (!peer.hasEnded && peer.closedWith === undefined) {
			peer.stream.resume();
			await settle();
		}
		expect([peer.text.length > LARGE.length, peer.hasEnded]).toEqual([true, true]);
	});
});
