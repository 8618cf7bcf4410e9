import { expect, test } from "vitest";
import { AcceptQueue } from "../src/accept-queue.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import { type Listener, Server } from "../src/server.ts";
import { RawPeer, UPGRADE, upgraded } from "./raw-peer.ts";

const CLOSE = "888200000000";

/** A Close frame with its code, in hex. */
function closeWith(code: number): string {
	return `8802${code.toString(16).padStart(4, "0")}`;
}

async function leave(peer: RawPeer, code: number): Promise<void> {
	await peer.sendHex(`${CLOSE}${code.toString(16).padStart(4, "0")}`);
	peer.stream.end();
	await settle();
}

test("each socket is closed at a moment of its own, in its own part of the time", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {});
	const peers: RawPeer[] = [];
	for (let i = 0; i < 50; i++) peers.push(await upgraded(network));
	const closed = server.close({ code: 1012, spread: 5_000 });
	const order: number[] = [];
	const taken = new Set<number>();
	for (let part = 1; part <= 50; part++) {
		await network.clock.advance(100);
		for (const [index, peer] of peers.entries()) {
			if (taken.has(index) || peer.chunks.length === 0) continue;
			expect(peer.takeHex()).toBe(closeWith(1012));
			taken.add(index);
			order.push(index);
			await leave(peer, 1012);
		}
		expect(taken.size).toBe(part);
	}
	expect(order).not.toEqual(order.toSorted((a, b) => a - b));
	expect(await closed).toEqual({ clean: 50, cut: 0 });
	expect(network.clock.pendingTimers).toBe(0);
});

test("what the deadline, a failure and a peer that goes away end counts as cut", async () => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {});
	const peers: RawPeer[] = [];
	for (let i = 0; i < 4; i++) peers.push(await upgraded(network));
	const [good, gone, broken] = peers as [RawPeer, RawPeer, RawPeer];
	const closed = server.close({ deadline: 500 });
	await settle();
	await leave(good, 1001);
	gone.stream.destroy();
	await broken.sendHex("ff");
	await network.clock.advance(500);
	expect(await closed).toEqual({ clean: 1, cut: 3 });
});

test("an HTTP connection is clean if it ends after its answer, and cut if its client leaves before", async () => {
	const network = new MemoryNetwork();
	const { promise, resolve } = Promise.withResolvers<Response>();
	const server = await network.serve(80, { fetch: () => promise });
	const [stays, leaves, idle] = [RawPeer.dial(network), RawPeer.dial(network), RawPeer.dial(network)];
	for (const peer of [stays, leaves]) await peer.send("GET / HTTP/1.1\r\nHost: m\r\n\r\n");
	const closed = server.close();
	leaves.stream.destroy();
	await settle();
	resolve(new Response("served"));
	await settle();
	for (const peer of [stays, idle]) peer.stream.end();
	expect(await closed).toEqual({ clean: 2, cut: 1 });
	expect(stays.text).toContain("served");
});

test.each([
	[{ deadline: 1_000 }, 0],
	[{ deadline: 1_000, spread: 800 }, 800],
	[{ deadline: 9_000, spread: 4_000 }, 4_000],
	[{ deadline: 60_000 }, 5_000],
	[{}, 5_000],
])("a second call with %j closes the last socket within %i ms", async (second, within) => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {});
	const peers: RawPeer[] = [];
	for (let i = 0; i < 100; i++) peers.push(await upgraded(network));
	const closed = [server.close({ spread: 5_000 }), server.close(second)];
	await network.clock.advance(Math.max(0, within - 100));
	if (within > 0) expect(peers.some(({ chunks }) => chunks.length === 0)).toBe(true);
	await network.clock.advance(Math.min(within, 100));
	expect(peers.every(({ chunks }) => chunks.length === 1)).toBe(true);
	for (const peer of peers) await leave(peer, 1001);
	expect(await Promise.all(closed)).toEqual(Array(2).fill({ clean: 100, cut: 0 }));
	expect(network.clock.pendingTimers).toBe(0);
});

test.each([
	[{ spread: 10_001 }, "the option `spread` (10001) can't be longer than `deadline` (10000)"],
	[{ spread: 2, deadline: 1 }, "the option `spread` (2) can't be longer than `deadline` (1)"],
	[{ spread: -1 }, "`spread` must be a number of milliseconds from 0 on, not -1"],
	[{ spread: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY }, "`spread` must be a number of"],
])("%j is refused by name, and the server goes on", async (options, message) => {
	const network = new MemoryNetwork();
	const server = await network.serve(80, {});
	await expect(server.close(options)).rejects.toThrow(message);
	await upgraded(network);
});

/** A server whose queue is empty when that is said. */
function queueing(): { network: MemoryNetwork; server: Server; emptied(): void; readonly isClosed: boolean } {
	const network = new MemoryNetwork();
	const { promise, resolve } = Promise.withResolvers<void>();
	let isClosed = false;
	const listener: Listener = {
		address: { transport: "unix", path: "" },
		emptied: () => promise,
		async close() {
			isClosed = true;
		},
	};
	const server = new Server({ fetch: () => new Response("served") }, network.clock).listening(listener);
	network.listen(80, (stream) => server.attach(stream));
	return {
		network,
		server,
		emptied: resolve,
		get isClosed() {
			return isClosed;
		},
	};
}

test("clients of the queue are answered before the listener is closed, and those who say nothing end behind it", async () => {
	const queue = queueing();
	const { network, server } = queue;
	const closed = server.close();
	const [http, upgrade, silent] = [RawPeer.dial(network), RawPeer.dial(network), RawPeer.dial(network)];
	await http.send("GET / HTTP/1.1\r\nHost: m\r\n\r\n");
	await upgrade.send(UPGRADE);
	expect(http.text).toMatch(/^HTTP\/1.1 200 [\s\S]*connection: close\r\n[\s\S]*served/);
	expect(upgrade.text).toMatch(/^HTTP\/1.1 503 [\s\S]*connection: close\r\n/);
	expect([silent.hasEnded, queue.isClosed]).toEqual([false, false]);
	queue.emptied();
	await settle();
	expect([silent.hasEnded, queue.isClosed]).toEqual([true, true]);
	for (const peer of [http, upgrade, silent]) peer.stream.end();
	expect(await closed).toEqual({ clean: 3, cut: 0 });
});

test("the deadline closes a listener whose queue does not become empty", async () => {
	const queue = queueing();
	const closed = queue.server.close({ deadline: 100 });
	const silent = RawPeer.dial(queue.network);
	await queue.network.clock.advance(100);
	expect([await closed, queue.isClosed]).toEqual([{ clean: 0, cut: 1 }, true]);
	expect(silent.closedWith).not.toBeUndefined();
});

/** A platform whose rounds are run by hand. */
function rounds() {
	let time = 0;
	let next: (() => void) | null = null;
	const network = new MemoryNetwork();
	const platform = Object.assign(Object.create(network.clock), {
		now: () => time,
		nextTurn: (task: () => void) => {
			next = task;
		},
	});
	return {
		platform,
		async pass(milliseconds = 1) {
			time += milliseconds;
			next?.();
			await settle();
		},
	};
}

test("a queue is empty after three rounds without a client, and while none is in its handshake", async () => {
	const { platform, pass } = rounds();
	let isBusy = true;
	const queue = new AcceptQueue(platform, () => isBusy);
	let isEmpty = false;
	void queue.emptied().then(() => {
		isEmpty = true;
	});
	for (let i = 0; i < 5; i++) await pass();
	isBusy = false;
	for (let i = 0; i < 5; i++) {
		queue.accepted();
		await pass();
		await pass();
	}
	expect(isEmpty).toBe(false);
	await pass();
	await pass();
	expect(isEmpty).toBe(true);
});

test("clients that come without end are left after a second", async () => {
	const { platform, pass } = rounds();
	const queue = new AcceptQueue(platform);
	let isEmpty = false;
	void queue.emptied().then(() => {
		isEmpty = true;
	});
	for (let i = 0; i < 9; i++) {
		queue.accepted();
		await pass(100);
	}
	expect(isEmpty).toBe(false);
	queue.accepted();
	await pass(100);
	expect(isEmpty).toBe(true);
});
