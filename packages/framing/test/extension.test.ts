import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Extension, type FailureKind, FrameWriter, MessageReader, RSV1, RSV2, RSV3 } from "../src/index.ts";
import { cuts } from "./arbitraries.ts";
import { cut, readMessages, readParts } from "./reading.ts";
import { concat, data, encodeFor, hex, toHex, utf8 } from "./wire.ts";
import { counting, output, readByPeer } from "./writing.ts";

/** Doubles each byte, holds everything back until the message ends, and may leave a message as it is. */
function doubling(rsv: number, from = 0): Extension {
	let incoming: Uint8Array[] = [];
	let outgoing: Uint8Array[] = [];
	const double = (bytes: Uint8Array): Uint8Array =>
		Uint8Array.from({ length: bytes.length * 2 }, (_, i) => bytes[i >> 1]!);
	return {
		name: "x-doubling",
		rsv,
		shared: "always",
		snapshot: () => ({ ok: false, reason: "it holds messages back" }),
		release() {},
		decode(piece, last): Uint8Array | FailureKind {
			incoming.push(piece.slice());
			if (!last) return new Uint8Array(0);
			const whole = concat(incoming);
			incoming = [];
			return whole.length % 2 === 1 ? "extension-data" : whole.filter((_, i) => i % 2 === 0);
		},
		outgoingRsv: (_, size) => (size === null || size >= from ? rsv : 0),
		encode(piece, last) {
			outgoing.push(piece.slice());
			if (!last) return new Uint8Array(0);
			const whole = concat(outgoing);
			outgoing = [];
			return double(whole);
		},
		encodeShared: double,
	};
}

/** Adds a number to each byte, piece by piece. */
function adding(rsv: number, summand: number): Extension {
	return {
		name: `x-adding-${summand}`,
		rsv,
		shared: null,
		snapshot: () => ({ ok: true, state: null }),
		release() {},
		decode: (piece) => piece.map((byte) => byte - summand),
		outgoingRsv: () => rsv,
		encode: (piece) => piece.map((byte) => byte + summand),
		encodeShared: (payload) => payload.map((byte) => byte + summand),
	};
}

function usageError(code: string): unknown {
	return expect.objectContaining({ name: "UsageError", code });
}

describe("claims", () => {
	test.each([
		() => new MessageReader("client", { extensions: [adding(RSV1, 1), adding(RSV1, 2)] }),
		() => new MessageReader("client", { parts: true, extensions: [adding(RSV1 | RSV2, 1), adding(RSV2, 2)] }),
		() => new FrameWriter("server", { extensions: [adding(RSV3, 1), adding(RSV3, 2)] }),
	])("two extensions can't claim one bit", (construct) => {
		expect(construct).toThrow(usageError("ERR_RSV_CONFLICT"));
	});

	test.each([0, 8, RSV1 | 8])("one to three bits, not %i", (rsv) => {
		expect(() => new MessageReader("client", { extensions: [adding(rsv, 1)] })).toThrow(usageError("ERR_INVALID_RSV"));
	});

	test("a claimed bit is for the first frame of a data message, no other bit and no other frame", () => {
		const read = (bytes: string): string[] => readMessages("client", [hex(bytes)], { extensions: [doubling(RSV1)] });
		expect(read("c2 02 6161")).toEqual(["binary 61"]);
		expect(read("42 02 6161 80 02 6262")).toEqual(["binary 6162"]);
		expect(read("82 02 6161")).toEqual(["binary 6161"]);
		expect(read("a2 02 6161")).toEqual(["failed reserved-bits 1002"]);
		expect(read("42 02 6161 c0 02 6262")).toEqual(["failed reserved-bits 1002"]);
		expect(read("c9 00")).toEqual(["failed reserved-bits 1002"]);
		expect(read("c3 00")).toEqual(["failed reserved-opcode 1002"]);
	});
});

describe("incoming", () => {
	test("UTF-8 is validated behind the extension", () => {
		const extensions = [adding(RSV1, 1)];
		const bytes = encodeFor("client", [data(1, hex("e383ad"), true, RSV1)]);
		expect(readMessages("client", [bytes], { extensions })).toEqual(["text e282ac"]);
		expect(readParts("client", [bytes], { extensions })).toEqual(["text e282ac"]);
		const invalid = encodeFor("client", [data(1, hex("e382"), false, RSV1), data(0, hex("00"))]);
		expect(readMessages("client", [invalid], { extensions })).toEqual(["failed invalid-utf8 1007"]);
	});

	test("control frames pass between the pieces of a message and untouched", () => {
		const frames = [data(2, "aa", false, RSV1), data(9, "xy"), data(0, "bb"), data(8, hex("03e8"))];
		const expected = ["ping 7879", "binary 6162", "close 1000 "];
		expect(readMessages("server", [encodeFor("server", frames)], { extensions: [doubling(RSV1)] })).toEqual(expected);
	});

	test("an empty message reaches the extension, one without its bits doesn't", () => {
		const calls: [number, boolean, number][] = [];
		const spy: Extension = {
			...adding(RSV1, 0),
			decode(piece, last, room) {
				calls.push([piece.length, last, room]);
				return piece;
			},
		};
		const frames = [data(2, "", true, RSV1), data(2, "ab", false, RSV1), data(0, "", false), data(0, "c"), data(1, "")];
		const bytes = encodeFor("client", frames);
		readMessages("client", [bytes], { extensions: [spy], limits: { maxMessageSize: 10 } });
		expect(calls).toEqual([
			[0, true, 10],
			[2, false, 10],
			[1, true, 8],
		]);
	});

	test("the message limit is on what comes out: its size passes, one byte more doesn't and is not cut short", () => {
		const exploding = (size: number): Extension => ({ ...adding(RSV1, 0), decode: () => new Uint8Array(size) });
		const limits = { maxMessageSize: 1000, maxStreamedSize: 1000 };
		const read = (size: number, bytes: string): string[] =>
			readMessages("client", [hex(bytes)], { extensions: [exploding(size)], limits });
		expect(read(1000, "c2 01 00")).toEqual([`binary ${"00".repeat(1000)}`]);
		expect(read(1001, "c2 01 00")).toEqual(["failed message-too-big 1009"]);
		expect(read(501, "42 01 00 80 01 00")).toEqual(["failed message-too-big 1009"]);
		expect(readParts("client", [hex("42 01 00 80 01 00")], { extensions: [exploding(501)], limits })).toEqual([
			"failed message-too-big 1009",
		]);
	});

	test("compressed bytes above the limit pass if what comes out is below it", () => {
		const bytes = encodeFor("client", [data(2, "aabbcc", true, RSV1)]);
		const options = { extensions: [doubling(RSV1)], limits: { maxMessageSize: 3 } };
		expect(readMessages("client", [bytes], options)).toEqual(["binary 616263"]);
		expect(readMessages("client", [hex("82 04")], options)).toEqual(["failed message-too-big 1009"]);
		expect(readMessages("client", [hex("c2 04")], { ...options, limits: { maxFrameSize: 3 } })).toEqual([
			"failed frame-too-big 1009",
		]);
	});

	test("a message that carries the bits of one of two extensions passes that one", () => {
		const extensions = [doubling(RSV1), adding(RSV2, 1)];
		const bytes = [data(2, "aa", true, RSV1), data(2, "b", true, RSV2), data(2, "c")];
		expect(readMessages("client", [encodeFor("client", bytes)], { extensions })).toEqual([
			"binary 61",
			"binary 61",
			"binary 63",
		]);
	});

	test("of a text that is no UTF-8 and can't be decoded either, the failure does not depend on the cuts", () => {
		const extension: Extension = {
			...adding(RSV1, 0),
			decode: (piece) => (piece.includes(0x21) ? "extension-data" : piece),
		};
		const frames = [data(1, hex("ff"), false, RSV1), data(0, "ab", false), data(0, "!")];
		const bytes = encodeFor("client", frames);
		for (const position of bytes.keys())
			expect(readMessages("client", cut(bytes, [position]), { extensions: [extension] })).toEqual([
				"failed extension-data 1007",
			]);
	});

	test("an extension's failure is the connection's", () => {
		const options = { extensions: [doubling(RSV1)] };
		expect(readMessages("client", [hex("c2 01 61 89 00")], options)).toEqual(["failed extension-data 1007"]);
		expect(readParts("client", [hex("c2 01 61 89 00")], options)).toEqual(["failed extension-data 1007"]);
	});
});

describe("outgoing", () => {
	test("bits on the first frame only, and the choice is made per message", () => {
		const writer = new FrameWriter("server", { extensions: [doubling(RSV1, 2)] });
		writer.text("ab");
		writer.text("a");
		writer.binary(hex(""));
		writer.ping(utf8("p"));
		expect(toHex(output(writer))).toBe("c10461616262" + "810161" + "8200" + "890170");
	});

	test("a streamed message: what is held back makes no frame, the first frame made carries the bits", () => {
		const writer = new FrameWriter("server", { extensions: [doubling(RSV1, 2)] });
		writer.fragment("binary", utf8("a"), false);
		writer.ping(hex(""));
		writer.fragment("binary", utf8("b"), true);
		expect(toHex(output(writer))).toBe("8900" + "c20461616262");
		const adds = new FrameWriter("server", { extensions: [adding(RSV2, 1)] });
		adds.fragment("binary", utf8("a"), false);
		adds.fragment("binary", utf8("b"), true);
		expect(toHex(output(adds))).toBe("220162" + "800163");
	});

	test("a plain message passes no extension", () => {
		const writer = new FrameWriter("server", { extensions: [doubling(RSV1)] });
		writer.text("ab", true);
		writer.binary(utf8("ab"), true);
		writer.text("x".repeat(20_000), true);
		expect(toHex(output(writer))).toBe(`81026162${"82026162"}817e4e20${"78".repeat(20_000)}`);
	});

	test("a text is given to the extension in UTF-8, whatever its length", () => {
		for (const text of ["é", "a", "€".repeat(50), "€".repeat(6_000)]) {
			const writer = new FrameWriter("server", { extensions: [doubling(RSV1)] });
			writer.text("before", true);
			writer.text(text);
			writer.text("behind", true);
			expect(readByPeer("server", output(writer), { extensions: [doubling(RSV1)] })).toEqual(
				["before", text, "behind"].map((each) => `text ${toHex(utf8(each))}`),
			);
		}
	});

	test("bits that an extension has not claimed are not set", () => {
		const writer = new FrameWriter("server", { extensions: [{ ...adding(RSV1, 0), outgoingRsv: () => 0b111 }] });
		writer.binary(hex(""));
		expect(toHex(output(writer))).toBe("c200");
	});

	test("§9.1: outgoing in the order of the list, incoming in the reverse order", () => {
		const list = (): Extension[] => [
			doubling(RSV1),
			{ ...adding(RSV2, 1), encode: (piece) => concat([piece, hex("ff00")]) },
		];
		const writer = new FrameWriter("server", { extensions: list() });
		writer.binary(hex("01"));
		expect(toHex(output(writer))).toBe("e2040101ff00");
		const order: string[] = [];
		const spy = (name: string, rsv: number): Extension => ({
			...adding(rsv, 0),
			decode(piece) {
				order.push(name);
				return piece;
			},
		});
		readMessages("client", [hex("e2 00")], { extensions: [spy("first", RSV1), spy("second", RSV2)] });
		expect(order).toEqual(["second", "first"]);
	});
});

test("a round trip through two extensions, for any fragments and cuts", () => {
	fc.assert(
		fc.property(
			fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1, maxLength: 4 }),
			cuts,
			(parts, positions) => {
				const extensions = (): Extension[] => [doubling(RSV1, 10), adding(RSV3, 77)];
				const writer = new FrameWriter("client", { random: counting(), extensions: extensions() });
				parts.forEach((part, i) => {
					writer.fragment("binary", part, i === parts.length - 1);
					writer.ping(hex("01"));
				});
				writer.binary(concat(parts));
				writer.text("as text");
				const bytes = output(writer);
				const messages = ["binary", "binary"].map((type) => `${type} ${toHex(concat(parts))}`);
				const expected = [...messages, `text ${toHex(utf8("as text"))}`];
				const isData = (event: string): boolean => !event.startsWith("ping");
				expect(readMessages("server", cut(bytes, positions), { extensions: extensions() }).filter(isData)).toEqual(
					expected,
				);
				expect(readParts("server", cut(bytes, positions), { extensions: extensions() }).filter(isData)).toEqual(
					expected,
				);
			},
		),
	);
});
