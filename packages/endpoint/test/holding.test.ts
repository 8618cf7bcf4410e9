import * as zlib from "node:zlib";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { expect, test } from "vitest";
import { MemoryNetwork, settle, VirtualClock } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { ClosedEvent, Socket } from "../src/socket.ts";
import { BusyClock } from "./busy-clock.ts";
import { masked } from "./conversation.ts";
import { RawPeer, upgraded, upgradeWith } from "./raw-peer.ts";

const BEGINS = 0x02;
const GOES_ON = 0x00;
const ENDS = 0x80;
const LIMIT = 100_000;

async function oneSocket(options: Partial<ServerOptions<undefined>>, clock: VirtualClock = new VirtualClock()) {
	const network = new MemoryNetwork(clock);
	const ended: ClosedEvent[] = [];
	const sockets: Socket[] = [];
	const messages: number[] = [];
	const told: Observed[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		message: (_socket, message) => void messages.push(message.length),
		...options,
		limits: { maxBufferedBytes: LIMIT, ...options.limits },
		open: (socket) => void sockets.push(socket),
		close: (_socket, event) => void ended.push(event),
		observe: (observed) => void told.push(observed),
	});
	const peer = await upgraded(network);
	const [socket] = sockets;
	const [connection] = server.connections;
	if (socket === undefined || connection === undefined) throw new Error("the socket did not open");
	const actions = (): unknown[] => told.flatMap((each) => (each.type === "budget" ? [[each.budget, each.action]] : []));
	return { network, server, ended, messages, peer, socket, connection, actions };
}

/** Whether the peer got a Close frame with that code. */
function endsWithClose(peer: RawPeer, code: number): boolean {
	return new RegExp(`88[0-7].${code.toString(16).padStart(4, "0")}`).test(peer.takeHex());
}

test("an idle connection holds nothing; an unfinished message counts as it lies, and is gone with its end", async () => {
	const { peer, connection, messages, server } = await oneSocket({});
	expect([connection.held, server.stats.held]).toEqual([0, 0]);
	await peer.send(masked(BEGINS, new Uint8Array(50_000)));
	expect([connection.held, server.stats.held]).toEqual([50_008, 50_008]);
	// A byte takes 128: what it is copied to has room for more.
	await peer.send(masked(GOES_ON, new Uint8Array(1)));
	expect(connection.held).toBe(50_008 + 128);
	await peer.send(masked(ENDS, new Uint8Array(0)));
	expect([connection.held, server.stats.held, messages]).toEqual([0, 0, [50_001]]);
});

test("a limit of a few hundred bytes holds as well", async () => {
	const { peer, actions } = await oneSocket({ limits: { maxBufferedBytes: 500 } });
	await peer.send(masked(BEGINS, new Uint8Array(600)));
	expect(actions()).toEqual([
		["maxBufferedBytes", "paused"],
		["maxBufferedBytes", "closed"],
		["maxBufferedBytes", "resumed"],
	]);
	expect(endsWithClose(peer, 1009)).toBe(true);
});

test("a message that is there, and is more than a connection may hold, is put together all the same, and nothing is read meanwhile", async () => {
	const clock = new BusyClock();
	const { peer, connection, messages, ended, actions } = await oneSocket({}, clock);
	const size = 3 * 1024 * 1024;
	const frame = masked(0x82, new Uint8Array(size));
	await peer.send(frame.slice(0, 100_000));
	clock.eachReading = 0.5;
	await peer.send(frame.slice(100_000));
	expect([messages, connection.held]).toEqual([[], expect.any(Number)]);
	expect(connection.held).toBeGreaterThan(size);
	while (clock.runTurn()) await settle();
	expect([messages, ended, connection.held, actions()]).toEqual([
		[size],
		[],
		0,
		[
			["maxBufferedBytes", "paused"],
			["maxBufferedBytes", "resumed"],
		],
	]);
});

test("messages that wait for a handler count with their objects", async () => {
	let release = (): void => {};
	const { peer, connection } = await oneSocket({
		message: () => new Promise<void>((resolve) => (release = resolve)),
	});
	await peer.send(masked(0x82, "a"));
	expect(connection.held).toBe(0);
	await peer.send(masked(0x82, "b"));
	await peer.send(masked(0x82, "c"));
	expect(connection.held).toBe(2 * (1 + 64 + 192));
	release();
	await settle();
	expect(connection.held).toBe(1 + 64 + 192);
});

test("parts that wait for the application count with their objects", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, { keepAlive: false, receive: "parts", message: () => new Promise(() => {}) });
	const peer = await upgraded(network);
	await peer.send(masked(BEGINS, "a"));
	await peer.send(masked(GOES_ON, "b"));
	expect(server.stats.held).toBe(2 * (1 + 128));
});

test("output that waits counts, in the library and with the stream, until it is taken", async () => {
	const { peer, connection, socket } = await oneSocket({});
	peer.stream.pause();
	socket.send(new Uint8Array(30_000));
	await settle();
	expect([connection.held, connection.bufferedAmount]).toEqual([30_004, 30_004]);
	peer.stream.resume();
	await settle();
	expect(connection.held).toBe(0);
});

test("what waits to be sent and an unfinished message are one number for `send`", async () => {
	const { peer, socket } = await oneSocket({});
	await peer.send(masked(BEGINS, new Uint8Array(60_000)));
	expect(() => socket.send(new Uint8Array(50_000))).toThrow(expect.objectContaining({ code: "ERR_BUFFER_FULL" }));
	socket.send(new Uint8Array(30_000));
});

/** A socket whose handler is busy until it is released, once for each message. */
async function busySocket(options: Partial<ServerOptions<undefined>> = {}) {
	const lengths: number[] = [];
	const waiting: (() => void)[] = [];
	const set = await oneSocket({
		...options,
		message(_socket, message) {
			lengths.push(message.length);
			return new Promise<void>((resolve) => void waiting.push(resolve));
		},
	});
	const release = async (): Promise<void> => {
		waiting.shift()?.();
		await settle();
	};
	return { ...set, lengths, release };
}

test("over its limit a connection is not read from, until it holds seven eighths", async () => {
	const { peer, connection, lengths, release, actions } = await busySocket();
	for (const size of [1, 10_000, 40_000]) await peer.send(masked(0x82, new Uint8Array(size)));
	await peer.send(masked(BEGINS, new Uint8Array(55_000)));
	expect(actions()).toEqual([["maxBufferedBytes", "paused"]]);
	expect(connection.held).toBeGreaterThan(LIMIT);
	await peer.send(masked(ENDS, "x"));
	await release();
	expect([connection.held < LIMIT, connection.held > LIMIT * 0.875]).toEqual([true, true]);
	expect(actions()).toHaveLength(1);
	await release();
	expect(actions()).toEqual([
		["maxBufferedBytes", "paused"],
		["maxBufferedBytes", "resumed"],
	]);
	await release();
	expect([lengths, connection.held]).toEqual([[1, 10_000, 40_000, 55_001], 0]);
});

test("a message that fits into the limit is not refused for what was there with it", async () => {
	const { peer, connection, lengths, release, actions } = await busySocket();
	for (const size of [1, 10_000]) await peer.send(masked(0x82, new Uint8Array(size)));
	await peer.send(masked(BEGINS, new Uint8Array(48_000)));
	await peer.send(masked(GOES_ON, new Uint8Array(47_000)));
	expect(actions()).toEqual([["maxBufferedBytes", "paused"]]);
	await peer.send(masked(ENDS, "x"));
	// What is left is more than seven eighths, and gets less only when the message ends.
	await release();
	await release();
	expect(lengths).toEqual([1, 10_000, 95_001]);
	expect(actions()).toEqual([
		["maxBufferedBytes", "paused"],
		["maxBufferedBytes", "resumed"],
	]);
	expect(connection.held).toBe(0);
});

test("what is to be sent does not keep a connection from being read: `send` refuses what would be too much", async () => {
	const { peer, connection, socket, messages, actions } = await oneSocket({});
	peer.stream.pause();
	const fill = (): void => {
		while (socket.readyState === "open") socket.send(new Uint8Array(10_000));
	};
	for (let i = 0; i < 3; i++) {
		expect(fill).toThrow(expect.objectContaining({ code: "ERR_BUFFER_FULL" }));
		await settle();
	}
	// What the stream took does not refuse it.
	expect(connection.held).toBeGreaterThan(LIMIT);
	await peer.send(masked(0x82, "read"));
	expect([messages, actions()]).toEqual([[4], []]);
});

test("two sides that are both full do not wait for each other", async () => {
	const network = new MemoryNetwork();
	network.faults.chunkSize = 16_000;
	const limits = { maxBufferedBytes: 4_000_000 };
	await network.serve(80, {
		limits,
		keepAlive: false,
		message: (socket, message) => (socket.send(message) ? undefined : socket.drained()),
	});
	let echoes = 0;
	const socket = await network.connect("ws://memory/", {
		limits,
		keepAlive: false,
		message: () => void echoes++,
	});
	let sent = 0;
	const fill = (): void => {
		while (socket.readyState === "open") {
			socket.send(new Uint8Array(9_000));
			sent++;
		}
	};
	network.faults.stalled = true;
	// The stream takes a part, and then as much comes behind it.
	for (let i = 0; i < 2; i++) {
		expect(fill).toThrow(expect.objectContaining({ code: "ERR_BUFFER_FULL" }));
		await settle();
	}
	network.release();
	await network.clock.advance(100);
	expect([socket.bufferedAmount, echoes]).toEqual([0, sent]);
});

test("requests that are answered without a body wait while the client takes no answers", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {
		fetch: ({ method }) => new Response(method === "HEAD" ? "unread" : null, { headers: { a: "a".repeat(1_000) } }),
	});
	const peer = RawPeer.dial(network);
	peer.stream.pause();
	const count = 500;
	for (const method of ["GET", "HEAD"]) await peer.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(count / 2));
	await network.clock.advance(20);
	// The mark is 64 KiB, and the stream takes as much.
	expect(server.stats.bufferedAmount).toBeLessThan(150_000);
	peer.stream.resume();
	await network.clock.advance(500);
	expect(peer.text.match(/HTTP\/1\.1 200/g)).toHaveLength(count);
});

test("an unfinished message that is larger than the limit: 1009", async () => {
	const { peer, connection, ended, actions, network } = await oneSocket({});
	await peer.send(masked(BEGINS, new Uint8Array(60_000)));
	await peer.send(masked(GOES_ON, new Uint8Array(60_000)));
	expect(endsWithClose(peer, 1009)).toBe(true);
	expect(connection.held).toBe(0);
	expect(actions()).toEqual([
		["maxBufferedBytes", "paused"],
		["maxBufferedBytes", "closed"],
		["maxBufferedBytes", "resumed"],
	]);
	await network.clock.advance(10_050);
	expect(ended).toMatchObject([{ code: 1006, by: "local", error: { kind: "message-too-big", closeCode: 1009 } }]);
});

test("larger messages that the options allow are not stopped by the default", async () => {
	const network = new MemoryNetwork();
	const lengths: number[] = [];
	await network.serve(80, {
		keepAlive: false,
		limits: { maxMessageSize: 80 * 1024 * 1024 },
		message: (_socket, message) => void lengths.push(message.length),
	});
	const peer = await upgraded(network);
	const size = 70 * 1024 * 1024;
	await peer.sendHex(`82 ff 00000000 ${size.toString(16).padStart(8, "0")} 00000000`);
	for (let i = 0; i < 70; i++) await peer.send(new Uint8Array(1024 * 1024));
	// It is put together in as many turns.
	for (let i = 0; i < 70; i++) await settle();
	expect(lengths).toEqual([size]);
});

test("where nothing that is held can get less, this side has no room: 1013", async () => {
	// A decompressor takes some 20 KiB, and is kept for the next message.
	const { peer, ended, network } = await compressed({ maxBufferedBytes: 10_000 });
	expect(endsWithClose(peer, 1013)).toBe(true);
	await network.clock.advance(10_050);
	expect(ended).toMatchObject([{ by: "local", error: { kind: "no-room", closeCode: 1013 } }]);
});

test("what compression keeps counts, and stops nobody under the limit", async () => {
	const { server, messages } = await compressed({});
	expect(messages).toEqual(["Hello"]);
	expect(server.stats.held).toBe(16 * 1024 + (1 << 15));
});

async function compressed(limits: Partial<ServerOptions<undefined>["limits"]>) {
	const network = new MemoryNetwork();
	const ended: ClosedEvent[] = [];
	const messages: unknown[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		limits: { ...limits },
		compression: { codec: zlibCodec(zlib) },
		message: (_socket, message) => void messages.push(message),
		close: (_socket, event) => void ended.push(event),
	});
	const peer = RawPeer.dial(network);
	await peer.send(upgradeWith("Sec-WebSocket-Extensions: permessage-deflate"));
	peer.takeText();
	// RFC 7692 §7.2.3.1: "Hello".
	await peer.send(masked(0xc1, Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00)));
	return { network, server, peer, ended, messages };
}
