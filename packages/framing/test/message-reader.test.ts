import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Extension, MessageReader, RSV1 } from "../src/index.ts";
import { everyByte, readEvents, readMessages, readParts } from "./reading.ts";
import { concat, data, encodeFor, encodeFrame, hex, MASKING_KEY, toHex, utf8 } from "./wire.ts";

describe("RFC 6455 §5.7", () => {
	test.each([
		["client", "81 05 48 65 6c 6c 6f", ["text 48656c6c6f"]],
		["server", "81 85 37 fa 21 3d 7f 9f 4d 51 58", ["text 48656c6c6f"]],
		["client", "01 03 48 65 6c 80 02 6c 6f", ["text 48656c6c6f"]],
		["client", "89 05 48 65 6c 6c 6f", ["ping 48656c6c6f"]],
		["server", "8a 85 37 fa 21 3d 7f 9f 4d 51 58", ["pong 48656c6c6f"]],
	] as const)("%s: %s", (role, bytes, events) => {
		expect(readMessages(role, [hex(bytes)])).toEqual(events);
		expect(readMessages(role, everyByte(hex(bytes)))).toEqual(events);
	});
});

test("control frames between fragments come in their place", () => {
	const frames = [data(1, "a", false), data(9, "1"), data(0, "b", false), data(10, "2"), data(0, "c"), data(2, "d")];
	const events = ["ping 31", "pong 32", "text 616263", "binary 64"];
	expect(readMessages("server", [encodeFor("server", frames)])).toEqual(events);
});

describe("Close", () => {
	test.each([
		["88 00", "close 1005 "],
		["88 02 03e8", "close 1000 "],
		["88 05 0fa0 e282ac", "close 4000 €"],
	])("%s", (bytes, event) => {
		expect(readMessages("client", [hex(bytes)])).toEqual([event]);
	});

	test("nothing is read behind it, and an unfinished message is given up", () => {
		const reader = new MessageReader("client");
		reader.receive(hex("02 01 61 88 00 89 00 ff"));
		expect(reader.next()).toEqual({ type: "close", code: 1005, reason: "" });
		expect([reader.next(), reader.unread, reader.held]).toEqual([null, 0, 0]);
		reader.receive(hex("89 00"));
		expect([reader.next(), reader.unread]).toEqual([null, 0]);
	});
});

test("nothing is read behind a violation", () => {
	const reader = new MessageReader("client");
	reader.receive(hex("02 03 61 62"));
	expect([reader.next(), reader.held, reader.unread]).toEqual([null, 2, 0]);
	reader.receive(hex("63 81 01 ff 89 00"));
	expect(reader.next()).toMatchObject({ type: "failed", failure: { kind: "continuation-expected" } });
	expect([reader.next(), reader.held, reader.unread]).toEqual([null, 0, 0]);
	reader.receive(hex("89 00"));
	expect([reader.next(), reader.unread]).toEqual([null, 0]);
});

describe("payload lengths at the borders of their forms", () => {
	test.each([0, 1, 2, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537])("%i bytes", (length) => {
		const payload = Uint8Array.from({ length }, (_, i) => i & 0x7f);
		for (const role of ["server", "client"] as const) {
			const frames = [data(2, payload), data(1, payload), data(9, "x")];
			const events = [`binary ${toHex(payload)}`, `text ${toHex(payload)}`, "ping 78"];
			const bytes = encodeFor(role, frames);
			expect(readMessages(role, [bytes])).toEqual(events);
			expect(readMessages(role, [bytes.subarray(0, 3), bytes.subarray(3, 70), bytes.subarray(70)])).toEqual(events);
		}
	});

	test.each([
		["82 7f 00000000 ffffffff", 2 ** 32 - 1],
		["82 7f 00000001 00000000", 2 ** 32],
		["82 7f 001fffff ffffffff", 2 ** 53 - 1],
	])("%s announces %d bytes and holds none of them", (bytes) => {
		const infinite = { maxMessageSize: Number.POSITIVE_INFINITY };
		const reader = new MessageReader("client", { limits: infinite });
		reader.receive(concat([hex(bytes), new Uint8Array(10)]));
		expect([reader.next(), reader.held, reader.unread]).toEqual([null, 10, 0]);
	});
});

describe("ownership", () => {
	const payload = Uint8Array.from({ length: 2000 }, (_, i) => i % 251);

	/** The bytes of the messages, or parts, of these chunks; each is transferred away before the next is asked for. */
	function readAndTransfer(chunks: readonly Uint8Array[], parts = false): Uint8Array[] {
		const reader = new MessageReader("server", { parts });
		for (const chunk of chunks) reader.receive(chunk);
		const read: Uint8Array[] = [];
		for (let event = reader.next(); event !== null; event = reader.next()) {
			if (event.type !== "binary" && event.type !== "part") return expect.fail(event.type);
			const { bytes } = event;
			// All that its owner can see: nothing but the message, and zeros.
			const seen = new Uint8Array(bytes.buffer.slice(0));
			expect(seen.length).toBeLessThanOrEqual(bytes.length * 2);
			seen.fill(0, bytes.byteOffset, bytes.byteOffset + bytes.length);
			expect(seen.every((byte) => byte === 0)).toBe(true);
			read.push(structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] }));
		}
		return read;
	}

	test.each([
		["short", payload.subarray(0, 100)],
		["long", payload],
	])("several %s messages of one chunk: transferring one takes nothing from the others", (_, bytes) => {
		const three = () => [encodeFor("server", [data(2, bytes), data(2, bytes), data(2, bytes)])];
		expect(readAndTransfer(three())).toEqual([bytes, bytes, bytes]);
		expect(readAndTransfer(three(), true)).toEqual([bytes, bytes, bytes]);
	});

	test("the beginning of the next message lies in the same chunk", () => {
		const two = encodeFor("server", [data(2, payload), data(2, payload)]);
		expect(readAndTransfer([two.slice(0, 3000), two.slice(3000)])).toEqual([payload, payload]);
	});

	test("a long message that ends its chunk is a view of it, and what came before is wiped", () => {
		const chunk = encodeFor("server", [data(2, "secret"), data(2, payload)]);
		const reader = new MessageReader("server");
		reader.receive(chunk);
		expect(reader.next()).toEqual({ type: "binary", bytes: utf8("secret") });
		const event = reader.next();
		if (event?.type !== "binary") return expect.fail();
		expect(event.bytes.buffer).toBe(chunk.buffer);
		expect(event.bytes).toEqual(payload);
		expect(readAndTransfer([encodeFor("server", [data(2, "secret"), data(2, payload)])])).toEqual([
			utf8("secret"),
			payload,
		]);
	});

	test("a message that fills less than half of its chunk does not keep the chunk", () => {
		const chunk = encodeFor("server", [data(1, "x".repeat(3000)), data(2, payload)]);
		const reader = new MessageReader("server");
		reader.receive(chunk);
		reader.next();
		const event = reader.next();
		expect(event?.type === "binary" && event.bytes.buffer.byteLength).toBe(2000);
	});

	test("a view of a larger buffer is a chunk like any other, its neighbours are left alone", () => {
		const buffer = new Uint8Array(40).fill(0xee);
		const frame = encodeFrame(data(2, "hello"), MASKING_KEY);
		buffer.set(frame, 7);
		const reader = new MessageReader("server");
		reader.receive(buffer.subarray(7, 7 + frame.length));
		expect(reader.next()).toEqual({ type: "binary", bytes: buffer.subarray(13, 18) });
		expect(buffer.subarray(0, 7).every((byte) => byte === 0xee)).toBe(true);
		expect(buffer.subarray(18).every((byte) => byte === 0xee)).toBe(true);
	});
});

describe("bounded memory", () => {
	const limits = { maxFragments: Number.POSITIVE_INFINITY };

	test.each([0, 1])("a million fragments of %i bytes that never end", (size) => {
		const start = encodeFor("client", [data(2, new Uint8Array(size), false)]);
		const thousand = concat(
			Array.from({ length: 1000 }, () => encodeFor("client", [data(0, new Uint8Array(size), false)])),
		);
		const reader = new MessageReader("client", { limits });
		reader.receive(start);
		for (let i = 0; i < 1000; i++) {
			reader.receive(thousand.slice());
			expect(reader.next()).toBeNull();
		}
		expect([reader.held, reader.unread]).toEqual([1_000_001 * size, 0]);
	});

	test("by default they end at the limit", () => {
		const reader = new MessageReader("client");
		reader.receive(hex("02 00"));
		reader.receive(new Uint8Array(2 * 131071));
		expect(reader.next()).toBeNull();
		reader.receive(hex("00 00"));
		expect(reader.next()).toMatchObject({ type: "failed", failure: { kind: "too-many-fragments", code: 1008 } });
	});

	test("a chunk that has been read is not kept alive by an idle reader", async () => {
		setFlagsFromString("--expose-gc");
		const collect = runInNewContext("gc") as () => void;
		const reader = new MessageReader("client");
		const readOne = (): WeakRef<ArrayBuffer> => {
			const chunk = hex("82 01 61");
			reader.receive(chunk);
			while (reader.next() !== null);
			return new WeakRef(chunk.buffer);
		};
		const buffer = readOne();
		// A WeakRef holds its target until the job that made it ends.
		await new Promise((resolve) => setImmediate(resolve));
		collect();
		expect(buffer.deref()).toBeUndefined();
		expect(reader.next()).toBeNull();
	});
});

describe("parts", () => {
	const options = { parts: true };

	test("an extension is given 16 KiB at the most, as one piece may become a thousand times as large", () => {
		const sizes: number[] = [];
		const extension = {
			name: "x",
			rsv: RSV1,
			decode(piece: Uint8Array) {
				sizes.push(piece.length);
				return piece;
			},
		} as unknown as Extension;
		for (const parts of [true, false]) {
			const reader = new MessageReader("client", { parts, extensions: [extension] });
			reader.receive(concat([hex("c2 7e 9c 40"), new Uint8Array(40_000)]));
			while (reader.next() !== null);
		}
		expect(sizes).toEqual([16_384, 16_384, 7232, 40_000]);
	});

	test("come as they arrive, without waiting for their frame, and nothing is held", () => {
		const reader = new MessageReader("client", options);
		reader.receive(hex("02 05 61 62"));
		expect(reader.next()).toEqual({ type: "part", kind: "binary", bytes: hex("6162"), first: true, last: false });
		expect([reader.next(), reader.unread, reader.held]).toEqual([null, 0, 0]);
		reader.receive(hex("63 64 65 89 00 80"));
		expect(reader.next()).toEqual({ type: "part", kind: "binary", bytes: hex("636465"), first: false, last: false });
		expect(reader.next()).toEqual({ type: "ping", payload: hex("") });
		expect(reader.next()).toBeNull();
		reader.receive(hex("01 66"));
		expect(reader.next()).toEqual({ type: "part", kind: "binary", bytes: hex("66"), first: false, last: true });
	});

	test("are none for empty fragments, unless they end the message", () => {
		const bytes = encodeFor("server", [data(1, "", false), data(0, "", false), data(0, "a", false), data(0, "")]);
		expect(readEvents("server", [bytes], options)).toEqual([
			{ type: "part", kind: "text", bytes: hex("61"), first: true, last: false },
			{ type: "part", kind: "text", bytes: hex(""), first: false, last: true },
		]);
	});

	test("an empty message is one empty part, first and last", () => {
		const bytes = encodeFor("client", [data(2, "", false), data(0, ""), data(1, "")]);
		expect(readEvents("client", [bytes], options)).toEqual([
			{ type: "part", kind: "binary", bytes: hex(""), first: true, last: true },
			{ type: "part", kind: "text", bytes: hex(""), first: true, last: true },
		]);
	});

	test("are views of the chunk where nothing else is in it", () => {
		const chunks = [concat([hex("02 7e 0fa0"), new Uint8Array(2000)]), new Uint8Array(1500), new Uint8Array(500)];
		const reader = new MessageReader("client", options);
		const areViews = chunks.map((chunk) => {
			reader.receive(chunk);
			const event = reader.next();
			return event?.type === "part" && event.bytes.buffer === chunk.buffer;
		});
		// Of a short one there is a copy.
		expect(areViews).toEqual([true, true, false]);
	});

	test("a chunk whose last part was copied is freed", () => {
		const chunk = concat([hex("02 7e 0578"), new Uint8Array(1400), hex("80 01 07")]);
		const reader = new MessageReader("client", options);
		reader.receive(chunk);
		expect(reader.next()).toMatchObject({ type: "part", bytes: new Uint8Array(1400) });
		expect(chunk.length).toBe(1407);
		expect(reader.next()).toEqual({ type: "part", kind: "binary", bytes: hex("07"), first: false, last: true });
		expect([chunk.length, reader.next(), reader.unread]).toEqual([0, null, 0]);
	});

	test("of a text never end inside a character: its beginning waits, and is all that is held", () => {
		const reader = new MessageReader("client", options);
		const held: [string, number][] = [];
		for (const chunk of ["01 06 61 e2", "82", "ac c3 a9 80 01", "62"]) {
			reader.receive(hex(chunk));
			const event = reader.next();
			held.push([event?.type === "part" ? toHex(event.bytes) : "", reader.held]);
		}
		expect(held).toEqual([
			["61", 1],
			["", 2],
			["e282acc3a9", 0],
			["62", 0],
		]);
	});

	test("of a text are validated as they pass", () => {
		const cutInside = [data(1, utf8("€").subarray(0, 2), false), data(0, utf8("€").subarray(2))];
		expect(readParts("server", everyByte(encodeFor("server", cutInside)))).toEqual(["text e282ac"]);
		const reader = new MessageReader("client", options);
		reader.receive(hex("81 7f 00000000 00f00000 61 c3"));
		expect(reader.next()).toMatchObject({ type: "part", bytes: hex("61"), last: false });
		// The frame goes on for 15 MB; the byte that can't follow C3 is enough.
		reader.receive(hex("61"));
		expect(reader.next()).toMatchObject({ type: "failed", failure: { kind: "invalid-utf8" } });
		expect([reader.next(), reader.held]).toEqual([null, 0]);
	});

	test("a message that a Close gives up leaves nothing", () => {
		const reader = new MessageReader("client", options);
		reader.receive(hex("01 02 61 e2 88 00"));
		expect(reader.next()).toMatchObject({ type: "part", bytes: hex("61") });
		expect([reader.held, reader.next(), reader.held]).toEqual([1, { type: "close", code: 1005, reason: "" }, 0]);
	});

	test("of messages far above any buffer pass through", () => {
		const reader = new MessageReader("client", options);
		reader.receive(hex("82 7f 00000000 10000000"));
		expect(reader.next()).toBeNull();
		const block = new Uint8Array(1 << 20);
		for (let i = 0; i < 256; i++) {
			reader.receive(block);
			expect(reader.next()).toMatchObject({ type: "part", first: i === 0, last: i === 255 });
		}
		expect([reader.next(), reader.unread, reader.held]).toEqual([null, 0, 0]);
	});
});

describe("decodeText", () => {
	const decodeText = (bytes: Uint8Array): string | null => (bytes[0] === 0x21 ? null : `<${bytes.length}>`);

	test("is asked for every text and every close reason, short or long, whole or in fragments", () => {
		const frames = [
			data(1, "a"),
			data(1, "a".repeat(200)),
			data(1, "a", false),
			data(0, "b"),
			data(8, hex("03e86161")),
		];
		const events = ["<1>", "<200>", "<2>"].map((text) => `text ${toHex(utf8(text))}`);
		expect(readMessages("client", [encodeFor("client", frames)], { decodeText })).toEqual([
			...events,
			"close 1000 <2>",
		]);
	});

	test("null fails the connection", () => {
		const whole = encodeFor("client", [data(1, "!")]);
		const fragments = encodeFor("client", [data(1, "!", false), data(0, "")]);
		const failed = ["failed invalid-utf8 1007"];
		expect(readMessages("client", [whole], { decodeText })).toEqual(failed);
		expect(readMessages("client", [fragments], { decodeText })).toEqual(failed);
	});
});

test("unread counts what waits, and pulling nothing parses nothing", () => {
	const frame = encodeFor("client", [data(2, "12345")]);
	const reader = new MessageReader("client");
	reader.receive(concat([frame, frame]));
	reader.receive(frame.slice());
	expect(reader.unread).toBe(21);
	reader.next();
	expect(reader.unread).toBe(14);
	reader.next();
	reader.next();
	expect([reader.next(), reader.unread]).toEqual([null, 0]);
});

describe("chunks that a message uses up", () => {
	const payload = Uint8Array.from({ length: 4000 }, (_, i) => i % 251);

	/** The chunks of two messages, and the messages that a reader makes of them when all of them wait. */
	function readTwo(role: "client" | "server") {
		const frame = encodeFor(role, [data(2, payload)]);
		const header = frame.length - payload.length;
		const chunks = [0, 0].flatMap(() => [
			frame.slice(0, header),
			frame.slice(header, header + 2000),
			frame.slice(header + 2000),
		]);
		const reader = new MessageReader(role);
		for (const chunk of chunks) reader.receive(chunk);
		const messages = [reader.next(), reader.next(), reader.next()];
		return { messages, left: chunks.map(({ length }) => length), header };
	}

	const message = { type: "binary", bytes: payload };

	test.each(["server", "client"] as const)("are freed when the message is complete, by a %s", (role) => {
		const { messages, left, header } = readTwo(role);
		expect(messages).toEqual([message, message, null]);
		expect(left).toEqual([header, 0, 0, header, 0, 0]);
	});

	test("one that the message begins in is freed as well, whatever came before", () => {
		const long = encodeFor("server", [data(2, payload)]);
		const read = (before: Uint8Array): [unknown[], number[]] => {
			const chunks = [concat([before, long.subarray(0, 2000)]), long.slice(2000)];
			const reader = new MessageReader("server");
			for (const chunk of chunks) reader.receive(chunk);
			return [[reader.next(), reader.next()], chunks.map(({ length }) => length)];
		};
		const ping = encodeFor("server", [data(9, "ping")]);
		expect(read(ping)).toEqual([
			[{ type: "ping", payload: utf8("ping") }, message],
			[0, 0],
		]);
		const text = encodeFor("server", [data(1, "text")]);
		expect(read(text)).toEqual([
			[{ type: "text", text: "text" }, message],
			[0, 0],
		]);
		const binary = encodeFor("server", [data(2, "short")]);
		expect(read(binary)).toEqual([
			[{ type: "binary", bytes: utf8("short") }, message],
			[0, 0],
		]);
	});
});

test.each([
	["nothing", "", false],
	["a byte", "82", true],
	["a header without a byte of its key", "82 85 000000", true],
	["a header", "82 85 00000000", false],
	["a header and a byte", "82 85 00000000 61", false],
	["an empty fragment", "02 80 00000000", false],
	["half a ping", "89 85 00000000 61", true],
	["half a character", "01 81 00000000 e2", true],
])("in parts, what has come is cut behind %s: %s, %s", (_, received, isCut) => {
	const reader = new MessageReader("server", { parts: true });
	reader.receive(hex(received));
	while (reader.next() !== null);
	expect(reader.isCut).toBe(isCut);
});
