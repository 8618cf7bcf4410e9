import { describe, expect, test } from "vitest";
import { Context } from "../src/context.ts";
import type { Driver } from "../src/driver.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import { BusyClock } from "./busy-clock.ts";
import { masked } from "./conversation.ts";
import { RawPeer, UPGRADE, upgraded } from "./raw-peer.ts";

const LIMIT = 100_000;
const BEGINS = 0x02;
const ENDS = 0x80;
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

async function serving(options: Partial<ServerOptions<undefined>> = {}) {
	const network = new MemoryNetwork();
	const sockets: Socket[] = [];
	const messages: number[] = [];
	const told: Observed[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		timeouts: { message: Number.POSITIVE_INFINITY },
		fetch: () => new Response("fine"),
		message: (_socket, message) => void messages.push(message.length),
		...options,
		limits: { maxServerBytes: LIMIT, ...options.limits },
		open(socket) {
			sockets.push(socket);
			socket.subscribe("all");
		},
		observe: (observed) => void told.push(observed),
	});
	/** What was told of budgets and refusals since the last call: whose, and what. */
	const takeTold = (): unknown[] => {
		const whose = new Map<unknown, number>(sockets.map((socket, index) => [socket.remote, index]));
		return told.splice(0).flatMap((each) => {
			if (each.type === "refused") return [[each.status, each.reason]];
			if (each.type !== "budget") return [];
			const { connection, action } = each;
			return [[connection === null ? "server" : (whose.get(connection.remote) ?? "?"), action]];
		});
	};
	return { network, server, sockets, messages, takeTold };
}

/** A client with a message of so many bytes that does not end. */
async function hoarder(network: MemoryNetwork, size: number): Promise<RawPeer> {
	const peer = await upgraded(network);
	await peer.send(masked(BEGINS, new Uint8Array(size)));
	return peer;
}

function closeCode(peer: RawPeer): number | null {
	const [, code] = /88..([0-9a-f]{4})/.exec(peer.takeHex()) ?? [];
	return code === undefined ? null : Number.parseInt(code, 16);
}

test("below the limit nothing is looked at, and no timer runs", async () => {
	const { network, takeTold } = await serving();
	await hoarder(network, 49_000);
	await hoarder(network, 50_000);
	// Those of HTTP have ended.
	await network.clock.advance(80_000);
	expect([takeTold(), network.clock.pendingTimers]).toEqual([[], 0]);
});

describe("over the limit", () => {
	test("first new WebSockets get 503 with Retry-After; requests and those that are there go on", async () => {
		const { network, takeTold } = await serving();
		const quiet = await upgraded(network);
		await hoarder(network, 52_000);
		await hoarder(network, 49_000);
		expect(takeTold()).toContainEqual(["server", "refused"]);
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		const answer = peer.takeText();
		expect(answer).toMatch(/^HTTP\/1\.1 503 /);
		expect(answer).toMatch(/\r\nretry-after: 5\r\n/i);
		expect(takeTold()).toEqual([[503, "maxServerBytes"]]);
		const plain = RawPeer.dial(network);
		await plain.send(REQUEST);
		expect(plain.takeText()).toMatch(/^HTTP\/1\.1 200 /);
		await quiet.send(masked(0x89, "a"));
		expect(quiet.takeHex()).toBe("8a0161");
	});

	test("then those above their fair share are paused, and the others are not", async () => {
		const { network, messages, takeTold, server } = await serving();
		const small = await hoarder(network, 20_000);
		const large = await hoarder(network, 60_000);
		const third = await hoarder(network, 25_000);
		expect(takeTold()).toEqual([
			["server", "refused"],
			[1, "paused"],
		]);
		await large.send(masked(ENDS, "x"));
		expect(messages).toEqual([]);
		await third.send(masked(ENDS, "x"));
		expect([messages, server.stats.held]).toEqual([[25_001], 80_016]);
		// What is held is below seven eighths now: at the next look, all is as before.
		await network.clock.advance(100);
		expect(takeTold()).toEqual([
			[1, "resumed"],
			["server", "resumed"],
		]);
		expect(messages).toEqual([25_001, 60_001]);
		await small.send(masked(ENDS, "x"));
		await network.clock.advance(80_000);
		expect([messages, server.stats.held, network.clock.pendingTimers]).toEqual([[25_001, 60_001, 20_001], 0, 0]);
		await upgraded(network);
	});

	test("then, if that does not help, the one longest without progress is closed: 1013", async () => {
		const { network, messages, takeTold, server } = await serving();
		const first = await hoarder(network, 51_000);
		await network.clock.advance(10);
		const second = await hoarder(network, 51_000);
		await network.clock.advance(1_900);
		expect([closeCode(first), closeCode(second)]).toEqual([null, null]);
		await network.clock.advance(200);
		expect([closeCode(first), closeCode(second)]).toEqual([1013, null]);
		expect(takeTold()).toEqual([
			["server", "refused"],
			[0, "paused"],
			[1, "paused"],
			[0, "closed"],
		]);
		await network.clock.advance(100);
		expect(takeTold()).toEqual([
			[0, "resumed"],
			[1, "resumed"],
			["server", "resumed"],
		]);
		await second.send(masked(ENDS, "x"));
		expect([messages, server.stats.held]).toEqual([[51_001], 0]);
	});

	test("if it grows further, nobody waits for that", async () => {
		const { network, takeTold } = await serving();
		const peers: RawPeer[] = [];
		for (let i = 0; i < 5; i++) {
			peers.push(await hoarder(network, 24_000));
			await network.clock.advance(10);
		}
		// 120,000 are above nine eighths.
		expect(peers.map(closeCode)).toEqual([1013, 1013, null, null, null]);
		expect(takeTold().filter((each) => Array.isArray(each) && each[1] === "closed")).toEqual([
			[0, "closed"],
			[1, "closed"],
		]);
	});

	test("who takes its output makes progress; who was closed and takes not even that is cut", async () => {
		const { network, sockets, server } = await serving({ limits: { maxServerBytes: 300_000 } });
		const peers = [await upgraded(network), await upgraded(network), await upgraded(network)];
		const [stuck, slow, quick] = peers as [RawPeer, RawPeer, RawPeer];
		for (const peer of [stuck, slow]) peer.stream.pause();
		for (const socket of sockets.slice(0, 2)) for (let i = 0; i < 3; i++) socket.send(new Uint8Array(52_000));
		await settle();
		await network.clock.advance(1_000);
		network.faults.chunkSize = 100;
		slow.received = () => slow.stream.pause();
		slow.stream.resume();
		await network.clock.advance(1_100);
		expect(sockets.map(({ readyState }) => readyState)).toEqual(["closing", "open", "open"]);
		expect(stuck.closedWith).toBeUndefined();
		await network.clock.advance(1_200);
		expect(stuck.closedWith).not.toBeUndefined();
		expect([slow.closedWith, quick.closedWith]).toEqual([undefined, undefined]);
		expect(server.stats.held).toBeLessThan(200_000);
	});

	test("it is cut as well where so little is held by then that others are let in again", async () => {
		const { network, sockets, takeTold } = await serving({ limits: { maxServerBytes: 300_000 } });
		const [first, second] = [await upgraded(network), await upgraded(network)];
		for (const peer of [first, second]) peer.stream.pause();
		for (const socket of sockets) for (let i = 0; i < 3; i++) socket.send(new Uint8Array(52_000));
		await settle();
		await network.clock.advance(2_100);
		const closing = sockets.findIndex(({ readyState }) => readyState === "closing");
		sockets[1 - closing]?.terminate();
		await network.clock.advance(200);
		expect(takeTold().at(-1)).toEqual(["server", "resumed"]);
		await network.clock.advance(1_000);
		expect((closing === 0 ? first : second).closedWith).not.toBeUndefined();
	});

	test("an HTTP connection is cut", async () => {
		const { network, takeTold } = await serving({
			fetch: () => new Response(new Uint8Array(150_000)),
			limits: { maxServerBytes: 120_000 },
		});
		const peer = RawPeer.dial(network);
		peer.stream.pause();
		await peer.send(REQUEST);
		await network.clock.advance(2_200);
		expect(peer.closedWith).not.toBeUndefined();
		expect(takeTold().at(-1)).toEqual(["server", "resumed"]);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("a server without a limit lets everybody in", async () => {
		const { network, takeTold } = await serving({ limits: { maxServerBytes: Number.POSITIVE_INFINITY } });
		await hoarder(network, 60_000);
		await hoarder(network, 60_000);
		await upgraded(network);
		expect(takeTold()).toEqual([]);
	});
});

test("a frame of `publish` counts in full for its socket, and once for the server", async () => {
	const { network, server } = await serving({ limits: { maxServerBytes: 450_000 } });
	const peers = [await upgraded(network), await upgraded(network), await upgraded(network)];
	for (const { stream } of peers) stream.pause();
	// With the runtime, which may have copied it.
	server.publish("all", new Uint8Array(70_000));
	await settle();
	expect([server.stats.held, server.stats.shared]).toEqual([3 * 70_010, 0]);
	server.publish("all", new Uint8Array(50_000));
	await settle();
	const [one] = server.connections;
	expect([one?.held, server.stats.held]).toEqual([70_010 + 50_004 + 64, 3 * (70_010 + 50_004 + 64)]);
	expect(server.stats.shared).toBe(2 * 50_004);
	// Small ones are copied for each.
	server.publish("all", new Uint8Array(1_000));
	await settle();
	expect(server.stats.shared).toBe(2 * 50_004);
	peers[0]?.stream.resume();
	await settle();
	expect(server.stats.shared).toBe(50_004);
	peers[1]?.stream.reset();
	await settle();
	expect(server.stats.shared).toBe(0);
	peers[2]?.stream.resume();
	await settle();
	expect([server.stats.held, server.stats.shared]).toEqual([0, 0]);
});

test("a frame is shared until it leaves, whatever waits behind it", async () => {
	const { network, server } = await serving({ limits: { maxServerBytes: 10_000_000 } });
	const [one, other] = [await upgraded(network), await upgraded(network)];
	for (const { stream } of [one, other]) stream.pause();
	for (let i = 0; i < 3; i++) {
		server.publish("all", new Uint8Array(300_000));
		await settle();
	}
	expect(server.stats.shared).toBe(2 * 300_010);
	one.received = () => one.stream.pause();
	one.stream.resume();
	await settle();
	expect([server.stats.held, server.stats.shared]).toEqual([5 * 300_010 + 3 * 64, 300_010]);
});

/** So many subscribers that read nothing. */
async function stuckSubscribers(network: MemoryNetwork, count: number): Promise<RawPeer[]> {
	const peers: RawPeer[] = [];
	for (let i = 0; i < count; i++) {
		const peer = await upgraded(network);
		peer.stream.pause();
		peers.push(peer);
	}
	return peers;
}

test("what is left of a frame is shared as well, and what was published in one turn", async () => {
	const { network, server } = await serving({ limits: { maxServerBytes: 10_000_000 } });
	const [one] = await stuckSubscribers(network, 3);
	const rest = 600_010 - 256 * 1024;
	server.publish("all", new Uint8Array(600_000));
	await settle();
	expect([server.stats.held, server.stats.shared]).toEqual([3 * 600_010, 2 * rest]);
	one?.stream.reset();
	await settle();
	expect([server.stats.held, server.stats.shared]).toEqual([2 * 600_010, rest]);
	for (let i = 0; i < 2; i++) server.publish("all", new Uint8Array(70_000));
	expect(server.stats.shared).toBe(rest + 2 * 70_010);
});

test("a value that waits is shared until it is replaced", async () => {
	const { network, server } = await serving({ slow: "latest", limits: { maxServerBytes: 10_000_000 } });
	await stuckSubscribers(network, 3);
	for (const size of [70_000, 50_000, 40_000]) {
		server.publish("all", new Uint8Array(size));
		await settle();
	}
	expect([server.stats.held, server.stats.shared]).toEqual([3 * (70_010 + 40_004 + 64), 2 * 40_004]);
});

test("what was dropped with slow subscribers is not shared any more, and the limit holds", async () => {
	const { network, server, sockets, takeTold } = await serving({ limits: { maxServerBytes: 1_000_000 } });
	await stuckSubscribers(network, 3);
	for (let i = 0; i < 6; i++) {
		server.publish("all", new Uint8Array(70_000));
		await settle();
	}
	expect(server.stats.shared).toBe(2 * 5 * 70_010);
	server.publish("all", new Uint8Array(1), { slow: "disconnect" });
	await settle();
	expect(server.stats.shared).toBe(0);
	await stuckSubscribers(network, 1);
	expect(takeTold()).toEqual([]);
	for (let i = 0; i < 15; i++) sockets[3]?.send(new Uint8Array(60_000));
	await settle();
	expect(takeTold()).toContainEqual(["server", "refused"]);
});

test("many that wait for the same frame are no hoarders: who holds the rest is closed", async () => {
	const { network, server, sockets } = await serving({ limits: { maxServerBytes: 4_000_000 } });
	const peers = await stuckSubscribers(network, 10);
	server.publish("all", new Uint8Array(900_000));
	await settle();
	await network.clock.advance(5_000);
	expect(sockets.every(({ readyState }) => readyState === "open")).toBe(true);
	await stuckSubscribers(network, 1);
	for (let i = 0; i < 20; i++) sockets[10]?.send(new Uint8Array(60_000));
	await network.clock.advance(2_500);
	expect(sockets.map(({ readyState }) => readyState)).toEqual([...peers.map(() => "open"), "closing"]);
});

describe("while a connection is not read from, no time passes for its peer", () => {
	async function paused(timeouts: ServerOptions<undefined>["timeouts"]) {
		const set = await serving({ timeouts });
		const [first, second] = [await hoarder(set.network, 52_000), await hoarder(set.network, 52_000)];
		return { ...set, first, second };
	}

	test.each([
		["message", { message: 1_000 }],
		["idle", { message: 60_000, idle: 1_000 }],
	])("%s", async (_name, timeouts) => {
		const { network, sockets, messages, first, second } = await paused(timeouts);
		await network.clock.advance(100);
		await second.send(masked(ENDS, "x"));
		await network.clock.advance(1_500);
		expect([messages, sockets.map(({ readyState }) => readyState)]).toEqual([[], ["open", "open"]]);
		first.stream.reset();
		await network.clock.advance(200);
		expect(messages).toEqual([52_001]);
	});

	test.each([
		["message", { message: 1_000 }, 1008],
		["idle", { message: 60_000, idle: 1_000 }, 1001],
	])("%s: from then on it does", async (_name, timeouts, code) => {
		const { network, first, second } = await paused(timeouts);
		await network.clock.advance(1_500);
		first.stream.reset();
		await network.clock.advance(900);
		expect(closeCode(second)).toBeNull();
		await network.clock.advance(300);
		expect(closeCode(second)).toBe(code);
	});

	test("a pong", async () => {
		const { network, messages, sockets } = await serving({ keepAlive: { interval: 500, timeout: 400 } });
		const [first, second] = [await upgraded(network), await upgraded(network)];
		await network.clock.advance(510);
		for (const peer of [first, second]) peer.stream.write(masked(BEGINS, new Uint8Array(52_000)), false);
		await network.clock.advance(1_500);
		expect(sockets.map(({ readyState }) => readyState)).toEqual(["open", "open"]);
		await second.send(masked(ENDS, "x"));
		first.stream.reset();
		await network.clock.advance(200);
		expect(messages).toEqual([52_001]);
	});
});

test("stats tell of this moment, and are always the same object", async () => {
	const { network, server, sockets } = await serving();
	const { stats } = server;
	const peer = await upgraded(network);
	RawPeer.dial(network);
	peer.stream.pause();
	sockets[0]?.send(new Uint8Array(500));
	await settle();
	const now = { connections: 2, sockets: 1, held: 504, shared: 0, bufferedAmount: 504 };
	expect([{ ...stats }, JSON.parse(JSON.stringify(stats))]).toEqual([now, now]);
	expect(JSON.parse(JSON.stringify(server.connections))[0]).toMatchObject({ speaks: "websocket", held: 504 });
	peer.stream.reset();
	await settle();
	expect({ ...server.stats }).toEqual({ connections: 1, sockets: 0, held: 0, shared: 0, bufferedAmount: 0 });
	expect(server.stats).toBe(stats);
});

test("a look at very much that waits takes several turns", async () => {
	const clock = new BusyClock();
	const context = new Context<undefined>(clock, {}, {}, null, 1000);
	const pieces = Array.from({ length: 3_000 }, () => new Uint8Array(1));
	let looked = 0;
	const waiting = {
		pieces,
		holding: null,
		isStreamGone: false,
		regulate() {
			clock.work(1);
			looked++;
		},
	};
	// As far as the budget looks at a driver.
	for (let i = 0; i < 10; i++) context.drivers.add({ ...waiting } as unknown as Driver<undefined>);
	context.budget?.deadlineReached();
	const counts = [looked];
	do {
		await settle();
		counts.push(looked);
	} while (clock.runTurn());
	expect(looked).toBe(10);
	expect(Math.max(...counts.map((count, i) => count - (counts[i - 1] ?? 0)))).toBeLessThanOrEqual(4);
});
