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
		observe: (each: Observed) => void (each.type === "budget" && told.push([each.budget, each.action])),
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
