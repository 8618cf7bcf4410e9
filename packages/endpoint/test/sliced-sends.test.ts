import * as zlib from "node:zlib";
import type { Codec } from "@barewire/permessage-deflate";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Server } from "../src/server.ts";
import type { Socket } from "../src/socket.ts";
import { BusyClock } from "./busy-clock.ts";
import { masked } from "./conversation.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

// A large message that is compressed leaves by slices, and the others have their turns in between.

const SLICE = 256 * 1024;
const SLICES = 8;
const LARGE: string = "many words, ".repeat((SLICES * SLICE) / 12 + 1).slice(0, SLICES * SLICE);

/** A codec to which each call of a compressor is 4 milliseconds of work. */
function slow(clock: BusyClock): { readonly codec: Codec; calls: number } {
	const zlibs = zlibCodec(zlib);
	const counted = { calls: 0, codec: zlibs };
	counted.codec = {
		inflater: zlibs.inflater,
		deflater(options) {
			const deflater = zlibs.deflater(options);
			const deflate = deflater.deflate.bind(deflater);
			deflater.deflate = (payload) => {
				counted.calls++;
				clock.work(4);
				return deflate(payload);
			};
			return deflater;
		},
	};
	return counted;
}

interface Meeting {
	readonly clock: BusyClock;
	readonly server: Server;
	/** What the server has compressed. */
	readonly compressed: { readonly calls: number };
	/** The server's end of the client that compresses. */
	readonly socket: Socket;
	/** What that client has received. */
	readonly received: (string | Uint8Array)[];
	/** The client. */
	readonly client: Socket;
	/** Another client, which does not compress. Its messages come back. */
	readonly other: RawPeer;
	/** What the server's `error` handler was told. */
	readonly errors: unknown[];
	turn(): Promise<boolean>;
	runAll(): Promise<void>;
}

async function meet(): Promise<Meeting> {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const compressed = slow(clock);
	const sockets: Socket[] = [];
	const received: (string | Uint8Array)[] = [];
	const errors: unknown[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		compression: { codec: compressed.codec },
		open: (socket) => void sockets.push(socket),
		message: (socket, message) => void socket.send(message, { compress: false }),
		error: (error) => void errors.push(error),
	});
	const client = await network.connect("ws://memory/", {
		keepAlive: false,
		compression: { codec: zlibCodec(zlib) },
		message: (_socket, message) => void received.push(message),
	});
	const other = await upgraded(network);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	const turn = async (): Promise<boolean> => {
		const hasRun = clock.runTurn();
		await settle();
		return hasRun;
	};
	const runAll = async (): Promise<void> => {
		// A source that was read meanwhile may ask for a turn again.
		while ((await turn()) || (await turn()));
	};
	await runAll();
	return { clock, server, compressed, socket, received, client, other, errors, turn, runAll };
}

test.each(["text", "bytes"])("each turn makes one slice, send() makes none, and all arrives: %s", async (kind) => {
	const { compressed, socket, received, turn } = await meet();
	const message = kind === "text" ? LARGE : new TextEncoder().encode(LARGE);
	expect([socket.send(message), compressed.calls]).toEqual([false, 0]);
	expect(socket.bufferedAmount).toBeGreaterThanOrEqual(LARGE.length);
	await settle();
	const calls = [compressed.calls];
	while (await turn()) calls.push(compressed.calls);
	expect(calls.slice(0, SLICES)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
	expect([compressed.calls, received.length, socket.bufferedAmount]).toEqual([SLICES, 1, 0]);
	expect(typeof received[0] === "string" ? received[0] : new TextDecoder().decode(received[0])).toBe(LARGE);
});

test("another connection's message is answered before its last slice", async () => {
	const { compressed, socket, other, turn } = await meet();
	socket.send(LARGE);
	await settle();
	await other.send(masked(0x81, "hello"));
	let text = other.takeText();
	while (text === "" && (await turn())) text = other.takeText();
	expect([text, compressed.calls < 4]).toEqual(["\x81\x05hello", true]);
});

test("so is a ping of its own peer, and what that one sends is read", async () => {
	const { compressed, socket, client, received, turn, runAll } = await meet();
	socket.send(LARGE);
	await settle();
	let pongAfter = 0;
	void client.ping().then(() => {
		pongAfter = compressed.calls;
	});
	client.send("echo");
	await settle();
	while (pongAfter === 0 && (await turn()));
	expect([pongAfter > 0, pongAfter < 6, received]).toEqual([true, true, []]);
	await runAll();
	// Behind the message, in the order of sends.
	expect([received.length, received[1]]).toEqual([2, "echo"]);
});

test("what is sent behind it comes in its order: messages, a stream, a large one, what is published, and the Close frame", async () => {
	const { server, socket, client, received, runAll } = await meet();
	socket.subscribe("topic");
	socket.send(LARGE);
	socket.send("a");
	const streamed = socket.sendStream("text", ["b", "c"]);
	socket.send(`${LARGE}d`);
	server.publish("topic", "e");
	socket.close(1000, "bye");
	expect([socket.send("dropped"), socket.readyState]).toEqual([false, "closing"]);
	await runAll();
	await streamed;
	const short = received.map((message) => (message.length > 100 ? `large ${message.length - LARGE.length}` : message));
	expect(short).toEqual(["large 0", "a", "bc", "large 1", "e"]);
	expect(await client.closed).toMatchObject({ code: 1000, reason: "bye", wasClean: true });
});

test("a stream of a socket that is cut meanwhile rejects", async () => {
	const { socket, turn, runAll } = await meet();
	socket.send(LARGE);
	const streamed = socket.sendStream("text", ["b"]);
	await turn();
	socket.terminate();
	await runAll();
	await expect(streamed).rejects.toThrow(/closed/);
});

test("a payload that is transferred meanwhile ends that socket alone", async () => {
	const { socket, client, other, errors, turn, runAll } = await meet();
	const bytes = new TextEncoder().encode(LARGE);
	socket.send(bytes);
	await settle();
	await turn();
	structuredClone(bytes, { transfer: [bytes.buffer] });
	await runAll();
	expect(errors).toMatchObject([{ code: "ERR_TRANSFERRED" }]);
	expect((await client.closed).wasClean).toBe(false);
	await other.send(masked(0x81, "hello"));
	expect(other.takeText()).toBe("\x81\x05hello");
});

test("a peer that reads nothing has no more made for it than the stream takes", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const compressed = slow(clock);
	const opened = Promise.withResolvers<Socket>();
	await network.serve(80, {
		keepAlive: false,
		compression: { codec: compressed.codec },
		open: (socket) => opened.resolve(socket),
	});
	const client = await network.connect("ws://memory/", { keepAlive: false, compression: { codec: zlibCodec(zlib) } });
	const socket = await opened.promise;
	// Nobody asks for the client's messages.
	socket.send(crypto.getRandomValues(new Uint8Array(65_536)));
	const noise = new Uint8Array(16 * SLICE);
	for (let at = 0; at < noise.length; at += 65_536) crypto.getRandomValues(noise.subarray(at, at + 65_536));
	socket.send(noise);
	await settle();
	while (clock.runTurn()) await settle();
	expect([compressed.calls < 16, socket.bufferedAmount > 8 * SLICE]).toEqual([true, true]);
	client.terminate();
});
