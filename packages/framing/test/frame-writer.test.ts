import { describe, expect, test } from "vitest";
import { LARGE_PAYLOAD, SHORT_ASCII } from "../src/frame-writer.ts";
import { encodeMessage, FrameWriter, type Role } from "../src/index.ts";
import { slab } from "../src/slab.ts";
import { concat, data, encodeFrame, hex, toHex, utf8 } from "./wire.ts";
import { counting, output, pieces, readByPeer } from "./writing.ts";

function writerFor(role: Role): FrameWriter {
	return new FrameWriter(role, role === "client" ? { random: counting() } : {});
}

/** Bytes whose buffer somebody else has now. */
function transferred(): Uint8Array {
	const bytes = new Uint8Array(5000);
	structuredClone(bytes, { transfer: [bytes.buffer] });
	return bytes;
}

function usageError(code: string): unknown {
	return expect.objectContaining({ name: "UsageError", code });
}

describe("frames as they stand in RFC 6455 §5.7", () => {
	test("a text from a server", () => {
		const writer = new FrameWriter("server");
		writer.text("Hello");
		expect(toHex(output(writer))).toBe("810548656c6c6f");
	});

	test("a masked text from a client", () => {
		const writer = new FrameWriter("client", { random: (into) => into.set(hex("37fa213d")) });
		writer.text("Hello");
		expect(toHex(output(writer))).toBe("818537fa213d7f9f4d5158");
	});

	test("a fragmented text with a ping inside", () => {
		const writer = new FrameWriter("server");
		writer.fragment("text", utf8("Hel"), false);
		writer.ping(utf8("Hello"));
		writer.fragment("text", utf8("lo"), true);
		expect(toHex(output(writer))).toBe("010348656c" + "890548656c6c6f" + "80026c6f");
	});

	test("256 bytes and 64 KiB", () => {
		const writer = new FrameWriter("server");
		writer.binary(new Uint8Array(256));
		writer.binary(new Uint8Array(65536));
		const bytes = output(writer);
		expect(toHex(bytes.subarray(0, 4))).toBe("827e0100");
		expect(toHex(bytes.subarray(260, 270))).toBe("827f0000000000010000");
		expect(bytes.length).toBe(4 + 256 + 10 + 65536);
	});

	test("Close with and without a code, and with a reason", () => {
		const closes: [args: [code?: number, reason?: string], bytes: string][] = [
			[[], "8800"],
			[[1000], "880203e8"],
			[[4999, "é"], "88041387c3a9"],
		];
		for (const [args, bytes] of closes) {
			const writer = new FrameWriter("server");
			writer.close(...args);
			expect(toHex(output(writer))).toBe(bytes);
		}
	});
});

const boundaries = [0, 1, 125, 126, 127, 65535, 65536, LARGE_PAYLOAD - 1, LARGE_PAYLOAD, LARGE_PAYLOAD + 1, 200_000];

describe.each<Role>(["server", "client"])("%s", (role) => {
	test.each(boundaries)("binary of %i bytes", (length) => {
		const payload = Uint8Array.from({ length }, (_, i) => (i * 13) & 0xff);
		const before = payload.slice();
		const writer = writerFor(role);
		writer.binary(payload);
		const key = role === "client" ? hex("01020304") : null;
		const expected = encodeFrame(data(2, payload), key);
		expect(writer.buffered).toBe(expected.length);
		expect(Buffer.compare(output(writer), expected)).toBe(0);
		expect(writer.buffered).toBe(0);
		// The payload is the caller's.
		expect(Buffer.compare(payload, before)).toBe(0);
	});

	test.each(["a", "é", "€", "\u{1f600}"])("text of %s around every length", (unit) => {
		const key = role === "client" ? hex("01020304") : null;
		const counts = [
			0, 1, 31, 32, 33, 41, 42, 43, 62, 63, 64, 124, 125, 126, 127, 1365, 1366, 4096, 21845, 21846, 65536,
		];
		for (const count of [...counts, SHORT_ASCII, SHORT_ASCII + 1]) {
			const text = unit.repeat(count);
			const writer = writerFor(role);
			writer.text(text);
			const expected = encodeFrame(data(1, utf8(text)), key);
			expect(writer.buffered).toBe(expected.length);
			if (Buffer.compare(output(writer), expected) !== 0) expect.fail(`${count} times ${unit}`);
		}
	});

	test("text that turns out not to be ASCII at its end", () => {
		const writer = writerFor(role);
		writer.text("abcdefgé");
		expect(readByPeer(role, output(writer))).toEqual([`text ${toHex(utf8("abcdefgé"))}`]);
	});

	test("a lone surrogate becomes U+FFFD", () => {
		const writer = writerFor(role);
		writer.text("a\ud800b");
		writer.text(`${"a".repeat(3000)}\udc00`);
		const long = `${"61".repeat(3000)}efbfbd`;
		expect(readByPeer(role, output(writer))).toEqual(["text 61efbfbd62", `text ${long}`]);
	});

	test("ping and pong of 0 and 125 bytes", () => {
		const writer = writerFor(role);
		writer.ping(new Uint8Array(0));
		writer.pong(new Uint8Array(125).fill(7));
		expect(readByPeer(role, output(writer))).toEqual(["ping ", `pong ${"07".repeat(125)}`]);
	});
});

describe("masking keys", () => {
	test("a new one for each frame", () => {
		const writer = writerFor("client");
		writer.binary(hex("00000000"));
		writer.ping(hex("00000000"));
		writer.text("");
		expect(toHex(output(writer))).toBe(
			"8284 01020304 01020304 8984 05060708 05060708 8180 090a0b0c".replaceAll(" ", ""),
		);
	});

	test("random is asked for 4 bytes for each frame, also for a large one and for each fragment", () => {
		const asked: number[] = [];
		const writer = new FrameWriter("client", { random: (into) => void asked.push(into.length) });
		writer.text("a");
		writer.binary(new Uint8Array(LARGE_PAYLOAD + 1));
		writer.fragment("binary", hex(""), false);
		writer.fragment("binary", hex("01"), false);
		writer.fragment("binary", hex(""), true);
		writer.close();
		expect(asked).toEqual([4, 4, 4, 4, 4]);
	});

	test("a client needs a source of randomness", () => {
		expect(() => new FrameWriter("client")).toThrow(usageError("ERR_RANDOM_REQUIRED"));
	});
});

describe("misuse is a UsageError and writes nothing", () => {
	const misuses: [code: string, use: (writer: FrameWriter) => void][] = [
		["ERR_CONTROL_TOO_LONG", (writer) => writer.ping(new Uint8Array(126))],
		["ERR_CONTROL_TOO_LONG", (writer) => writer.pong(new Uint8Array(126))],
		["ERR_CLOSE_REASON_TOO_LONG", (writer) => writer.close(1000, "a".repeat(124))],
		["ERR_CLOSE_REASON_TOO_LONG", (writer) => writer.close(1000, "é".repeat(62))],
		["ERR_INVALID_CLOSE_CODE", (writer) => writer.close(1005)],
		["ERR_INVALID_CLOSE_CODE", (writer) => writer.close(undefined, "why")],
		["ERR_INVALID_UTF8", (writer) => writer.fragment("text", hex("ff"), false)],
		["ERR_INVALID_UTF8", (writer) => writer.fragment("text", hex("c3"), true)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.ping(100 as unknown as Uint8Array)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.binary("text" as unknown as Uint8Array)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.binary(new ArrayBuffer(8) as unknown as Uint8Array)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.binary(new Uint16Array(8) as unknown as Uint8Array)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.prepared(null as unknown as Uint8Array)],
		["ERR_INVALID_PAYLOAD", (writer) => writer.message("text", "text" as unknown as Uint8Array)],
		["ERR_TRANSFERRED", (writer) => writer.binary(transferred())],
		["ERR_TRANSFERRED", (writer) => writer.fragment("binary", transferred(), false)],
		["ERR_TRANSFERRED", (writer) => writer.prepared(transferred())],
		["ERR_TRANSFERRED", () => encodeMessage(transferred())],
		["ERR_INVALID_TEXT", (writer) => writer.text(1 as unknown as string)],
	];
	test.each(misuses)("%s: %s", (code, use) => {
		const writer = new FrameWriter("server");
		expect(() => use(writer)).toThrow(usageError(code));
		expect(writer.buffered).toBe(0);
		expect(writer.next()).toBeNull();
		writer.text("as before");
		expect(readByPeer("server", output(writer))).toEqual([`text ${toHex(utf8("as before"))}`]);
	});

	test("data of another message between the fragments of one", () => {
		const writer = new FrameWriter("server");
		writer.fragment("text", utf8("a"), false);
		const code = usageError("ERR_MESSAGE_UNFINISHED");
		expect(() => writer.text("b")).toThrow(code);
		expect(() => writer.binary(utf8("b"))).toThrow(code);
		expect(() => writer.fragment("binary", utf8("b"), true)).toThrow(code);
		expect(() => writer.prepared(encodeMessage("b"))).toThrow(code);
		expect(() => writer.message("text", utf8("b"))).toThrow(code);
		expect(writer.unfinished).toBe("text");
		expect(() => writer.fragment("text", hex("ff"), true)).toThrow(usageError("ERR_INVALID_UTF8"));
		writer.fragment("text", utf8("c"), true);
		writer.binary(utf8("d"));
		expect(readByPeer("server", output(writer))).toEqual(["text 6163", "binary 64"]);
	});

	test("§5.5.1: no data and no second Close after Close; ping and pong may follow", () => {
		const writer = new FrameWriter("server");
		writer.fragment("text", utf8("a"), false);
		writer.close(1000);
		const code = usageError("ERR_CLOSE_SENT");
		expect(() => writer.text("b")).toThrow(code);
		expect(() => writer.binary(utf8("b"))).toThrow(code);
		expect(() => writer.fragment("text", utf8("b"), true)).toThrow(code);
		expect(() => writer.prepared(encodeMessage("b"))).toThrow(code);
		expect(() => writer.close(1000)).toThrow(code);
		writer.pong(utf8("p"));
		expect(toHex(output(writer))).toBe("010161" + "880203e8" + "8a0170");
	});

	test("prepared frames are for servers", () => {
		const code = usageError("ERR_PREPARED_NOT_ALLOWED");
		expect(() => writerFor("client").prepared(encodeMessage("a"))).toThrow(code);
	});

	test("a typed array as a close reason leaks no memory", () => {
		const writer = new FrameWriter("server");
		writer.close(1000, new Uint8Array([1, 2]) as unknown as string);
		expect(toHex(output(writer))).toBe(`880503e8${toHex(utf8("1,2"))}`);
	});
});

test("raw bytes leave before the first frame, and empty ones are no piece", () => {
	const writer = new FrameWriter("server");
	const head = utf8("HTTP");
	writer.raw(hex(""));
	writer.raw(head);
	expect([writer.buffered, writer.bufferedData]).toEqual([4, 0]);
	writer.text("a");
	expect([pieces(writer)[0], writer.next()]).toEqual([head, null]);
});

test("a message whose payload is there in bytes is framed like any other", () => {
	const writer = new FrameWriter("server");
	writer.message("text", utf8("é"));
	writer.message("binary", hex("01"));
	expect(toHex(output(writer))).toBe("8102c3a9" + "820101");
});

describe("bufferedData: bytes up to the end of the last data frame", () => {
	test("control frames behind it don't count, those before it do", () => {
		const writer = new FrameWriter("server");
		writer.ping(hex("01"));
		expect(writer.bufferedData).toBe(0);
		writer.text("ab");
		expect(writer.bufferedData).toBe(3 + 4);
		writer.pong(hex(""));
		writer.close();
		expect([writer.buffered, writer.bufferedData]).toEqual([11, 7]);
	});

	test.each(["text", "binary", "fragment", "prepared"] as const)("%s: 0 when it has been taken", (kind) => {
		for (const size of [1, LARGE_PAYLOAD + 1]) {
			const writer = new FrameWriter("server");
			const payload = new Uint8Array(size).fill(0x61);
			if (kind === "text") writer.text("a".repeat(size));
			else if (kind === "fragment") writer.fragment("binary", payload, false);
			else if (kind === "prepared") writer.prepared(encodeMessage(payload));
			else writer.binary(payload);
			expect(writer.bufferedData).toBe(writer.buffered);
			writer.ping(hex(""));
			let left = writer.bufferedData;
			for (let piece = writer.next(); piece !== null; piece = writer.next()) {
				left = Math.max(0, left - piece.length);
				expect(writer.bufferedData).toBe(left);
			}
			expect([writer.buffered, writer.bufferedData]).toEqual([0, 0]);
		}
	});
});

describe("fragments", () => {
	test("empty ones write no frame but for the last", () => {
		const writer = new FrameWriter("server");
		writer.fragment("binary", hex(""), false);
		writer.fragment("binary", hex("01"), false);
		writer.fragment("binary", hex(""), false);
		writer.fragment("binary", hex(""), true);
		writer.fragment("binary", hex(""), true);
		expect(toHex(output(writer))).toBe("020101" + "8000" + "8200");
	});

	test("a text may be cut inside a character", () => {
		const writer = new FrameWriter("server");
		for (const byte of utf8("€\u{1f600}")) writer.fragment("text", Uint8Array.of(byte), false);
		writer.fragment("text", hex(""), true);
		expect(readByPeer("server", output(writer))).toEqual([`text ${toHex(utf8("€\u{1f600}"))}`]);
	});
});

describe("pieces", () => {
	test("consecutive small frames leave as one view of the slab", () => {
		const writer = new FrameWriter("server");
		for (let i = 0; i < 20; i++) writer.text(`message ${i}`);
		writer.ping(hex("01"));
		const taken = pieces(writer);
		// Two when the slab happened to be full in between.
		expect(taken.length).toBeLessThanOrEqual(2);
		expect(taken.at(-1)!.buffer).toBe(slab.buffer);
	});

	test("a server's large payload is its own piece, not a copy", () => {
		const payload = new Uint8Array(LARGE_PAYLOAD + 1);
		const writer = new FrameWriter("server");
		writer.text("before");
		writer.binary(payload);
		writer.text("after");
		const taken = pieces(writer);
		expect(taken.length).toBe(3);
		expect(taken[1]).toBe(payload);
		expect(toHex(taken[0]!)).toBe(`8106${toHex(utf8("before"))}827e1001`);
	});

	test("prepared frames are not copied", () => {
		const small = encodeMessage("small");
		const large = encodeMessage(new Uint8Array(LARGE_PAYLOAD));
		const writer = new FrameWriter("server");
		writer.prepared(small);
		writer.prepared(large);
		expect(writer.buffered).toBe(small.length + large.length);
		const taken = pieces(writer);
		expect([taken[0] === small, taken[1] === large]).toEqual([true, true]);
	});

	test("what was taken never changes, whatever is written afterwards by anyone", () => {
		const writers = [new FrameWriter("server"), writerFor("client"), new FrameWriter("server")];
		const taken: { piece: Uint8Array; copy: string }[] = [];
		for (let round = 0; round < 400; round++) {
			for (const writer of writers) {
				writer.text("é".repeat(round % 50));
				writer.binary(new Uint8Array((round * 7) % 900).fill(round));
				if (round % 3 === 0) for (const piece of pieces(writer)) taken.push({ piece, copy: toHex(piece) });
			}
		}
		for (const { piece, copy } of taken) if (toHex(piece) !== copy) expect.fail("a piece has changed");
	});

	test("writers that share a slab give out their own bytes and no neighbour's", () => {
		const writers = Array.from({ length: 5 }, () => new FrameWriter("server"));
		const expected = writers.map(() => [] as Uint8Array[]);
		for (let round = 0; round < 300; round++) {
			writers.forEach((writer, i) => {
				const payload = new Uint8Array((round * 31 + i * 17) % 700).fill(i + 1);
				writer.binary(payload);
				expected[i]!.push(encodeFrame(data(2, payload), null));
			});
		}
		writers.forEach((writer, i) => {
			expect(Buffer.compare(output(writer), concat(expected[i]!))).toBe(0);
		});
	});
});
