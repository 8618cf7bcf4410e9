import { LONGEST_TEXT } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { ConnectionError, SocketClosedError } from "../src/errors.ts";
import { type IncomingMessage, IncomingParts, type IncomingSource } from "../src/incoming-message.ts";
import { settle, VirtualClock } from "../src/memory/index.ts";
import { Turn } from "../src/turn.ts";
import { CLOSE, inParts, masked } from "./conversation.ts";

const [TEXT, BINARY, MORE, LAST] = [0x01, 0x02, 0x00, 0x80];
const FIN = 0x80;
const PING = masked(0x89, "p");
const PONG = "8a0170";

const hello = masked(FIN | TEXT, "hello");

/** All parts of a message, or chunks of its stream. */
async function partsOf(incoming: AsyncIterable<string | Uint8Array>): Promise<(string | Uint8Array)[]> {
	const parts: (string | Uint8Array)[] = [];
	for await (const part of incoming) parts.push(part);
	return parts;
}

/** A promise and what settles it. */
function door(): { opened: Promise<void>; open(): void } {
	const { promise, resolve } = Promise.withResolvers<void>();
	return { opened: promise, open: () => resolve() };
}

test("text() of more than a string can hold: too big, whatever the limit is", async () => {
	const source: IncomingSource = {
		maxMessageSize: Number.POSITIVE_INFINITY,
		turn: new Turn(new VirtualClock()),
		wantPart() {},
		holds() {},
		finished() {},
		decode: () => "decoded",
		tooBig: () => new Error("too big"),
	};
	const incoming = new IncomingParts("text", source);
	// Zeros that nobody writes take no memory of the system.
	incoming.push(new Uint8Array(LONGEST_TEXT + 1), true);
	await expect(incoming.text()).rejects.toThrow("too big");
});

describe("a message in parts", () => {
	test("its kind is known before its end, and its parts come as they come", async () => {
		const seen: unknown[] = [];
		const { send } = await inParts({
			async message(_socket, incoming) {
				seen.push(incoming.kind);
				for await (const part of incoming) seen.push(part);
				seen.push("end");
			},
		});
		await send(masked(TEXT, "a"));
		expect(seen).toEqual(["text", "a"]);
		await send(masked(MORE, "b"), masked(LAST, ""), masked(FIN | BINARY, Uint8Array.of(7)));
		expect(seen).toEqual(["text", "a", "b", "end", "binary", Uint8Array.of(7), "end"]);
	});

	test("a text part never cuts a character, and none is empty", async () => {
		const seen: unknown[] = [];
		const { send } = await inParts({ message: async (_socket, incoming) => void seen.push(await partsOf(incoming)) });
		const [e2, ac82, last] = [Uint8Array.of(0xe2), Uint8Array.of(0x82, 0xac, 0xf0), Uint8Array.of(0x9f, 0x98, 0x80)];
		await send(masked(TEXT, ""), masked(MORE, e2), masked(MORE, ""), masked(MORE, ac82), masked(LAST, last));
		await send(masked(BINARY, ""), masked(MORE, e2), masked(MORE, ""), masked(LAST, ""));
		expect(seen).toEqual([["€", "😀"], [e2]]);
	});

	test.each<[string, (incoming: IncomingMessage) => Promise<unknown>, unknown]>([
		["text()", (incoming) => incoming.text(), "hé"],
		["bytes()", (incoming) => incoming.bytes(), Uint8Array.of(0x68, 0xc3, 0xa9)],
		["readable", (incoming) => new Response(incoming.readable).text(), "hé"],
	])("%s gives the whole of it", async (_name, read, whole) => {
		const seen: unknown[] = [];
		const { send, errors } = await inParts({
			message: async (_socket, incoming) => void seen.push(await read(incoming)),
		});
		await send(masked(TEXT, "h"), masked(MORE, Uint8Array.of(0xc3)), masked(LAST, Uint8Array.of(0xa9)));
		await settle();
		expect(seen).toEqual([whole]);
		expect(errors).toEqual([]);
	});

	test("an empty message, in one frame or several, has no parts", async () => {
		const seen: unknown[] = [];
		const reads = [
			partsOf,
			(incoming: IncomingMessage) => incoming.text(),
			(incoming: IncomingMessage) => incoming.bytes(),
			(incoming: IncomingMessage) => partsOf(incoming.readable),
		];
		const { send } = await inParts({
			message: async (_socket, incoming) => void seen.push(await reads.shift()?.(incoming)),
		});
		const empty = [masked(TEXT, ""), masked(MORE, ""), masked(LAST, "")];
		await send(...empty, masked(FIN | TEXT, ""), ...empty, ...empty);
		expect(seen).toEqual([[], "", new Uint8Array(0), []]);
	});

	test("many parts of one byte make one message", async () => {
		const { send, socket } = await inParts();
		const whole = (async () => {
			for await (const incoming of socket) return incoming.bytes();
			return null;
		})();
		await send(masked(BINARY, Uint8Array.of(0)));
		for (let i = 1; i < 300; i++) await send(masked(i === 299 ? LAST : MORE, Uint8Array.of(i & 0xff)));
		expect(await whole).toEqual(Uint8Array.from({ length: 300 }, (_, i) => i & 0xff));
	});

	test("a ping within the message is answered while it is pulled", async () => {
		const { send, peer } = await inParts({ message: async (_socket, incoming) => void (await incoming.text()) });
		await send(masked(TEXT, "a"), PING);
		expect(peer.takeHex()).toBe(PONG);
	});

	test("who does not pull holds the peer up, and gets all later", async () => {
		const { opened, open } = door();
		let size = 0;
		const { send, peer } = await inParts({
			async message(_socket, incoming) {
				for await (const part of incoming) {
					size += part.length;
					await opened;
				}
			},
		});
		await send(masked(BINARY, new Uint8Array(1_000)));
		for (let i = 0; i < 120; i++) await send(masked(MORE, new Uint8Array(1_000)));
		await send(masked(LAST, ""));
		expect(size).toBe(1_000);
		expect(peer.stream.bufferedAmount).toBeGreaterThan(45_000);
		open();
		await settle();
		await settle();
		expect(size).toBe(121_000);
		expect(peer.stream.bufferedAmount).toBe(0);
	});
});

describe("what is not read is discarded", () => {
	test("the rest of a message whose loop is left", async () => {
		const seen: unknown[] = [];
		const { send } = await inParts({
			async message(_socket, incoming) {
				for await (const part of incoming) {
					seen.push(part);
					break;
				}
			},
		});
		await send(masked(TEXT, "a"), masked(MORE, "b"), masked(MORE, "c"), masked(LAST, "d"), hello);
		expect(seen).toEqual(["a", "hello"]);
	});

	test("the rest of one whose readable is cancelled, while it waits for a part too", async () => {
		const seen: unknown[] = [];
		const { send, errors } = await inParts({
			async message(_socket, incoming) {
				const reader = incoming.readable.getReader();
				seen.push((await reader.read()).value?.length);
				const waiting = reader.read();
				await reader.cancel();
				expect((await waiting).done).toBe(true);
			},
		});
		await send(masked(TEXT, "ab"), masked(MORE, "b"), masked(LAST, "c"), hello);
		expect(seen).toEqual([2, 5]);
		expect(errors).toEqual([]);
	});

	const boom = new Error("boom");
	test.each<[string, () => void | Promise<void>, unknown[]]>([
		["returns", () => {}, []],
		["'s promise resolves", () => settle(), []],
		[
			" throws",
			() => {
				throw boom;
			},
			[boom],
		],
	])("a message that nobody has begun to read when its handler%s", async (_how, handler, reported) => {
		const messages: IncomingMessage[] = [];
		const { send, errors, peer } = await inParts({
			message(_socket, incoming) {
				messages.push(incoming);
				return messages.length === 1 ? handler() : undefined;
			},
		});
		await send(masked(TEXT, "a"), masked(MORE, "b"));
		await settle();
		await expect(messages[0].text()).rejects.toMatchObject({ code: "ERR_MESSAGE_DISCARDED" });
		await send(masked(LAST, "c"), hello);
		expect(messages).toHaveLength(reported.length === 0 ? 2 : 1);
		expect(peer.stream.bufferedAmount).toBe(0);
		expect(errors).toEqual(reported);
	});

	test("but not one whose reading has begun: it goes on, and the next message waits for it", async () => {
		const stored: AsyncIterator<string | Uint8Array>[] = [];
		const { send } = await inParts({
			message(_socket, incoming) {
				const parts = incoming[Symbol.asyncIterator]();
				stored.push(parts);
				void parts.next();
			},
		});
		await send(masked(TEXT, "a"), masked(MORE, "b"), masked(LAST, "c"), hello);
		expect(stored).toHaveLength(1);
		expect(await stored[0].next()).toEqual({ done: false, value: "b" });
		await settle();
		expect(stored).toHaveLength(1);
		expect(await stored[0].next()).toEqual({ done: false, value: "c" });
		await settle();
		expect(stored).toHaveLength(2);
	});
});

describe("one after another, by for await", () => {
	test("a message that the loop has not touched is discarded when it asks for the next one", async () => {
		const { send, socket, peer } = await inParts();
		const seen: unknown[] = [];
		let first: IncomingMessage | null = null;
		const loop = (async () => {
			for await (const incoming of socket) {
				first ??= incoming;
				if (incoming !== first) seen.push(await incoming.text());
			}
		})();
		await send(masked(TEXT, "a"), masked(MORE, "b"), masked(LAST, "c"), hello, hello, CLOSE);
		peer.stream.end();
		await loop;
		await expect(first!.text()).rejects.toMatchObject({ code: "ERR_MESSAGE_DISCARDED" });
		expect(seen).toEqual(["hello", "hello"]);
	});

	test("the next one waits for a reading that goes on beside the loop", async () => {
		const { send, socket } = await inParts();
		const order: unknown[] = [];
		void (async () => {
			for await (const incoming of socket) {
				order.push("message");
				void incoming.text().then((text) => order.push(text));
			}
		})();
		await send(masked(TEXT, "a"), masked(MORE, "b"));
		expect(order).toEqual(["message"]);
		await send(masked(LAST, "c"), hello);
		expect(order).toEqual(["message", "abc", "message", "hello"]);
	});

	test("a promise of `open` that resolves meanwhile discards nothing", async () => {
		const { opened, open } = door();
		const { send, socket } = await inParts({ open: () => opened });
		const { value: incoming } = await Promise.all([socket[Symbol.asyncIterator]().next(), send(hello)]).then(
			([it]) => it,
		);
		open();
		await settle();
		expect(await incoming?.text()).toBe("hello");
	});
});

describe("misuse", () => {
	test("a message is read once, in one way", async () => {
		const { send, socket } = await inParts();
		const next = socket[Symbol.asyncIterator]().next();
		await send(hello);
		const incoming = (await next).value;
		if (incoming === undefined) throw new Error("no message");
		expect(await incoming.text()).toBe("hello");
		const error = expect.objectContaining({ name: "UsageError", code: "ERR_MESSAGE_READ" });
		await expect(incoming.text()).rejects.toEqual(error);
		await expect(incoming.bytes()).rejects.toEqual(error);
		await expect(incoming[Symbol.asyncIterator]().next()).rejects.toEqual(error);
		expect(() => incoming.readable).toThrow(/can be read once/);
	});

	test("text() of a binary message: it can still be read otherwise", async () => {
		const { send, socket } = await inParts();
		const next = socket[Symbol.asyncIterator]().next();
		await send(masked(FIN | BINARY, "a"));
		const incoming = (await next).value;
		await expect(incoming?.text()).rejects.toMatchObject({ name: "UsageError", code: "ERR_MESSAGE_KIND" });
		expect(await incoming?.bytes()).toEqual(Uint8Array.of(0x61));
	});
});

describe("limits", () => {
	test.each(["text", "bytes"] as const)("%s() gives no more than maxMessageSize, or 1009", async (how) => {
		const results: unknown[] = [];
		const { send, peer, socket, errors } = await inParts({
			limits: { maxMessageSize: 4 },
			async message(_socket, incoming) {
				results.push(await incoming[how]().then((whole) => whole.length));
			},
		});
		await send(masked(FIN | TEXT, "1234"));
		expect(results).toEqual([4]);
		await send(masked(TEXT, "1234"), masked(MORE, "5"));
		expect(peer.takeHex()).toMatch(/^88..03f1/);
		await send(masked(LAST, "6"), hello, CLOSE);
		peer.stream.end();
		expect((await socket.closed).error).toMatchObject({ kind: "message-too-big", closeCode: 1009 });
		// `closed` tells it: it is the peer's mistake, and not the handler's.
		expect(errors).toEqual([]);
		expect(results).toHaveLength(1);
	});

	test("the promise says which limit", async () => {
		const { send, socket } = await inParts({ limits: { maxMessageSize: 4 } });
		const next = socket[Symbol.asyncIterator]().next();
		await send(hello);
		const reading = (await next).value?.text();
		await expect(reading).rejects.toBeInstanceOf(ConnectionError);
		await expect(reading).rejects.toMatchObject({ kind: "message-too-big" });
	});

	test("a loop reads more than maxMessageSize, and no more than maxStreamedSize", async () => {
		let size = 0;
		const { send, peer, socket, errors } = await inParts({
			limits: { maxMessageSize: 4, maxStreamedSize: 10 },
			async message(_socket, incoming) {
				for await (const part of incoming) size += part.length;
			},
		});
		await send(masked(BINARY, "12345"), masked(MORE, "67890"));
		expect(size).toBe(10);
		await send(masked(LAST, "x"));
		expect(peer.takeHex()).toMatch(/^88..03f1/);
		peer.stream.end();
		expect((await socket.closed).error).toMatchObject({ kind: "message-too-big", closeCode: 1009 });
		expect(errors).toEqual([]);
	});
});

describe("handlers and what they wait for", () => {
	test("a handler that has read its message may wait for a pong, and for the end", async () => {
		const order: unknown[] = [];
		const { send } = await inParts({
			async message(socket, incoming) {
				await incoming.text();
				order.push(await socket.ping());
				order.push((await socket.closed).code);
			},
		});
		await send(hello, masked(0x8a, Uint8Array.of(0, 0, 0, 1)));
		expect(order).toEqual([0]);
		await send(CLOSE);
	});

	test("so may `open`", async () => {
		const order: unknown[] = [];
		const { send } = await inParts({
			open: async (socket) => void order.push(await socket.ping()),
			message: async (_socket, incoming) => void order.push(await incoming.text()),
		});
		await send(masked(0x8a, Uint8Array.of(0, 0, 0, 1)), hello);
		expect(order).toEqual([0, "hello"]);
	});

	test("the message behind waits whole for its own handler, and pings behind it don't", async () => {
		const doors = [door(), door()];
		const seen: unknown[] = [];
		const { send, peer } = await inParts({
			async message(_socket, incoming) {
				seen.push(await incoming.text());
				await doors[seen.length - 1]?.opened;
			},
		});
		await send(hello, PING, masked(TEXT, "a"), masked(MORE, "b"), masked(LAST, "c"), PING);
		expect(seen).toEqual(["hello"]);
		expect(peer.takeHex()).toBe(PONG + PONG);
		doors[0].open();
		await settle();
		expect(seen).toEqual(["hello", "abc"]);
	});
});

describe("the end", () => {
	test.each<[string, (incoming: IncomingMessage, seen: unknown[]) => Promise<void>]>([
		[
			"a loop",
			async (incoming, seen) => {
				for await (const part of incoming) seen.push(part);
			},
		],
		["text()", async (incoming) => void (await incoming.text())],
		["bytes()", async (incoming) => void (await incoming.bytes())],
		["readable", async (incoming) => void (await partsOf(incoming.readable))],
	])("in mid-message: %s rejects, and the handler is not blamed", async (_how, read) => {
		const seen: unknown[] = [];
		const { send, peer, socket, errors, network } = await inParts({
			message: (_socket, incoming) =>
				read(incoming, seen).catch((error) => {
					seen.push(error);
					throw error;
				}),
		});
		await send(masked(TEXT, "a"));
		peer.stream.destroy();
		await socket.closed;
		await settle();
		expect(seen.at(-1)).toBeInstanceOf(SocketClosedError);
		expect(errors).toEqual([]);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("what came before it can still be read, and then it rejects", async () => {
		const { opened, open } = door();
		const seen: unknown[] = [];
		const { send, peer, socket, ended } = await inParts({
			async message(_socket, incoming) {
				await opened;
				try {
					for await (const part of incoming) seen.push(part);
				} catch (error) {
					seen.push((error as Error).name);
				}
			},
		});
		await send(masked(TEXT, "a"), masked(MORE, "b"), masked(MORE, "c"));
		peer.stream.end();
		peer.stream.destroy();
		await settle();
		// The socket's end does not wait for who reads, but its `close` handler does.
		await socket.closed;
		expect(ended).toHaveLength(0);
		open();
		await settle();
		expect(seen).toEqual(["a", "b", "c", "SocketClosedError"]);
		expect(ended).toHaveLength(1);
	});

	test("of a peer that leaves: whole messages behind the one that is handled come to it before `close`", async () => {
		const { opened, open } = door();
		const order: unknown[] = [];
		const { send, peer } = await inParts({
			async message(_socket, incoming) {
				order.push("message");
				await opened;
				order.push(await incoming.text());
			},
			close: () => void order.push("close"),
		});
		await send(new Uint8Array([...hello, ...masked(FIN | TEXT, "two"), ...masked(FIN | TEXT, "three")]));
		peer.stream.destroy();
		await settle();
		open();
		await settle();
		expect(order).toEqual(["message", "hello", "message", "two", "message", "three", "close"]);
	});

	test("close() within a handler: messages that come are still handled", async () => {
		const { opened, open } = door();
		const seen: unknown[] = [];
		const { send, peer, socket, errors } = await inParts({
			async message(socket, incoming) {
				socket.close(1000);
				await opened;
				seen.push(await incoming.text().catch((error: Error) => error.name));
			},
		});
		await send(hello, masked(FIN | TEXT, "two"), masked(TEXT, "a"), masked(MORE, "b"), masked(LAST, "c"), CLOSE);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		open();
		await settle();
		expect(seen).toEqual(["hello", "two", "abc"]);
		expect(errors).toEqual([]);
	});

	test("close() in mid-message: what nobody waits for is dropped, reading rejects, and the peer's Close is seen", async () => {
		const { send, peer, socket, errors } = await inParts();
		const next = socket[Symbol.asyncIterator]().next();
		await send(masked(TEXT, "a"));
		const incoming = (await next).value;
		socket.close(1000);
		const large = masked(MORE, "b".repeat(40_000));
		await send(large, large, large, masked(LAST, "d"), hello, CLOSE);
		peer.stream.end();
		expect((await socket.closed).wasClean).toBe(true);
		await expect(incoming?.text()).rejects.toBeInstanceOf(SocketClosedError);
		expect(errors).toEqual([]);
	});

	test("close() while a message is pulled: the reading goes on to its end", async () => {
		const { send, peer, socket } = await inParts();
		const next = socket[Symbol.asyncIterator]().next();
		await send(masked(TEXT, "a"));
		const text = (await next).value?.text();
		await settle();
		socket.close(1000);
		await send(masked(MORE, "b"), masked(LAST, "c"), CLOSE);
		peer.stream.end();
		expect(await text).toBe("abc");
		expect((await socket.closed).wasClean).toBe(true);
	});

	test("a reset behind a message that nobody reads: `closed` settles all the same", async () => {
		const { send, peer, socket, network } = await inParts({
			message: (_socket, incoming) => void incoming.readable,
			keepAlive: { interval: 1_000, timeout: 500 },
		});
		await send(masked(TEXT, "a"), masked(MORE, "b"), masked(LAST, "c"));
		peer.stream.destroy();
		expect(await socket.closed).toMatchObject({ code: 1006 });
		expect(network.clock.pendingTimers).toBe(0);
	});
});
