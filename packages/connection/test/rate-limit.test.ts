import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectionOptions, connectionSettings, type Rates, WebSocketConnection } from "../src/index.ts";
import { RateLimit } from "../src/rate-limit.ts";
import { movedOwner } from "./moving.ts";
import { describeEvent, openOwner, openServer } from "./owner.ts";
import { CLOSE, clientFrame, closePayload, concat, PING, PONG, serverFrame, TEXT } from "./wire.ts";

const NEVER = Number.POSITIVE_INFINITY;
const ROLES = ["server", "client"] as const;
const QUIET: ConnectionOptions = { keepAlive: { interval: NEVER } };

function messages(maxMessagesPerSecond: number, options: ConnectionOptions = QUIET): ConnectionOptions {
	return { ...options, rates: { maxMessagesPerSecond } };
}

function bytes(maxBytesPerSecond: number, options: ConnectionOptions = QUIET): ConnectionOptions {
	return { ...options, rates: { maxBytesPerSecond } };
}

function texts(count: number): Uint8Array {
	return concat(Array.from({ length: count }, () => clientFrame(TEXT, "a")));
}

describe("maxMessagesPerSecond", () => {
	test.each(ROLES)("%s: after a burst of one second's worth, it is read on when a quarter is there again", (role) => {
		const owner = openOwner(role, messages(20));
		const frame = role === "server" ? clientFrame(TEXT, "a") : serverFrame(TEXT, "a");
		owner.hear(concat(Array.from({ length: 27 }, () => frame)));
		expect(owner.happened()).toEqual([...Array(20).fill("text a"), "limited maxMessagesPerSecond"]);
		expect([owner.connection.isHeldBack, owner.connection.nextDeadline]).toEqual([true, owner.clock.now + 250]);
		expect(owner.connection.unread).toBe(7 * frame.length);
		owner.pass(249);
		expect(owner.happened()).toEqual([]);
		owner.pass(1);
		expect(owner.happened()).toEqual([...Array(5).fill("text a"), "limited maxMessagesPerSecond"]);
		owner.pass(250);
		expect(owner.happened()).toEqual(Array(2).fill("text a"));
		expect([owner.connection.isHeldBack, owner.connection.nextDeadline]).toEqual([false, NEVER]);
	});

	test("within the rate nobody notices it", () => {
		const owner = openServer(messages(10));
		for (let i = 0; i < 50; i++) {
			owner.hear(clientFrame(TEXT, "a"));
			owner.pass(100);
		}
		expect(owner.happened()).toEqual(Array(50).fill("text a"));
	});

	test("pings and pongs count; fragments do not, nor do parts", () => {
		const owner = openServer(messages(3));
		owner.hear(concat([clientFrame(PING), clientFrame(PONG), texts(2)]));
		expect(owner.happened()).toEqual(["ping ", "pong ", "text a", "limited maxMessagesPerSecond"]);
		for (const parts of [false, true]) {
			const other = openServer(messages(3, { ...QUIET, parts }));
			const [first, middle, last] = [clientFrame(TEXT, "a"), clientFrame(0, "b"), clientFrame(0, "c")];
			first![0] = 0x01;
			middle![0] = 0x00;
			other.hear(concat([first!, ...Array(9).fill(middle), last!, texts(3)]));
			expect(other.happened().filter((event) => event.startsWith("limited"))).toHaveLength(1);
			expect(other.connection.unread).toBe(7);
		}
	});

	test("a rate of one in a second", () => {
		const owner = openServer(messages(1));
		owner.hear(texts(2));
		owner.pass(999);
		expect(owner.happened()).toEqual(["text a", "limited maxMessagesPerSecond"]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["text a"]);
	});
});

describe("maxBytesPerSecond", () => {
	test("headers count, and a message that is larger than the bucket comes through: the pause is longer", () => {
		const owner = openServer(bytes(100));
		// 8 bytes of header, 292 of payload.
		owner.hear(concat([clientFrame(TEXT, "x".repeat(292)), texts(1)]));
		expect(owner.happened().map((event) => event.slice(0, 10))).toEqual(["text xxxxx", "limited ma"]);
		expect(owner.connection.nextDeadline).toBe(owner.clock.now + 2_250);
		owner.pass(2_250);
		expect(owner.happened()).toEqual(["text a"]);
	});

	test("a message in parts is held back in its midst", () => {
		const owner = openServer(bytes(100, { ...QUIET, parts: true }));
		const frame = clientFrame(TEXT, "x".repeat(292));
		owner.hear(frame.subarray(0, 150));
		expect(owner.happened()).toHaveLength(1);
		owner.hear(frame.subarray(150));
		expect(owner.happened()).toEqual(["limited maxBytesPerSecond"]);
		owner.pass(750);
		expect(owner.happened()).toMatchObject([expect.stringMatching(/^last part/)]);
	});
});

describe("the time in which nothing is read", () => {
	test("a pong that is unread is awaited", () => {
		const owner = openServer(messages(1, { keepAlive: { interval: 100, timeout: 30 } }));
		owner.hear(concat([texts(3), clientFrame(PONG)]));
		owner.pass(2_900);
		expect(owner.connection.readyState).toBe("open");
		// What came is read now: from here on the peer is silent.
		owner.pass(1_000);
		expect(owner.happened().at(-1)).toBe("failed keepalive-timeout 1011");
	});

	test("it is not idle time, nor does it run an unfinished message out of time", () => {
		const owner = openServer(messages(1, { ...QUIET, timeouts: { idle: 1_100, message: 1_100 } }));
		const frame = clientFrame(TEXT, "abc");
		owner.hear(concat([texts(1), clientFrame(PING), clientFrame(PING), clientFrame(PING)]));
		owner.pass(2_999);
		owner.hear(frame.subarray(0, 7));
		expect(owner.connection.readyState).toBe("open");
		owner.pass(1);
		owner.happened();
		owner.hear(frame.subarray(7));
		owner.pass(1_000);
		expect([owner.happened(), owner.connection.readyState]).toEqual([["text abc"], "open"]);
	});

	test("the peer's end waits for what came before it; a reset does not", () => {
		const owner = openServer(messages(1));
		owner.hear(texts(2));
		owner.hearEnd();
		expect(owner.happened()).toEqual(["text a", "limited maxMessagesPerSecond"]);
		owner.pass(1_000);
		expect(owner.happened()).toMatchObject(["text a", expect.stringMatching(/^closed 1006/)]);
		const reset = openServer(messages(1));
		reset.hear(texts(2));
		reset.hearReset();
		expect(reset.happened().slice(2)).toMatchObject(["text a", expect.stringMatching(/^closed 1006/)]);
	});

	test("once the closing handshake has begun, the peer's Close is looked for", () => {
		const owner = openServer(messages(1));
		owner.hear(concat([texts(3), clientFrame(CLOSE, closePayload(1000))]));
		owner.do((connection, now) => connection.close(1000, "", now));
		expect(owner.happened()).toEqual(["text a", "limited maxMessagesPerSecond", "text a", "text a", "close 1000"]);
		expect(owner.connection.isHeldBack).toBe(false);
	});
});

test("an owner that does not ask when the pause is over is not called again and again", () => {
	const owner = openServer(messages(1));
	owner.hear(texts(2));
	owner.pulls = false;
	owner.pass(60_000);
	expect(owner.connection.nextDeadline).toBe(NEVER);
	owner.pulls = true;
	owner.settle();
	expect(owner.happened().at(-1)).toBe("text a");
});

test("a moved connection goes on with the same bucket and the same pause", () => {
	const owner = openServer(messages(4));
	owner.hear(texts(6));
	owner.pass(100);
	const there = movedOwner(owner, messages(4));
	expect(there.connection.isHeldBack).toBe(true);
	there.settle();
	there.pass(149);
	expect(there.happened()).toEqual([]);
	there.pass(1);
	expect(there.happened()).toEqual(["text a", "limited maxMessagesPerSecond"]);
	const free = movedOwner(there);
	free.settle();
	expect(free.happened()).toEqual(["text a"]);
});

test("without a rate there is no bucket", () => {
	expect(RateLimit.of({ maxMessagesPerSecond: NEVER, maxBytesPerSecond: NEVER }, 0)).toBe(null);
	expect(openServer(QUIET).connection.snapshot(5_000).rate).toBe(null);
});

/** What one byte takes up, and one message, in milliseconds. */
const rates: fc.Arbitrary<Rates> = fc.record({
	maxMessagesPerSecond: fc.constantFrom(1, 3, 7, 50, NEVER),
	maxBytesPerSecond: fc.constantFrom(1, 40, 333, 5_000, NEVER),
});

const sizes = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 40 });

/** Reads all, however long that takes. */
function readAll(stream: Uint8Array, cuts: readonly number[], limits: Rates): { at: number; event: string }[] {
	const settings = connectionSettings({ ...QUIET, rates: limits });
	const connection = new WebSocketConnection({ role: "server" }, settings, 0);
	const told: { at: number; event: string }[] = [];
	let now = 0;
	const pull = (): void => {
		for (let event = connection.nextEvent(); event !== null; event = connection.nextEvent())
			told.push({ at: now, event: describeEvent(event) });
	};
	let from = 0;
	for (const to of [...[...cuts].sort((a, b) => a - b), stream.length]) {
		connection.receive(stream.slice(from, to), now);
		from = to;
		pull();
	}
	while (connection.isHeldBack) {
		now = connection.nextDeadline;
		connection.handleTimeout(now);
		pull();
	}
	return told;
}

test("any split of the same bytes gives the same events at the same times", () => {
	const splits = fc.tuple(rates, sizes, fc.array(fc.nat(2_000), { maxLength: 20 }));
	fc.assert(
		fc.property(splits, ([limits, list, cuts]) => {
			const stream = concat(list.map((size, at) => clientFrame(at % 5 === 4 ? PING : TEXT, "x".repeat(size % 126))));
			const within = cuts.map((cut) => cut % stream.length);
			const whole = readAll(stream, [], limits);
			expect(readAll(stream, within, limits)).toEqual(whole);
			expect(whole.filter(({ event }) => !event.startsWith("limited"))).toHaveLength(list.length);
		}),
	);
});

test("over any window no more is read than the rate, the burst and one message give", () => {
	fc.assert(
		fc.property(rates, sizes, (limits, list) => {
			const frames = list.map((size) => clientFrame(TEXT, "x".repeat(size)));
			const read = readAll(concat(frames), [], limits).filter(({ event }) => event.startsWith("text"));
			const largest = Math.max(...frames.map(({ length }) => length));
			for (let first = 0; first < read.length; first++)
				for (let last = first; last < read.length; last++) {
					const seconds = (read[last]!.at - read[first]!.at) / 1_000;
					const count = last - first + 1;
					const size = frames.slice(first, last + 1).reduce((sum, { length }) => sum + length, 0);
					expect(count).toBeLessThanOrEqual(limits.maxMessagesPerSecond * (seconds + 1) + 1e-6);
					expect(size).toBeLessThanOrEqual(limits.maxBytesPerSecond * (seconds + 1) + largest + 1e-6);
				}
		}),
	);
});
