import type { Protocol } from "@barewire/connection";
import { expect, test } from "vitest";
import { Context } from "../src/context.ts";
import { Driver, type ProtocolOwner } from "../src/driver.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Server } from "../src/server.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import type { ByteStream } from "../src/stream.ts";
import { BusyClock } from "./busy-clock.ts";
import { CLOSE, masked } from "./conversation.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

const MESSAGES = 1000;
/** What may be handled in one turn, where each message takes 0.05 ms: what fits into a few milliseconds, and not all. */
const MOST = 150;

const numbers: readonly string[] = Array.from({ length: MESSAGES }, (_, i) => `${i}`);

/** All of them in one chunk. */
const FLOOD: Uint8Array = Uint8Array.from(numbers.flatMap((number) => [...masked(0x81, number)]));

interface Flooded {
	readonly clock: BusyClock;
	readonly server: Server;
	readonly flood: RawPeer;
	readonly other: RawPeer;
	/** The flooded socket. */
	readonly socket: Socket;
	/** What was told of it, in order. */
	readonly told: string[];
	/** Goes on until nothing waits any more. */
	runAll(): Promise<void>;
}

/** An echo server to which each message is work, and two clients of it. The flood has come, and the turn in which it came is over. */
async function flooded(options: Partial<ServerOptions<undefined>> = {}): Promise<Flooded> {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const sockets: Socket[] = [];
	const told: string[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		timeouts: { idle: Number.POSITIVE_INFINITY },
		...options,
		open: (socket) => void sockets.push(socket),
		message(socket, message) {
			clock.work(0.05);
			if (socket === sockets[0]) told.push(`${message}`);
			socket.send(message);
		},
		close(socket, { code }) {
			if (socket === sockets[0]) told.push(`close ${code}`);
		},
	});
	const flood = await upgraded(network);
	const other = await upgraded(network);
	clock.runTurn();
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	await flood.send(FLOOD);
	return {
		clock,
		server,
		flood,
		other,
		socket,
		told,
		async runAll() {
			while (clock.runTurn()) await settle();
		},
	};
}

test("a chunk with very many messages is handled in several turns, in order, and what it makes leaves with each", async () => {
	const { clock, flood, told } = await flooded();
	const counts = [told.length];
	while (clock.runTurn()) {
		await settle();
		counts.push(told.length - counts.reduce((sum, count) => sum + count, 0));
		expect(flood.text.endsWith(told.at(-1) ?? "")).toBe(true);
	}
	expect(Math.max(...counts)).toBeLessThan(MOST);
	expect(told).toEqual(numbers);
});

test("another connection is served between", async () => {
	const { clock, other, told } = await flooded();
	clock.runTurn();
	await other.send(masked(0x81, "hello"));
	const before = told.length;
	for (let i = 0; i < 2; i++) {
		clock.runTurn();
		await settle();
	}
	expect([other.takeText(), told.length < before + 2 * MOST, told.length < MESSAGES]).toEqual([
		"\x81\x05hello",
		true,
		true,
	]);
});

test("a small message of another connection does not wait for the next turn, however many wait for that", async () => {
	const { clock, other, told } = await flooded();
	clock.runTurn();
	const before = told.length;
	await other.send(masked(0x81, "hello"));
	await other.send(masked(0x81, "again"));
	expect([other.takeText(), told.length]).toEqual(["\x81\x05hello\x81\x05again", before]);
});

test("settled promises of handlers don't hold the turn either", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	let count = 0;
	await network.serve(80, {
		keepAlive: false,
		async message() {
			clock.work(0.05);
			count++;
		},
	});
	const peer = await upgraded(network);
	await peer.send(FLOOD);
	expect(count).toBeLessThan(MESSAGES);
	while (clock.runTurn()) await settle();
	expect(count).toBe(MESSAGES);
});

test("the end and the Close frame are seen behind the messages before them", async () => {
	const { clock, flood, told, runAll } = await flooded();
	clock.runTurn();
	await flood.send(CLOSE);
	flood.stream.end();
	await settle();
	expect(told.length).toBeLessThan(MESSAGES);
	await runAll();
	expect(told).toEqual([...numbers, "close 1000"]);
});

test("a reset is told behind them, and the server waits for that", async () => {
	const { clock, server, flood, other, told, runAll } = await flooded();
	flood.stream.reset();
	other.stream.reset();
	await settle();
	expect(told.length).toBeLessThan(MESSAGES);
	let isClosed = false;
	server.close().then(() => {
		isClosed = true;
	});
	for (let i = 0; i < 2; i++) {
		clock.runTurn();
		await settle();
	}
	expect(isClosed).toBe(false);
	await runAll();
	expect([told.at(-2), told.at(-1), isClosed]).toEqual([`${MESSAGES - 1}`, "close 1006", true]);
});

test("close() in the meantime sends the Close frame at once, and messages go on until the peer's", async () => {
	const { flood, socket, told, runAll } = await flooded();
	const count = told.length;
	socket.close(1001);
	await settle();
	expect(flood.takeText().slice(-4)).toBe("\x88\x02\x03\xe9");
	expect(told.length).toBe(count);
	await flood.send(CLOSE);
	flood.stream.end();
	await runAll();
	expect(told).toEqual([...numbers, "close 1000"]);
});

test("terminate() in the meantime cuts the stream at once, and no message follows", async () => {
	const { flood, socket, told, runAll } = await flooded();
	const count = told.length;
	socket.terminate();
	await settle();
	expect(flood.closedWith).not.toBeUndefined();
	await runAll();
	expect(told).toEqual([...numbers.slice(0, count), "close 1006"]);
});

test("what waits because of us does not count against the peer", async () => {
	const { clock, socket, told, runAll } = await flooded({
		keepAlive: { interval: 1000, timeout: 1000 },
		timeouts: { idle: 3000 },
	});
	await clock.advance(20_000);
	expect(socket.readyState).toBe("open");
	await runAll();
	expect(told).toEqual(numbers);
});

test("while it waits, no more than 64 KiB are read ahead, and reading goes on afterwards", async () => {
	const { flood, told, runAll } = await flooded();
	const more = 15;
	for (let i = 0; i < more; i++) await flood.send(FLOOD);
	const held = flood.stream.bufferedAmount;
	expect(held).toBeGreaterThan((more + 1) * FLOOD.length - 2 * 64 * 1024);
	await runAll();
	expect([flood.stream.bufferedAmount, told.length]).toEqual([0, (more + 1) * MESSAGES]);
});

test("a pong behind them is seen in its turn", async () => {
	const { clock, flood, socket, runAll } = await flooded();
	for (let i = 0; i < 5; i++) await flood.send(FLOOD);
	const roundTrip = socket.ping();
	await runAll();
	await flood.send(masked(0x8a, Uint8Array.of(0, 0, 0, 1)));
	expect(await roundTrip).toBeLessThanOrEqual(clock.now());
});

// ── A driver by itself ─────────────────────────────────────────────────────────────────────────────────────────

const IDLE: Protocol<unknown> = {
	receive() {},
	receiveEnd() {},
	receiveReset() {},
	handleTimeout() {},
	noteProgress() {},
	nextEvent: () => null,
	nextOutput: () => null,
	nextDeadline: Number.POSITIVE_INFINITY,
	streamAction: "open",
	hasMore: false,
	outputIsWork: false,
	unread: 0,
	held: 0,
	unfinished: 0,
	bufferedAmount: 0,
};

const ANY_ADDRESS = { transport: "unix", path: "" } as const;

function driven(clock: BusyClock, protocol: Partial<Protocol<unknown>>, stream: Partial<ByteStream> = {}) {
	const events: unknown[] = [];
	let drained = 0;
	const owner: ProtocolOwner<unknown> = {
		speaks: "websocket",
		held: 0,
		wantsEvent: () => true,
		dispatch: (event) => void events.push(event),
		outputDrained: () => void drained++,
		streamGone() {},
		shutDown() {},
		terminate() {},
		stalled() {},
		noRoom() {},
		broke(error) {
			throw error;
		},
	};
	const driver = new Driver(new Context(clock, {}, {}), {
		local: ANY_ADDRESS,
		remote: ANY_ADDRESS,
		secure: false,
		bufferedAmount: 0,
		write: () => true,
		end() {},
		destroy() {},
		pause() {},
		resume() {},
		...stream,
	});
	driver.drive(Object.create(IDLE, Object.getOwnPropertyDescriptors(protocol)) as Protocol<unknown>, owner);
	return { driver, events, drained: () => drained };
}

test("where a protocol has more, though no event, it is asked again in the next turn, and its output leaves before", () => {
	const clock = new BusyClock();
	const log: string[] = [];
	const slices: unknown[] = ["first", null, null, "second", null];
	const outputs = [new Uint8Array(1)];
	const { driver, events } = driven(
		clock,
		{
			nextEvent() {
				log.push("asked");
				return slices.shift() ?? null;
			},
			nextOutput: () => outputs.shift() ?? null,
			get hasMore() {
				return slices.length > 0;
			},
		},
		{
			write() {
				log.push("written");
				return true;
			},
		},
	);
	driver.received(new Uint8Array(1));
	const seen = [events.length];
	while (clock.runTurn()) seen.push(events.length);
	expect([seen, events]).toEqual([
		[1, 1, 2, 2],
		["first", "second"],
	]);
	expect(log.slice(0, 4)).toEqual(["asked", "asked", "written", "asked"]);
});

test.each([0, 100_000])("bytes without any event are work as well, of which %i are unread", (unread) => {
	const clock = new BusyClock();
	let asked = 0;
	let paused = 0;
	const { driver } = driven(
		clock,
		{
			nextEvent() {
				clock.work(0.5);
				asked++;
				return null;
			},
			unread,
		},
		{ pause: () => void paused++ },
	);
	for (let i = 0; i < 10; i++) driver.received(new Uint8Array(64 * 1024));
	expect([asked, paused]).toEqual([2, 1]);
	clock.runTurn();
	expect(asked).toBe(3);
});

// A piece of many parts: what is left of it is held by the driver.
test.each([1, 64])(
	"output that the stream takes at once, %i parts to a piece, leaves in several turns; then its owner is told",
	(parts) => {
		const clock = new BusyClock();
		const part = 256 * 1024;
		let left = 64 * part;
		let written = 0;
		const { driver, drained } = driven(
			clock,
			{
				nextOutput() {
					if (left === 0) return null;
					left -= parts * part;
					return new Uint8Array(parts * part);
				},
				get bufferedAmount() {
					return left;
				},
			},
			{
				write(bytes) {
					clock.work(0.2);
					written += bytes.length / part;
					return true;
				},
			},
		);
		driver.flush();
		const counts = [written];
		while (clock.runTurn()) {
			counts.push(written - counts.reduce((sum, count) => sum + count, 0));
			expect(drained()).toBe(written === 64 ? 1 : 0);
		}
		expect([written, Math.max(...counts) < 10]).toEqual([64, true]);
	},
);

test("a stream that says at once that it is drained does not hold the turn", () => {
	const clock = new BusyClock();
	let written = 0;
	const { driver } = driven(
		clock,
		{ nextOutput: () => (written < 1000 ? new Uint8Array(1) : null) },
		{
			write() {
				clock.work(0.05);
				written++;
				return false;
			},
		},
	);
	driver.flush();
	for (let i = 0; i < 1000; i++) driver.drained();
	expect(written).toBeLessThan(MOST);
});
