import * as zlib from "node:zlib";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { ServerOptions } from "../src/server-options.ts";
import { masked } from "./conversation.ts";
import { RawPeer, UPGRADE, upgraded, upgradeWith } from "./raw-peer.ts";

const MESSAGE = 10_000;

/** A server whose handlers wait until they are released, and what came to them. */
async function serving(options: Partial<ServerOptions<undefined>>) {
	const network = new MemoryNetwork();
	const lengths: number[] = [];
	const ended: number[] = [];
	const told: unknown[] = [];
	let release = (): void => {};
	const isReleased = new Promise<void>((resolve) => {
		release = resolve;
	});
	const server = await network.serve(80, {
		keepAlive: false,
		...options,
		message(_socket, message) {
			lengths.push(message.length);
			return isReleased;
		},
		close: (_socket, { code }) => void ended.push(code),
		observe: (each: Observed) => {
			if (each.type !== "budget" || (each.connection !== null && each.action !== "closed")) return;
			told.push([each.budget, each.action]);
		},
	});
	return { network, server, lengths, ended, told, release };
}

/** Leaves so many messages to the server's handler, and is gone. */
async function leave(network: MemoryNetwork, count: number): Promise<void> {
	const peer = await upgraded(network);
	for (let i = 0; i < count; i++) await peer.send(masked(0x82, new Uint8Array(MESSAGE)));
	peer.stream.reset();
	await settle();
}

test("of what a stream that is gone has left, no more than a connection may hold is kept for a slow handler", async () => {
	const { network, lengths, ended, release } = await serving({
		limits: { maxBufferedBytes: 100_000 },
		compression: { codec: zlibCodec(zlib) },
	});
	const peer = RawPeer.dial(network);
	await peer.send(upgradeWith("Sec-WebSocket-Extensions: permessage-deflate"));
	const deflated = zlib.deflateRawSync(new Uint8Array(MESSAGE), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
	// RSV1 (RFC 7692 §7.2.3.1), and no tail.
	const frame = masked(0xc2, deflated.subarray(0, -4));
	const chunk = new Uint8Array(frame.length * 200);
	for (let i = 0; i < 200; i++) chunk.set(frame, i * frame.length);
	await peer.send(chunk);
	peer.stream.reset();
	await settle();
	release();
	await settle();
	// The first one was given to the handler before.
	expect(lengths.length).toBeGreaterThanOrEqual(8);
	expect(lengths.length).toBeLessThanOrEqual(11);
	expect(ended).toEqual([1006]);
});

test("it counts for the server until the handler has taken it", async () => {
	const { network, lengths, told, release } = await serving({ limits: { maxServerBytes: 115_000 } });
	for (let i = 0; i < 3; i++) await leave(network, 5);
	expect(told).toEqual([["maxServerBytes", "refused"]]);
	const refused = RawPeer.dial(network);
	await refused.send(UPGRADE);
	expect(refused.takeText()).toMatch(/^HTTP\/1\.1 503 /);
	release();
	await settle();
	await network.clock.advance(100);
	expect(told.at(-1)).toEqual(["maxServerBytes", "resumed"]);
	expect(lengths).toHaveLength(15);
	await upgraded(network);
	refused.stream.reset();
	await settle();
});

test("where the server holds too much for long, it goes first", async () => {
	const { network, lengths, told, release } = await serving({ limits: { maxServerBytes: 115_000 } });
	for (let i = 0; i < 3; i++) await leave(network, 5);
	await network.clock.advance(2_500);
	expect(told).toEqual([
		["maxServerBytes", "refused"],
		["maxServerBytes", "closed"],
		["maxServerBytes", "resumed"],
	]);
	release();
	await settle();
	// One of the three has lost four.
	expect(lengths).toHaveLength(11);
});

test("what nobody may ever read is not kept count of", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, { keepAlive: false });
	const [peer, ...sockets] = [await upgraded(network), ...server.sockets];
	await peer.send(masked(0x82, new Uint8Array(MESSAGE)));
	expect(server.stats.held).toBeGreaterThan(MESSAGE);
	const [connection] = server.connections;
	peer.stream.reset();
	await settle();
	expect([connection?.held, server.stats.held, sockets.length]).toEqual([0, 0, 1]);
});

test("parts that a stream that is gone has left are bounded as well, and reading them ends with an error", async () => {
	const network = new MemoryNetwork();
	let size = 0;
	let thrown: unknown;
	let begin = (): void => {};
	const isBegun = new Promise<void>((resolve) => {
		begin = resolve;
	});
	await network.serve(80, {
		keepAlive: false,
		receive: "parts",
		limits: { maxBufferedBytes: 100_000 },
		compression: { codec: zlibCodec(zlib) },
		async message(_socket, message) {
			await isBegun;
			try {
				for await (const part of message) size += part.length;
			} catch (error) {
				thrown = error;
			}
		},
	});
	const peer = RawPeer.dial(network);
	await peer.send(upgradeWith("Sec-WebSocket-Extensions: permessage-deflate"));
	const deflated = zlib.deflateRawSync(new Uint8Array(2_000_000), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
	const half = deflated.length >> 1;
	await peer.send(masked(0x42, deflated.subarray(0, half)));
	await peer.send(masked(0x80, deflated.subarray(half, -4)));
	peer.stream.reset();
	await settle();
	begin();
	for (let turn = 0; turn < 50; turn++) await settle();
	expect(size).toBeLessThan(2_000_000);
	expect(thrown).toMatchObject({ code: "ERR_SOCKET_CLOSED" });
});

test("what others have left is safe from one that holds too much", async () => {
	const { network, lengths, told, release } = await serving({
		limits: { maxServerBytes: 115_000 },
		timeouts: { message: Number.POSITIVE_INFINITY },
	});
	await leave(network, 2);
	const hoarder = await upgraded(network);
	await hoarder.send(masked(0x02, new Uint8Array(120_000)));
	await network.clock.advance(2_500);
	expect(told).toContainEqual(["maxServerBytes", "closed"]);
	release();
	await settle();
	expect(lengths).toEqual([MESSAGE, MESSAGE]);
});
