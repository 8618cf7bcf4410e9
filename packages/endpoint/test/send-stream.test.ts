import { describe, expect, test } from "vitest";
import { SocketClosedError } from "../src/errors.ts";
import { settle } from "../src/memory/index.ts";
import type { MessageSource } from "../src/source-reader.ts";
import { CLOSE, inParts, masked } from "./conversation.ts";

const KIB = 1_024;
const hello = masked(0x81, "hello");
const boom = new Error("boom");

/** A source whose pieces are given by hand. */
class Tap implements AsyncIterable<string> {
	returned: number = 0;
	readonly #inbox: PromiseWithResolvers<IteratorResult<string>>[] = [Promise.withResolvers()];

	async give(piece: string): Promise<void> {
		this.#inbox.push(Promise.withResolvers());
		this.#inbox.at(-2)?.resolve({ done: false, value: piece });
		await settle();
	}

	async end(): Promise<void> {
		this.#inbox.at(-1)?.resolve({ done: true, value: undefined });
		await settle();
	}

	async fail(error: unknown): Promise<void> {
		this.#inbox.at(-1)?.reject(error);
		await settle();
	}

	[Symbol.asyncIterator](): AsyncIterator<string> {
		let taken = 0;
		return {
			next: () => this.#inbox[taken++].promise,
			return: async () => {
				this.returned++;
				return { done: true, value: undefined };
			},
		};
	}
}

describe("what is sent", () => {
	test.each<[string, "text" | "binary", MessageSource, string]>([
		["a text", "text", ["hé", "", "llo"], "010368c3a9 00036c6c6f 8000"],
		["a binary message", "binary", [Uint8Array.of(1), Uint8Array.of(2, 3)], "020101 00020203 8000"],
		["nothing", "text", [], "8100"],
		["only empty pieces", "binary", [new Uint8Array(0)], "8200"],
		["a cut surrogate pair", "text", ["\ud83d", "\ude00"], "0104f09f9880 8000"],
		["a character in two pieces of bytes", "text", [Uint8Array.of(0xc3), Uint8Array.of(0xa9)], "0101c3 0001a9 8000"],
	])("%s", async (_name, kind, source, hex) => {
		const { socket, peer } = await inParts();
		await socket.sendStream(kind, source);
		await settle();
		expect(peer.takeHex()).toBe(hex.replaceAll(" ", ""));
	});

	test("a large piece leaves in fragments of at most 64 KiB", async () => {
		const { socket, peer } = await inParts();
		await socket.sendStream("binary", [new Uint8Array(150 * KIB)]);
		await settle();
		const frames = [10 + 64 * KIB, 10 + 64 * KIB, 4 + 22 * KIB, 2];
		expect(peer.takeHex()).toHaveLength(2 * frames.reduce((sum, size) => sum + size));
	});
});

describe("the order", () => {
	test("what is sent meanwhile waits behind it, also a second stream and what comes behind that", async () => {
		const { socket, peer } = await inParts();
		const [one, two] = [new Tap(), new Tap()];
		const sent: string[] = [];
		void socket.sendStream("text", one).then(() => sent.push("one"));
		socket.send("x");
		void socket.sendStream("text", two).then(() => sent.push("two"));
		socket.send("y");
		await two.give("2");
		await one.give("1");
		expect(peer.takeHex()).toBe("010131");
		await one.end();
		expect(peer.takeHex()).toBe("8000810178010132");
		expect(sent).toEqual(["one"]);
		await two.end();
		expect(peer.takeHex()).toBe("8000810179");
		expect(sent).toEqual(["one", "two"]);
	});

	test("what is published waits too", async () => {
		const { server, socket, peer } = await inParts();
		const tap = new Tap();
		socket.subscribe("news");
		void socket.sendStream("text", tap);
		expect(server.publish("news", "x")).toBe(1);
		await tap.give("1");
		await tap.end();
		expect(peer.takeHex()).toBe("0101318000810178");
	});

	test("pings and pongs don't wait", async () => {
		const { socket, peer, send } = await inParts();
		const tap = new Tap();
		void socket.sendStream("text", tap);
		await tap.give("1");
		void socket.ping().catch(() => {});
		await send(masked(0x89, "p"));
		expect(peer.takeHex()).toBe("01013189040000000 18a0170".replace(" ", ""));
	});

	test("a stream that is refused does not let the next one in before its turn", async () => {
		const { socket, peer } = await inParts();
		const tap = new Tap();
		void socket.sendStream("text", tap);
		await expect(socket.sendStream("text", "text" as unknown as MessageSource)).rejects.toThrow(/use send\(\)/);
		void socket.sendStream("text", ["2"]);
		await tap.give("1");
		await tap.end();
		await settle();
		expect(peer.takeHex()).toBe("0101318000 0101328000".replace(" ", ""));
	});
});

describe("back-pressure", () => {
	test("a peer that does not read stops the source, and has it go on when it reads", async () => {
		const { socket, peer } = await inParts();
		let yielded = 0;
		function* source(): Generator<Uint8Array> {
			for (; yielded < 200; yielded++) yield new Uint8Array(16 * KIB);
		}
		peer.stream.pause();
		const sent = socket.sendStream("binary", source());
		await settle();
		await settle();
		expect(yielded).toBeLessThan(30);
		expect(socket.bufferedAmount).toBeLessThan(256 * KIB);
		peer.stream.resume();
		await sent;
		expect(yielded).toBe(200);
	});

	test("messages that wait behind it don't hold it up, however large; `drain` and drained() tell when they are out", async () => {
		let drains = 0;
		const { socket, peer } = await inParts({ drain: () => void drains++ });
		const tap = new Tap();
		void socket.sendStream("text", tap);
		expect(socket.send(new Uint8Array(1_000 * KIB))).toBe(false);
		let drained = 0;
		void socket.drained().then(() => drained++);
		for (let i = 0; i < 20; i++) await tap.give("x".repeat(16 * KIB));
		expect([drains, drained]).toEqual([0, 0]);
		expect(peer.chunks.reduce((sum, { length }) => sum + length, 0)).toBe(20 * (16 * KIB + 4));
		await tap.end();
		await settle();
		expect([drains, drained]).toEqual([1, 1]);
		expect(socket.bufferedAmount).toBe(0);
	});

	test("a peer that leaves instead of reading: it rejects, and the source is cancelled", async () => {
		const { socket, peer, network } = await inParts();
		let cancelled = 0;
		const source = new ReadableStream({
			pull: (controller) => controller.enqueue(new Uint8Array(64 * KIB)),
			cancel: () => void cancelled++,
		});
		peer.stream.pause();
		const sent = socket.sendStream("binary", source);
		const behind = socket.sendStream("binary", []);
		await settle();
		peer.stream.destroy();
		await expect(sent).rejects.toBeInstanceOf(SocketClosedError);
		await expect(behind).rejects.toBeInstanceOf(SocketClosedError);
		expect(cancelled).toBe(1);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("a piece that is transferred while the rest of it waits for room ends the socket", async () => {
		const { socket, peer, errors } = await inParts();
		const piece = new Uint8Array(500 * KIB);
		peer.stream.pause();
		const sent = socket.sendStream("binary", [piece]);
		await settle();
		structuredClone(piece, { transfer: [piece.buffer] });
		peer.stream.resume();
		await expect(sent).rejects.toMatchObject({ code: "ERR_SOCKET_CLOSED" });
		expect(errors).toMatchObject([{ code: "ERR_TRANSFERRED" }]);
	});

	test("nobody awaits it, and the peer leaves behind the last fragment: no unhandled rejection", async () => {
		const { socket, peer, errors } = await inParts({ limits: { highWaterMark: 0 } });
		peer.stream.pause();
		void socket.sendStream("binary", [new Uint8Array(64 * KIB)]);
		await settle();
		peer.stream.destroy();
		await socket.closed;
		await settle();
		expect(errors).toEqual([]);
	});
});

describe("close()", () => {
	test("waits for it, and for what was sent behind it", async () => {
		const { socket, peer, send } = await inParts();
		const tap = new Tap();
		const sent = socket.sendStream("text", tap);
		socket.send("x");
		const behind = socket.sendStream("text", ["2"]);
		await tap.give("1");
		socket.close(1000);
		expect(socket.readyState).toBe("closing");
		await tap.end();
		await Promise.all([sent, behind]);
		await settle();
		expect(peer.takeHex()).toBe("0101318000810178 0101328000 880203e8".replaceAll(" ", ""));
		await send(CLOSE);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ wasClean: true, unsent: 0 });
	});

	test("waits no longer than the closing deadline", async () => {
		const { socket, network, errors } = await inParts({ timeouts: { closing: 500 } });
		const tap = new Tap();
		const sent = socket.sendStream("text", tap);
		socket.close(1000);
		for (let i = 0; i < 6; i++) {
			await tap.give("1");
			await network.clock.advance(100);
		}
		await expect(sent).rejects.toBeInstanceOf(SocketClosedError);
		expect((await socket.closed).error?.kind).toBe("closing-timeout");
		expect(tap.returned).toBe(1);
		expect(errors).toEqual([]);
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("after it, sendStream() is refused, and leaves its source alone", async () => {
		const { socket, network } = await inParts();
		const tap = new Tap();
		socket.close(1000);
		await expect(socket.sendStream("text", tap)).rejects.toMatchObject({
			name: "UsageError",
			code: "ERR_SOCKET_CLOSING",
		});
		// The peer can make that happen at any time, so nobody has to await it.
		void socket.sendStream("text", tap);
		await settle();
		expect(tap.returned).toBe(0);
		socket.terminate();
		await settle();
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("a handler that comes too late with it is not blamed, and ends nothing that is under way", async () => {
		const { socket, peer, send, errors } = await inParts({ message: (socket) => socket.sendStream("text", ["late"]) });
		const tap = new Tap();
		void socket.sendStream("text", tap);
		await tap.give("1");
		socket.close(1000);
		await send(hello);
		await tap.end();
		expect(peer.takeHex()).toBe("0101318000880203e8");
		expect(errors).toEqual([]);
	});

	test("the peer's Close in mid-message ends it: nobody is blamed", async () => {
		const { socket, peer, send, errors } = await inParts();
		const tap = new Tap();
		const sent = socket.sendStream("text", tap);
		await tap.give("1");
		await send(CLOSE);
		await tap.give("2");
		await expect(sent).rejects.toBeInstanceOf(SocketClosedError);
		expect(peer.takeHex()).toBe("010131880203e8");
		expect(tap.returned).toBe(1);
		peer.stream.end();
		expect((await socket.closed).wasClean).toBe(true);
		expect(errors).toEqual([]);
	});

	test("so does the end of its stream, also while output waits", async () => {
		const { socket, peer, errors } = await inParts();
		const tap = new Tap();
		peer.stream.pause();
		const sent = socket.sendStream("text", tap);
		await tap.give("x".repeat(60 * KIB));
		await tap.give("x".repeat(60 * KIB));
		peer.stream.end();
		await settle();
		await tap.give("late");
		await expect(sent).rejects.toBeInstanceOf(SocketClosedError);
		expect(errors).toEqual([]);
		peer.stream.destroy();
		await socket.closed;
	});

	test("so does terminate()", async () => {
		const { socket, errors, network } = await inParts();
		const tap = new Tap();
		const sent = socket.sendStream("text", tap);
		await settle();
		socket.terminate();
		await expect(sent).rejects.toBeInstanceOf(SocketClosedError);
		expect(tap.returned).toBe(1);
		expect(errors).toEqual([]);
		expect(network.clock.pendingTimers).toBe(0);
	});
});

describe("a source that fails", () => {
	test("one that yields nothing for `idle`: 1011", async () => {
		const { socket, peer, network, errors } = await inParts();
		const tap = new Tap();
		const sent = socket.sendStream("text", tap, { idle: 100 });
		await network.clock.advance(90);
		await tap.give("1");
		await network.clock.advance(90);
		expect(peer.takeHex()).toBe("010131");
		await network.clock.advance(10);
		await expect(sent).rejects.toMatchObject({ name: "SourceIdleError", code: "ERR_SOURCE_IDLE" });
		expect(errors).toEqual([expect.objectContaining({ code: "ERR_SOURCE_IDLE" })]);
		expect(peer.takeHex()).toMatch(/^88..03f3/);
		expect(tap.returned).toBe(1);
		peer.stream.destroy();
		await socket.closed;
		expect(network.clock.pendingTimers).toBe(0);
	});

	test("waiting for room is no fault of the source, and one timer does for all pieces", async () => {
		const { socket, peer, network, errors } = await inParts();
		const timersBefore = network.clock.pendingTimers;
		const tap = new Tap();
		const sent = socket.sendStream("text", tap, { idle: 100 });
		await settle();
		for (let i = 0; i < 9; i++) await tap.give("a few bytes");
		expect(network.clock.pendingTimers).toBe(timersBefore + 1);
		peer.stream.pause();
		await tap.give("a".repeat(1 << 20));
		await network.clock.advance(1_000);
		expect(socket.bufferedAmount).toBeGreaterThan(0);
		peer.stream.resume();
		await settle();
		await tap.give("a few bytes");
		await tap.end();
		await sent;
		expect(errors).toEqual([]);
		expect(network.clock.pendingTimers).toBe(timersBefore);
	});

	test("Infinity is for ever; no time at all is refused", async () => {
		const { socket, network, errors } = await inParts();
		const tap = new Tap();
		void socket.sendStream("text", tap, { idle: Number.POSITIVE_INFINITY });
		await network.clock.advance(10_000_000);
		expect(errors).toEqual([]);
		for (const options of [{ idle: 0 }, { idle: -1 }, { idle: Number.NaN }, { compres: true }, null])
			await expect(socket.sendStream("text", tap, options as never)).rejects.toMatchObject({ code: "ERR_OPTION" });
	});

	test("one that throws: told once, 1011, and no unhandled rejection when nobody awaits", async () => {
		const { socket, peer, send, errors } = await inParts();
		const tap = new Tap();
		void socket.sendStream("text", tap);
		const behind = socket.sendStream("text", ["2"]);
		await tap.give("1");
		await tap.fail(boom);
		expect(errors).toEqual([boom]);
		expect(peer.takeHex()).toMatch(/^01013188..03f3/);
		await expect(behind).rejects.toBeInstanceOf(SocketClosedError);
		await send(masked(0x88, Uint8Array.of(0x03, 0xf3)));
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1011, by: "local" });
		expect(errors).toEqual([boom]);
	});

	test("within a handler that awaits it: told once, and no further message comes", async () => {
		let messages = 0;
		const { send, errors } = await inParts({
			async message(socket) {
				messages++;
				await socket.sendStream("text", new ReadableStream({ pull: (controller) => controller.error(boom) }));
			},
		});
		await send(hello, hello);
		await settle();
		expect(messages).toBe(1);
		expect(errors).toEqual([boom]);
	});

	test("while close() waits for it: 1011 at once", async () => {
		const { socket, peer, errors } = await inParts();
		const tap = new Tap();
		void socket.sendStream("text", tap);
		socket.close(1000);
		await tap.fail(boom);
		expect(peer.takeHex()).toMatch(/^88..03f3/);
		expect(errors).toEqual([boom]);
	});

	test.each<[string, "text" | "binary", unknown, string]>([
		["a number", "text", 1, "ERR_MESSAGE_TYPE"],
		["a string in a binary message", "binary", "a", "ERR_MESSAGE_TYPE"],
		["bytes of a text that are not UTF-8", "text", Uint8Array.of(0xff), "ERR_INVALID_UTF8"],
	])("%s: a mistake like what it throws", async (_name, kind, piece, code) => {
		const { socket, peer, errors } = await inParts();
		const sent = socket.sendStream(kind, [piece as string]);
		await expect(sent).rejects.toMatchObject({ name: "UsageError", code });
		await settle();
		expect(errors).toEqual([expect.objectContaining({ code })]);
		expect(peer.takeHex()).toMatch(/^88..03f3/);
	});

	test("a text that ends in mid-character", async () => {
		const { socket, errors } = await inParts();
		await expect(socket.sendStream("text", [Uint8Array.of(0xc3)])).rejects.toMatchObject({ code: "ERR_INVALID_UTF8" });
		expect(errors).toHaveLength(1);
	});

	test("one that ends with another socket's end does not leave its message unfinished", async () => {
		const { socket, peer, errors } = await inParts();
		const tap = new Tap();
		const sent = socket.sendStream("text", tap);
		await tap.give("1");
		const error = new SocketClosedError();
		await tap.fail(error);
		await expect(sent).rejects.toBe(error);
		expect(peer.takeHex()).toMatch(/^01013188..03f3/);
		expect(errors).toEqual([]);
	});

	test("when no more may wait, its place is refused and the source is cancelled", async () => {
		const { socket } = await inParts({ limits: { maxBufferedBytes: 100 } });
		const tap = new Tap();
		void socket.sendStream("text", new Tap());
		socket.send("x");
		await expect(socket.sendStream("text", tap)).rejects.toMatchObject({ code: "ERR_BUFFER_FULL" });
		await settle();
		expect(tap.returned).toBe(1);
	});
});

test("a message is sent on as it is received", async () => {
	const { send, peer, errors } = await inParts({
		message: (socket, incoming) => socket.sendStream(incoming.kind, incoming),
	});
	await send(masked(0x01, "a"));
	expect(peer.takeHex()).toBe("010161");
	await send(masked(0x00, "b"), masked(0x80, ""), masked(0x82, "c"));
	expect(peer.takeHex()).toBe("0001628000 0201638000".replace(" ", ""));
	expect(errors).toEqual([]);
});
