import * as zlib from "node:zlib";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { describe, expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { SlowPolicy } from "../src/publish.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { ClosedEvent, Socket } from "../src/socket.ts";
import { masked } from "./conversation.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

/** With its frame a little above the high-water mark, which is 64 KiB, and so the most that a stream takes. */
const FILL = "f".repeat(70_000);

const codec = zlibCodec(zlib);

/** A server of which each socket listens to "t", a peer that reads, and one that does not; `told`: the events about slow ones. */
async function two(options: Partial<ServerOptions<undefined>> = {}) {
	const network = new MemoryNetwork();
	const told: string[] = [];
	const errors: unknown[] = [];
	const ended: ClosedEvent[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		observe: (observed) => {
			if (observed.type === "slow-consumer") told.push(`${observed.topic}: ${observed.action}`);
		},
		error: (error) => void errors.push(error),
		close: (_socket, event) => void ended.push(event),
		...options,
		open: (socket) => socket.subscribe("t"),
	});
	const [fast, slow] = [await upgraded(network), await upgraded(network)];
	const [fastSocket, slowSocket] = [...server.sockets] as [Socket, Socket];
	slow.stream.pause();
	/** What a peer has received since the last call, without what has filled its stream. */
	const received = (peer: RawPeer): string[] => {
		const hex = peer.takeHex();
		const texts: string[] = [];
		for (let at = 0; at < hex.length; ) {
			const first = hex.slice(at, at + 2);
			const short = Number.parseInt(hex.slice(at + 2, at + 4), 16);
			const header = short < 126 ? 4 : short === 126 ? 8 : 20;
			const size = short < 126 ? short : Number.parseInt(hex.slice(at + 4, at + header), 16);
			const payload = hex.slice(at + header, at + header + 2 * size);
			at += header + 2 * size;
			if (first === "81" && size < 60_000) texts.push(Buffer.from(payload, "hex").toString());
			else if (first === "88") texts.push(`Close ${Number.parseInt(payload.slice(0, 4), 16)}`);
		}
		return texts;
	};
	/** Makes the second one slow. */
	const fill = async () => {
		slowSocket.send(FILL);
		await settle();
	};
	const resume = async () => {
		slow.stream.resume();
		for (let turn = 0; turn < 20; turn++) await settle();
	};
	return { network, server, fast, slow, fastSocket, slowSocket, told, errors, ended, received, fill, resume };
}

const POLICIES = ["wait", "drop", "latest", "disconnect"] as const;

describe.each(POLICIES)("%s", (policy: SlowPolicy) => {
	test("those that read get everything, and so does everybody while nobody is slow", async () => {
		const { server, fast, slow, received, fill, resume, told } = await two();
		const counts = [];
		for (let number = 0; number < 5; number++) counts.push(server.publish("t", `a${number}`, { slow: policy }));
		await settle();
		expect([counts, told]).toEqual([[2, 2, 2, 2, 2], []]);
		await resume();
		slow.stream.pause();
		expect(received(slow)).toEqual(["a0", "a1", "a2", "a3", "a4"]);
		await fill();
		for (let number = 0; number < 5; number++) server.publish("t", `b${number}`, { slow: policy });
		await settle();
		expect(received(fast)).toEqual(["a0", "a1", "a2", "a3", "a4", "b0", "b1", "b2", "b3", "b4"]);
	});

	test("as the server's default", async () => {
		const { server, slow, received, fill, resume } = await two({ slow: policy });
		await fill();
		const counts = [server.publish("t", "1"), server.publish("t", "2")];
		await resume();
		const expected = {
			wait: [
				[2, 2],
				["1", "2"],
			],
			drop: [[1, 1], []],
			latest: [[2, 2], ["2"]],
			disconnect: [[1, 1], ["Close 1013"]],
		};
		expect([counts, received(slow)]).toEqual(expected[policy]);
	});

	test("a burst within one turn makes nobody slow", async () => {
		const { server, fast, slow, resume, received, told } = await two({ slow: policy });
		await resume();
		for (let number = 0; number < 100; number++)
			server.publish("t", `${number} ${"x".repeat(5_000)}`, { key: `${number}` });
		await settle();
		for (let turn = 0; turn < 40; turn++) await settle();
		for (const peer of [fast, slow]) expect(received(peer)).toHaveLength(100);
		expect(told).toEqual([]);
	});
});

describe("latest", () => {
	test("the newest value of each key, in the order of sends, among all else", async () => {
		const { server, slow, slowSocket, received, fill, resume, told } = await two({ slow: "latest" });
		await fill();
		server.publish("t", "a1", { key: "a" });
		server.publish("t", "b1", { key: "b" });
		slowSocket.send("alone");
		server.publish("t", "waits", { slow: "wait", key: "a" });
		server.publish("t", "a2", { key: "a" });
		server.publish("t", "t1");
		server.publish("t", "t2", { key: "t" });
		await resume();
		expect(received(slow)).toEqual(["b1", "alone", "waits", "a2", "t2"]);
		expect(told).toEqual(["t: replaced"]);
	});

	test("below the high-water mark as well, where the system takes no more", async () => {
		const { network, server, slow, slowSocket, received, resume, told } = await two({ slow: "latest" });
		network.faults.capacity = 1_000;
		slowSocket.send("x".repeat(1_000));
		await settle();
		for (const text of ["1", "2", "3"]) server.publish("t", text);
		await resume();
		expect(received(slow).slice(1)).toEqual(["3"]);
		expect(told).toEqual(["t: replaced"]);
	});

	test("what a turn replaces for one that reads tells nothing of it", async () => {
		const { server, fast, received, told } = await two({ slow: "latest" });
		for (let value = 0; value < 20; value++) server.publish("t", `${value}`.padEnd(8_000));
		await settle();
		const got = received(fast);
		expect([got.length < 20, got.at(-1)?.trim(), told]).toEqual([true, "19", []]);
	});

	test("what a subscriber that never reads holds does not grow", async () => {
		const { server, slowSocket, slow, received, resume } = await two({ slow: "latest" });
		const values = (round: number) => {
			for (let key = 0; key < 50; key++) server.publish("t", `${key} ${round} ${"v".repeat(1_000)}`, { key: `${key}` });
		};
		let most = 0;
		for (let round = 0; round < 200; round++) {
			values(round);
			await settle();
			most = Math.max(most, slowSocket.bufferedAmount);
		}
		// Two more than the stream's own: one that has gone over the mark, and one that was taken before it was known.
		expect(most).toBeLessThan(64 * 1024 + 52 * 1_100);
		await resume();
		const last = new Map(received(slow).map((text) => text.split(" ").slice(0, 2) as [string, string]));
		expect([last.size, [...last.values()].every((round) => round === "199")]).toEqual([50, true]);
	});

	test("behind a message that is sent as a stream, too, and nothing is told as nobody is slow", async () => {
		const { server, fast, fastSocket, received, told } = await two({ slow: "latest" });
		let goOn = (): void => {};
		const gate = new Promise<void>((resolve) => {
			goOn = resolve;
		});
		const sent = fastSocket.sendStream(
			"text",
			(async function* () {
				await gate;
				yield "streamed";
			})(),
		);
		await settle();
		for (const text of ["1", "2", "3"]) server.publish("t", text);
		goOn();
		await sent;
		await settle();
		// Of the one in fragments, only the last frame is whole.
		expect(received(fast)).toEqual(["3"]);
		expect(told).toEqual([]);
	});

	test("each is compressed when it leaves, by the connection's own compressor", async () => {
		const { server, network } = await two({ slow: "latest", compression: { codec } });
		const client = await network.connect("ws://memory:80", { compression: { codec } });
		const got: string[] = [];
		const socket = [...server.sockets].at(-1)!;
		socket.send("its compressor remembers this ".repeat(50));
		await settle();
		network.faults.stalled = true;
		socket.send(new Uint8Array(200_000), { compress: false });
		await settle();
		for (const round of [1, 2])
			for (const key of ["a", "b"]) server.publish("t", `${key}${round} `.repeat(500), { key });
		network.release();
		for (let turn = 0; turn < 30; turn++) await settle();
		server.publish("t", "over");
		for await (const message of client) {
			if (typeof message === "string") got.push(message.slice(0, 4));
			if (message === "over") break;
		}
		expect(got).toEqual(["its ", "a2 a", "b2 b", "over"]);
	});
});

describe("disconnect", () => {
	test("1013 at once: what waits in the library is dropped, counted, and told", async () => {
		const { network, server, slow, slowSocket, fill, told, ended, errors } = await two();
		await fill();
		server.publish("t", "waits");
		const waiting = slowSocket.bufferedAmount;
		expect(server.publish("t", "x", { slow: "disconnect" })).toBe(1);
		expect([slowSocket.readyState, waiting - slowSocket.bufferedAmount]).toEqual(["closing", 64 + 7 - (2 + 2 + 8)]);
		expect([server.publish("t", "y"), told, errors]).toEqual([1, ["t: disconnected"], []]);
		await network.clock.advance(60_000);
		expect(ended).toMatchObject([{ by: "local", code: 1006 }]);
		expect(ended[0]?.unsent).toBeGreaterThan(70_000);
		expect(slow.closedWith).not.toBe(undefined);
	});

	test.each(["wait", "latest"] as const)("where %s has no more room", async (policy) => {
		const { server, fast, slow, received, fill, resume, told, errors } = await two({
			limits: { maxBufferedBytes: 100_000 },
		});
		await fill();
		const counts = [];
		for (const key of ["a", "b", "c"]) {
			counts.push(server.publish("t", key.repeat(40_000), { slow: policy, key }));
			await settle();
		}
		expect(counts).toEqual([2, 2, 1]);
		expect(told).toEqual(["t: disconnected"]);
		expect(errors).toEqual([expect.objectContaining({ code: "ERR_BUFFER_FULL" })]);
		await resume();
		expect(received(slow)).toEqual(["Close 1013"]);
		expect(received(fast)).toHaveLength(3);
	});
});

test("of what is dropped or replaced it is told once, until all was taken", async () => {
	const { server, slow, fill, resume, told } = await two();
	for (const round of [1, 2]) {
		await fill();
		for (let count = 0; count < 3; count++) server.publish("t", "x", { slow: round === 1 ? "drop" : "latest" });
		await resume();
		slow.stream.pause();
	}
	expect(told).toEqual(["t: dropped", "t: replaced"]);
});

test("who is told of one that is closed may publish", async () => {
	let count = 0;
	const { server, fill } = await two({
		slow: "disconnect",
		observe(observed) {
			if (observed.type === "slow-consumer") count += server.publish("t", "somebody is slow");
		},
	});
	await fill();
	server.publish("t", "x");
	expect(count).toBe(1);
});

test("what is told of a slow one has the view of its connection", async () => {
	const seen: Observed[] = [];
	const { server, slowSocket, fill } = await two({ observe: (observed) => void seen.push(observed) });
	await fill();
	server.publish("t", "x", { slow: "drop" });
	const observed = seen.find(({ type }) => type === "slow-consumer");
	expect(observed).toMatchObject({ topic: "t", action: "dropped" });
	expect((observed as { connection: unknown }).connection).toBe(
		server.connections.find(({ remote }) => remote === slowSocket.remote),
	);
});

test("drained() and the drain handler wait for what the queue holds", async () => {
	let drains = 0;
	const { server, slowSocket, fill, resume } = await two({ slow: "latest", drain: () => void drains++ });
	await fill();
	server.publish("t", "x");
	let isDrained = false;
	void slowSocket.drained().then(() => {
		isDrained = true;
	});
	await settle();
	expect([isDrained, drains, slowSocket.bufferedAmount > 70_000]).toEqual([false, 0, true]);
	await resume();
	expect([isDrained, drains, slowSocket.bufferedAmount]).toEqual([true, 1, 0]);
});

test("server.close() sends its Close frame behind what waits", async () => {
	const { server, slow, received, fill, resume } = await two({ slow: "latest" });
	await fill();
	server.publish("t", "1");
	server.publish("t", "2");
	const closed = server.close({ deadline: 1_000 });
	await resume();
	expect(received(slow)).toEqual(["2", "Close 1001"]);
	slow.stream.write(masked(0x88, Uint8Array.of(0x03, 0xe9)), false);
	slow.stream.destroy();
	void closed;
});

describe("except", () => {
	test("a socket, or several, do not get it and are not counted", async () => {
		const { server, fast, slow, fastSocket, slowSocket, received, resume } = await two();
		await resume();
		const counts = [
			server.publish("t", "1", { except: fastSocket }),
			server.publish("t", "2", { except: [slowSocket] }),
			server.publish("t", "3", { except: new Set([fastSocket, slowSocket]) }),
			server.publish("t", "4", { except: [] }),
		];
		await settle();
		expect([counts, received(fast), received(slow)]).toEqual([
			[1, 1, 0, 2],
			["2", "4"],
			["1", "4"],
		]);
	});
});

test.each<[string, object]>([
	["the option `slow` must be one of", { slow: "never" }],
	["the option `key` must be a string", { key: 1 }],
	["the option `except` must be a socket", { except: {} }],
	["each of the option `except` must be a socket", { except: ["a"] }],
	["the option `compress` must be true or false", { compress: 1 }],
	["unknown option `keys`", { keys: "a" }],
])("a wrong option is named: %s", async (message, options) => {
	const { server } = await two();
	expect(() => server.publish("t", "x", options)).toThrow(message);
	expect(() => server.publish("t", "x", options)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
});

test("a wrong default is named at the start", async () => {
	await expect(two({ slow: "sometimes" as never })).rejects.toThrow("the option `slow` must be one of");
});

test('of more than there is room for in one turn, "drop" drops the rest, also for one that reads, and tells so', async () => {
	const { server, fast, told, errors, ended, received } = await two({ limits: { maxBufferedBytes: 100_000 } });
	const counts = Array.from({ length: 5 }, () => server.publish("t", "x".repeat(30_000), { slow: "drop" }));
	await settle();
	expect(counts).toEqual([2, 2, 2, 0, 0]);
	expect(received(fast)).toHaveLength(3);
	expect(told).toEqual(Array(2).fill("t: dropped"));
	expect([errors, ended]).toEqual([[], []]);
});

test("an observer that publishes when a message is dropped is not called during publish(), and not endlessly", async () => {
	let depth = 0;
	let deepest = 0;
	let calls = 0;
	const { server, fast } = await two({
		limits: { maxBufferedBytes: 100_000 },
		observe(observed) {
			if (observed.type !== "slow-consumer") return;
			calls++;
			deepest = Math.max(deepest, ++depth);
			server.publish("t", "x".repeat(60_000), { slow: "drop" });
			depth--;
		},
	});
	for (let i = 0; i < 10; i++) server.publish("t", "x".repeat(30_000), { slow: "drop" });
	expect(calls).toBe(0);
	await settle();
	// Once for each subscriber, and for the one that is slow besides.
	expect(deepest).toBeLessThanOrEqual(3);
	expect(calls).toBeLessThan(10);
	fast.stream.reset();
});
