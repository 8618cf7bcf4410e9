import type { Protocol } from "@barewire/connection";
import { expect, test } from "vitest";
import { Context } from "../src/context.ts";
import { Driver, type ProtocolOwner } from "../src/driver.ts";
import type { IncomingMessage } from "../src/incoming-message.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Server } from "../src/server.ts";
import type { PartsServerOptions, ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import type { ByteStream } from "../src/stream.ts";
import { BusyClock } from "./busy-clock.ts";
import { CLOSE, masked } from "./conversation.ts";
import { RawPeer, upgraded } from "./raw-peer.ts";

const MIB = 1024 * 1024;
const MESSAGES = 1000;
/** What may be handled in one turn, where each message takes 0.05 ms: what fits into a few milliseconds, and not all. */
const MOST = 150;

const numbers: readonly string[] = Array.from({ length: MESSAGES }, (_, i) => `${i}`);

/** All of them in one chunk. */
const FLOOD: Uint8Array = Uint8Array.from(numbers.flatMap((number) => [...masked(0x81, number)]));

interface Flooded {
	readonly clock: BusyClock;
	readonly network: MemoryNetwork;
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
		network,
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

test("of very many requests not all are answered in one turn, and an open socket goes before them", async () => {
	let answered = 0;
	const { network, clock, other } = await flooded({
		fetch() {
			clock.work(0.5);
			answered++;
			return new Response("here");
		},
	});
	const clients = Array.from({ length: 100 }, () => RawPeer.dial(network));
	const counts: number[] = [];
	for (const client of clients) await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	await other.send(masked(0x81, "hello"));
	expect(other.takeText()).toBe("\x81\x05hello");
	do {
		counts.push(answered - counts.reduce((sum, count) => sum + count, 0));
		await settle();
	} while (clock.runTurn());
	await settle();
	expect(Math.max(...counts)).toBeLessThan(20);
	expect(clients.filter(({ text }) => text.includes("here")).length).toBe(100);
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

/** How many of a thousand messages, or parts, were handled in each turn. `options` of a server whose application calls `work` for each. */
async function turns(
	options: (work: () => void) => ServerOptions | PartsServerOptions,
	flood: Uint8Array = FLOOD,
): Promise<number[]> {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	let count = 0;
	const made = options(() => {
		clock.work(0.05);
		count++;
	});
	await network.serve(80, { keepAlive: false, ...(made as ServerOptions) });
	const peer = await upgraded(network);
	await peer.send(flood);
	const counts = [count];
	while (clock.runTurn()) {
		await settle();
		counts.push(count - counts.reduce((sum, one) => sum + one, 0));
	}
	expect(count).toBe(MESSAGES);
	return counts;
}

async function readAll(socket: Socket, work: () => void): Promise<void> {
	for await (const _ of socket) work();
}

async function readStream(socket: Socket, work: () => void): Promise<void> {
	for await (const _ of socket.readable) work();
}

test.each([
	["a loop", readAll],
	["a stream", readStream],
])("nor does what was read ahead of %s", async (_, read) => {
	const counts = await turns((work) => ({ open: (socket) => void read(socket, work) }));
	expect(Math.max(...counts)).toBeLessThan(MOST);
});

test("nor do messages that have waited for `open`, with a handler that returns no promise", async () => {
	const counts = await turns((work) => ({
		async open() {
			await settle();
			await settle();
		},
		message: work,
	}));
	expect(Math.max(...counts)).toBeLessThan(MOST);
});

/** One message in fragments of a byte. */
const FRAGMENTS: Uint8Array = Uint8Array.from(
	numbers.flatMap((_, i) => [...masked((i === 0 ? 2 : 0) | (i === MESSAGES - 1 ? 0x80 : 0), "x")]),
);

test.each([
	["a loop over a message", (message: IncomingMessage) => message],
	["a message as a stream", (message: IncomingMessage) => message.readable],
])("nor do the parts of %s", async (_, source) => {
	const counts = await turns(
		(work) => ({
			receive: "parts",
			async message(_socket, message) {
				for await (const _ of source(message)) work();
			},
		}),
		FRAGMENTS,
	);
	// What was read ahead, 127 parts, would come on top of what a turn has room for.
	expect(Math.max(...counts)).toBeLessThan(100);
});

test("a loop gets its messages in order, and the end behind them, in whatever turn they come", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const told: string[] = [];
	await network.serve(80, {
		keepAlive: false,
		async open(socket) {
			for await (const message of socket) {
				clock.work(0.3);
				told.push(`${message}`);
			}
			told.push("end");
		},
	});
	const peer = await upgraded(network);
	await peer.send(FLOOD);
	const before = told.length;
	await peer.send(CLOSE);
	peer.stream.end();
	while (clock.runTurn()) await settle();
	expect([before < MOST, told]).toEqual([true, [...numbers, "end"]]);
});

test("several messages that were asked for at once come in order; a loop that is left in the meantime loses none", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const sockets: Socket[] = [];
	await network.serve(80, { keepAlive: false, open: (socket) => void sockets.push(socket) });
	const peer = await upgraded(network);
	await peer.send(FLOOD);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	const told: unknown[] = [];
	const loop = socket[Symbol.asyncIterator]();
	const next = (): void => void loop.next().then(({ value }) => told.push(value));
	/** Asks for messages, which take long, until one has to wait. */
	const untilOneWaits = async (): Promise<void> => {
		const before = told.length;
		for (let i = 1; told.length === before + i - 1 && i < MOST; i++) {
			clock.work(1);
			next();
			await settle();
		}
	};
	await untilOneWaits();
	const count = told.length;
	for (let i = 0; i < 2; i++) next();
	await settle();
	expect([count < MOST, told.length]).toEqual([true, count]);
	while (clock.runTurn()) await settle();
	expect(told).toEqual(numbers.slice(0, count + 3));
	await untilOneWaits();
	const taken = told.length;
	await loop.return?.();
	await settle();
	expect(told.slice(taken)).toEqual([undefined]);
	const again = socket[Symbol.asyncIterator]().next();
	while (clock.runTurn()) await settle();
	expect(await again).toEqual({ done: false, value: numbers[taken] });
});

test("what waits for a later turn is waited for by close(), and `close` comes behind it", async () => {
	for (const open of [undefined, () => settle()]) {
		const clock = new BusyClock();
		const network = new MemoryNetwork(clock);
		const told: string[] = [];
		const server = await network.serve(80, {
			keepAlive: false,
			...(open === undefined ? null : { open }),
			message(_, message) {
				// A promise of each only where `open` has none.
				const handle = (): void => {
					clock.work(0.3);
					told.push(`${message}`);
				};
				return open === undefined ? Promise.resolve().then(handle) : handle();
			},
			close: () => void told.push("close"),
		});
		const peer = await upgraded(network);
		await peer.send(FLOOD);
		peer.stream.reset();
		await settle();
		let isClosed = false;
		server.close({ deadline: Number.POSITIVE_INFINITY }).then(() => {
			isClosed = true;
			told.push("closed");
		});
		await settle();
		expect([told.length < MOST, isClosed]).toEqual([true, false]);
		while (clock.runTurn()) await settle();
		expect(told).toEqual([...numbers, "close", "closed"]);
	}
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

test("a large message is put together in several turns, and another connection's message comes between", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const told: string[] = [];
	await network.serve(80, {
		keepAlive: false,
		// What waits because of us is not late.
		timeouts: { message: 10 },
		message: (_, message) => void told.push(message.length > 10 ? `${message.length}` : `${message}`),
	});
	const large = await upgraded(network);
	const other = await upgraded(network);
	const frame = masked(0x82, new Uint8Array(MIB * 8));
	clock.eachReading = 0.5;
	for (let at = 0; at < frame.length; at += MIB) {
		await large.send(frame.slice(at, at + MIB));
		while (at + MIB < frame.length && clock.runTurn()) await settle();
	}
	await large.send(masked(0x81, "behind"));
	let turns = 0;
	do {
		await other.send(masked(0x81, `between ${turns++}`));
		clock.work(20);
	} while (clock.runTurn() && turns < 20);
	await settle();
	const between = told.indexOf(`${MIB * 8}`);
	expect(between).toBeGreaterThanOrEqual(3);
	expect(told[between + 1]).toBe("behind");
	expect(told.filter((each) => each.startsWith("between"))).toHaveLength(turns);
});

test("the end of the stream is told behind it, and the server waits for that", async () => {
	const clock = new BusyClock();
	const network = new MemoryNetwork(clock);
	const told: string[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		message: (_, message) => void told.push(`${message.length}`),
		close: (_, { code }) => void told.push(`close ${code}`),
	});
	const peer = await upgraded(network);
	const frame = masked(0x82, new Uint8Array(MIB * 3));
	clock.eachReading = 0.5;
	for (const chunk of [frame.slice(0, MIB), frame.slice(MIB)]) await peer.send(chunk);
	peer.stream.reset();
	await settle();
	server.close().then(() => told.push("closed"));
	await settle();
	expect(told).toEqual([]);
	while (clock.runTurn()) await settle();
	expect(told).toEqual([`${MIB * 3}`, "close 1006", "closed"]);
});

// ── A driver by itself ─────────────────────────────────────────────────────────────────────────────────────────

const IDLE: Protocol<unknown> = {
	receive() {},
	receiveEnd() {},
	receiveReset() {},
	handleTimeout() {},
	noteProgress() {},
	restReading() {},
	nextEvent: () => null,
	nextOutput: () => null,
	nextDeadline: Number.POSITIVE_INFINITY,
	streamAction: "open",
	hasMore: false,
	outputIsWork: false,
	unread: 0,
	held: 0,
	heldOutput: 0,
	pieces: [],
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

test("where a protocol has more, though no event, and the turn is over, it is asked again in the next one, and its output leaves before", () => {
	const clock = new BusyClock();
	const log: string[] = [];
	const slices: unknown[] = ["first", null, null, "second", null];
	const outputs = [new Uint8Array(1)];
	const { driver, events } = driven(
		clock,
		{
			nextEvent() {
				log.push("asked");
				clock.work(1);
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
		[1, 1, 1, 2, 2, 2],
		["first", "second"],
	]);
	expect(log.slice(0, 3)).toEqual(["asked", "written", "asked"]);
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
