import { deflateRawSync } from "node:zlib";
import { encodeMessage, RSV1 } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { Codec } from "../src/codec.ts";
import { DeflateContexts } from "../src/contexts.ts";
import { concat, hex, noise, textOf, toHex, utf8 } from "./bytes.ts";
import { CODECS, counted, ZLIB } from "./codecs.ts";
import { eventsOf, join, joinTo, outputOf, reader, writer } from "./joined.ts";
import { walk } from "./walk.ts";

const ANY = 1 << 20;

/** What a server's decompressor makes of a client's messages, each a list of pieces. */
function decoded(messages: readonly (readonly string[])[], room: number = ANY): string[] {
	const { server } = join();
	return messages.map((pieces) => {
		let text = "";
		for (const [i, piece] of pieces.entries()) {
			const bytes = server.decode(hex(piece), i === pieces.length - 1, room, room);
			if (typeof bytes === "string") return bytes;
			text += textOf(bytes);
		}
		return text;
	});
}

describe("RFC 7692 §7.2.3: the examples", () => {
	test.each([
		["§7.2.3.1 one DEFLATE block", [["f248cdc9c90700"]], ["Hello"]],
		["§7.2.3.1 in two fragments", [["f248cd", "c9c90700"]], ["Hello"]],
		["§7.2.3.2 sharing the window", [["f248cdc9c90700"], ["f200110000"]], ["Hello", "Hello"]],
		["§7.2.3.3 a block with no compression", [["000500faff48656c6c6f00"]], ["Hello"]],
		["§7.2.3.4 a block with BFINAL set to 1", [["f348cdc9c9070000"]], ["Hello"]],
		[
			"§7.2.3.4 and the next messages",
			[["f348cdc9c9070000"], ["f348cdc9c9070000"], ["f248cdc9c90700"], ["f200110000"]],
			["Hello", "Hello", "Hello", "Hello"],
		],
		["§7.2.3.5 two DEFLATE blocks", [["f248050000" + "00ffffcac9c90700"]], ["Hello"]],
		["§7.2.3.6 an empty message", [["00"], ["f248cdc9c90700"]], ["", "Hello"]],
		["§7.2.3.6 an empty block with fixed codes", [["0200"], ["f248cdc9c90700"]], ["", "Hello"]],
		["docs/deviations.md: an empty message of no bytes", [[""], ["f248cdc9c90700"]], ["", "Hello"]],
		["an empty piece at the end", [["f248cdc9c90700", ""], ["f200110000"]], ["Hello", "Hello"]],
		[
			"byte by byte",
			[
				["f2", "48", "cd", "c9", "c9", "07", "00"],
				["f2", "00", "11", "00", "00"],
			],
			["Hello", "Hello"],
		],
	])("%s", (_name, messages, texts) => {
		expect(decoded(messages)).toEqual(texts);
	});
});

describe("a peer's data that can't be decoded", () => {
	test.each([
		["garbage", "ffffff", "extension-data"],
		["a match that reaches back too far", "f200110000", "extension-data"],
		["a tail that was not removed", "f248cdc9c907000000ffff", "extension-data-incomplete"],
		["a block with BFINAL, and no empty block behind it", "f348cdc9c90700", "extension-data-incomplete"],
		["a header alone", "04", "extension-data-incomplete"],
		["a block without compression, one byte short", "000500faff48656c6c", "extension-data-incomplete"],
	])("%s: %s is %s", (_what, data, kind) => {
		expect(decoded([[data]])).toEqual([kind]);
	});

	// Its code lengths fill 13 of 25 bytes: the data of RFC 1951 §3.2.7.
	const OWN_CODES = "04c1010100000883b0ac70bdfd1bb8818481a59c88715cfb00";

	test.each([
		["f248cdc9c90700", "fixed codes"],
		[OWN_CODES, "codes of its own, many of them"],
		["000500faff48656c6c6f00", "no compression"],
		[toHex(deflateRawSync(utf8("How much wood would a woodchuck chuck?".repeat(20)))).concat("00"), "codes of its own"],
	])("a message of %s that is cut short anywhere is not taken for whole", (data) => {
		for (let length = 2; length < data.length; length += 2) {
			// Alone it is the empty message.
			if (data.slice(0, length) === "00") continue;
			const [result] = decoded([[data.slice(0, length)]]);
			expect(["extension-data", "extension-data-incomplete"], `${length / 2} bytes: ${result}`).toContain(result);
		}
	});

	test("a codec that throws fails that connection and no other", () => {
		const throwing: Codec = {
			...ZLIB,
			inflater() {
				throw new Error("no memory");
			},
		};
		const { server } = join({}, {}, throwing);
		expect(server.decode(hex("f248cdc9c90700"), true, ANY, ANY)).toBe("extension-data");
		server.release();
	});

	test("the limit is on what comes out: one byte more is too big, and none is cut off", () => {
		const data = [toHex(deflateRawSync(new Uint8Array(1_000))).concat("00")];
		expect(decoded([data], 1_000)).toEqual(["\0".repeat(1_000)]);
		expect(decoded([data], 999)).toEqual(["message-too-big"]);
	});

	test("a bomb is stopped at the limit: no more comes out of the decompressor", () => {
		let most = 0;
		const watching: Codec = {
			...ZLIB,
			inflater(windowBits) {
				const inflater = ZLIB.inflater(windowBits);
				return {
					endMessage: () => inflater.endMessage(),
					reset: () => inflater.reset(),
					close: () => inflater.close(),
					inflate(payload, limit) {
						most = Math.max(most, limit);
						return inflater.inflate(payload, limit);
					},
				};
			},
		};
		const { server } = join({}, {}, watching);
		const bomb = deflateRawSync(new Uint8Array(64 << 20));
		expect(server.decode(bomb, false, 1 << 20, 1 << 20)).toBe("message-too-big");
		expect(most).toBe(1 << 20);
	});
});

describe("what is sent", () => {
	test("RFC 7692 §7.2.1: without the tail, and what an endpoint without memory reads is the message", () => {
		const { server } = join();
		const encoded = server.encode(utf8("Hello"), true);
		expect(toHex(encoded)).toBe("f248cdc9c90700");
		expect(toHex(server.encode(utf8("Hello"), true))).toBe("f200110000");
	});

	test("§7.2.3.6: an empty message is an empty block, and a streamed message may end with an empty piece", () => {
		const { server, client } = join();
		expect(toHex(server.encode(hex(""), true))).toBe("00");
		const pieces = [utf8("some "), hex(""), utf8("words"), hex("")];
		const encoded = pieces.map((piece, i) => server.encode(piece, i === pieces.length - 1));
		expect([encoded[1]!.length, toHex(encoded[3]!)]).toEqual([0, "00"]);
		const sent = encoded.filter((piece) => piece.length > 0);
		const read = sent.map((piece, i) => client.decode(piece, i === sent.length - 1, ANY, ANY));
		expect(textOf(concat(read as Uint8Array[]))).toBe("some words");
	});

	test("a codec that throws: the caller is told, and nothing is written", () => {
		const throwing: Codec = {
			...ZLIB,
			deflater() {
				throw new Error("no memory");
			},
		};
		const { server } = join({}, {}, throwing);
		const sending = writer("server", server);
		expect(() => sending.text("a")).toThrow("no memory");
		expect(outputOf(sending)).toEqual([]);
		sending.text("b", true);
		expect(toHex(concat(outputOf(sending)))).toBe("810162");
	});

	test("RFC 7692 §6: RSV1 marks what is compressed: what reaches the threshold, and what is streamed", () => {
		const { server } = join({ threshold: 10 });
		expect([9, 10, null].map((size) => server.outgoingRsv("text", size))).toEqual([0, RSV1, RSV1]);
	});

	test("an empty message is not worth a compressor", () => {
		expect(join({ threshold: 0 }).server.outgoingRsv("text", 0)).toBe(0);
	});

	test("no context takeover: each message can be read by itself", () => {
		const { server, client } = join({ contextTakeover: false });
		const [first, second] = [1, 2].map(() => server.encode(noise(300), true));
		expect(second).toEqual(first);
		for (const each of [second, first]) expect(client.decode(each!, true, ANY, ANY)).toEqual(noise(300));
	});

	test("a window that the peer has asked for is kept", () => {
		const { client } = join({ peerWindowBits: 9 }, { windowBits: 15 });
		const payload = concat([noise(600), noise(600)]);
		const encoded = client.encode(payload, true);
		const { farthest, bytes } = walk(concat([encoded, hex("0000ffff")]));
		expect(farthest).toBeLessThanOrEqual(512);
		expect(bytes).toEqual(payload);
	});

	test("a codec that ends its data with BFINAL, and an empty block behind it, as RFC 7692 §7.2.3.4 has it", () => {
		const finishing: Codec = {
			...ZLIB,
			deflater: () => ({
				deflate: (payload) => concat([deflateRawSync(payload), hex("00 0000ffff")]),
				reset() {},
				close() {},
			}),
		};
		const { server, client } = join({}, {}, finishing);
		for (const text of ["Hello", "Hello", "and others"]) {
			const encoded = server.encode(utf8(text), true);
			expect(walk(concat([encoded, hex("0000ffff")])).isFinal).toBe(true);
			expect(textOf(client.decode(encoded, true, ANY, ANY) as Uint8Array)).toBe(text);
		}
	});
});

describe("contexts", () => {
	test("idle, a connection holds none", () => {
		const codec = counted();
		join({}, {}, codec, codec);
		expect(codec.open).toEqual({ deflaters: 0, inflaters: 0 });
	});

	test("a compressor is made for the first message, given back when it was idle for long, and made anew", () => {
		const codec = counted();
		const { server, client, serverContexts } = join({}, {}, codec);
		const exchange = (): number => {
			const encoded = server.encode(noise(300), true);
			expect(client.decode(encoded.slice(), true, ANY, ANY)).toEqual(noise(300));
			return encoded.length;
		};
		const first = exchange();
		expect(exchange()).toBeLessThan(first / 2);
		expect(codec.open.deflaters).toBe(1);
		serverContexts.sweep();
		expect(exchange()).toBeLessThan(first / 2);
		serverContexts.sweep();
		serverContexts.sweep();
		expect(codec.open.deflaters).toBe(0);
		// The peer's window still holds the old messages, and needs not be told.
		expect(exchange()).toBe(first);
		expect(exchange()).toBeLessThan(first / 2);
	});

	test("above maxContexts each message is compressed by itself, and the peer reads it as ever", () => {
		const codec = counted();
		const serverContexts = new DeflateContexts(codec, { threshold: 0, maxContexts: 1 });
		const clientContexts = new DeflateContexts(ZLIB, { threshold: 0 });
		const pairs = [1, 2, 3].map(() => joinTo(serverContexts, clientContexts));
		for (let round = 0; round < 3; round++)
			for (const { server, client } of pairs) {
				const encoded = server.encode(noise(300), true);
				expect(client.decode(encoded.slice(), true, ANY, ANY)).toEqual(noise(300));
			}
		// One with a context, and one for all others.
		expect(codec.open.deflaters).toBe(2);
	});

	test("a streamed message survives that its compressor is given back in its midst", () => {
		const { server, client, serverContexts } = join();
		const pieces = [noise(300), noise(300), noise(300)];
		const read = pieces.map((piece, i) => {
			const encoded = server.encode(piece, i === 2);
			serverContexts.sweep();
			serverContexts.sweep();
			return client.decode(encoded, i === 2, ANY, ANY);
		});
		expect(concat(read as Uint8Array[])).toEqual(concat(pieces));
	});

	test("a peer's window is never forgotten, however long it is idle", () => {
		const { server, client, serverContexts } = join();
		const send = (): Uint8Array => client.encode(noise(300), true).slice();
		expect(server.decode(send(), true, ANY, ANY)).toEqual(noise(300));
		for (let i = 0; i < 5; i++) serverContexts.sweep();
		expect(server.decode(send(), true, ANY, ANY)).toEqual(noise(300));
	});

	test("a peer without context takeover costs a decompressor only while its message is under way", () => {
		const codec = counted();
		const { server, client, serverContexts } = join({ peerContextTakeover: false }, {}, codec);
		const encoded = client.encode(noise(300), true);
		server.decode(encoded.slice(0, 100), false, ANY, ANY);
		serverContexts.sweep();
		expect(codec.open.inflaters).toBe(1);
		server.decode(encoded.slice(100), true, ANY, ANY);
		serverContexts.sweep();
		expect(codec.open.inflaters).toBe(0);
	});

	test.each([true, false])(
		"release gives everything back, also in the midst of a message (takeover: %s)",
		(takeover) => {
			const codec = counted();
			const { server, client } = join({ contextTakeover: takeover, peerContextTakeover: takeover }, {}, codec);
			server.encode(noise(300), false);
			server.decode(client.encode(noise(300), true).slice(0, 100), false, ANY, ANY);
			expect(codec.open).toEqual({ deflaters: 1, inflaters: 1 });
			server.release();
			expect(codec.open).toEqual({ deflaters: 0, inflaters: 0 });
		},
	);

	test("a decompressor that has failed is closed at once", () => {
		const codec = counted();
		const { server } = join({}, {}, codec);
		expect(server.decode(hex("ff"), true, ANY, ANY)).toBe("extension-data");
		expect(codec.open.inflaters).toBe(0);
		server.release();
	});
});

describe("broadcasts", () => {
	test("are shared by all who hold no context, whether they take it over or not", () => {
		const serverContexts = new DeflateContexts(ZLIB, { threshold: 0 });
		const with12 = joinTo(serverContexts, new DeflateContexts(ZLIB));
		const without = joinTo(serverContexts, new DeflateContexts(ZLIB, { peerContextTakeover: false }));
		const with9 = joinTo(serverContexts, new DeflateContexts(ZLIB, { peerWindowBits: 9 }));
		expect([with12, without, with9].map(({ server }) => server.shared)).toEqual(["12", "12", "9"]);
		const payload = repeated();
		const shared = with12.server.encodeShared(payload);
		for (const { client } of [with12, without]) expect(client.decode(shared.slice(), true, ANY, ANY)).toEqual(payload);
		expect(with12.server.shared).toBe("12");
	});

	test("a connection whose compressor remembers messages shares nothing, until it is given back", () => {
		const { server, serverContexts } = join();
		server.encode(noise(300), true);
		expect(server.shared).toBe(null);
		serverContexts.sweep();
		serverContexts.sweep();
		expect(server.shared).toBe("12");
	});

	test("messages of its own and shared ones may follow each other in any order", () => {
		const { server, client, serverContexts } = join();
		const payload = noise(300);
		for (const isShared of [true, false, false, true, true, false, true]) {
			if (isShared) {
				serverContexts.sweep();
				serverContexts.sweep();
			}
			const encoded = isShared ? server.encodeShared(payload) : server.encode(payload, true);
			expect(client.decode(encoded.slice(), true, ANY, ANY)).toEqual(payload);
		}
	});

	test("an empty message", () => {
		expect(toHex(join().server.encodeShared(hex("")))).toBe("00");
	});

	test("as frames", () => {
		const { server, client } = join();
		const frame = encodeMessage(server.encodeShared(utf8("news ".repeat(100))), true, RSV1);
		expect(eventsOf(reader("client", client), [frame])).toEqual([{ type: "text", text: "news ".repeat(100) }]);
	});
});

function repeated(): Uint8Array {
	return concat([noise(3_000), noise(3_000)]);
}

test.each(
	CODECS.flatMap(([one, codec]) => CODECS.map(([other, otherCodec]) => [one, other, codec, otherCodec] as const)),
)("%s and %s understand one another", (_one, _other, codec, otherCodec) => {
	const { server, client } = join({}, {}, codec, otherCodec);
	const [sending, receiving] = [writer("server", server), reader("client", client)];
	const messages = ["", "short", "long ".repeat(10_000), "long ".repeat(10_000), "ünïcode €".repeat(500)];
	for (const message of messages) sending.text(message);
	expect(eventsOf(receiving, outputOf(sending))).toEqual(messages.map((text) => ({ type: "text", text })));
});
