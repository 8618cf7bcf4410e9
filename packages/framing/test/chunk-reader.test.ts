import { describe, expect, test } from "vitest";
import { ChunkReader } from "../src/index.ts";
import { everyByte, readChunkEvents, readChunks } from "./reading.ts";
import { data, encodeFor, encodeFrame, hex, MASKING_KEY, utf8 } from "./wire.ts";

test("pieces come as they arrive, without waiting for their frame", () => {
	const reader = new ChunkReader("client");
	reader.receive(hex("02 05 61 62"));
	expect(reader.next()).toEqual({ type: "chunk", kind: "binary", bytes: hex("6162"), first: true, last: false });
	expect([reader.next(), reader.unread]).toEqual([null, 0]);
	reader.receive(hex("63 64 65 89 00 80"));
	expect(reader.next()).toEqual({ type: "chunk", kind: "binary", bytes: hex("636465"), first: false, last: false });
	expect(reader.next()).toEqual({ type: "ping", payload: hex("") });
	expect(reader.next()).toBeNull();
	reader.receive(hex("01 66"));
	expect(reader.next()).toEqual({ type: "chunk", kind: "binary", bytes: hex("66"), first: false, last: true });
});

describe("empty fragments", () => {
	test("make no event unless they end the message", () => {
		const bytes = encodeFor("server", [data(1, "", false), data(0, "", false), data(0, "a", false), data(0, "")]);
		expect(readChunkEvents("server", [bytes])).toEqual([
			{ type: "chunk", kind: "text", bytes: hex("61"), first: true, last: false },
			{ type: "chunk", kind: "text", bytes: hex(""), first: false, last: true },
		]);
	});

	test("an empty message is one empty piece, first and last", () => {
		const bytes = encodeFor("client", [data(2, "", false), data(0, ""), data(1, "")]);
		expect(readChunkEvents("client", [bytes])).toEqual([
			{ type: "chunk", kind: "binary", bytes: hex(""), first: true, last: true },
			{ type: "chunk", kind: "text", bytes: hex(""), first: true, last: true },
		]);
	});
});

test("pieces are views of the chunk", () => {
	const chunk = encodeFrame(data(2, "hello"), MASKING_KEY);
	const reader = new ChunkReader("server");
	reader.receive(chunk);
	const event = reader.next();
	expect(event?.type === "chunk" && event.bytes.buffer === chunk.buffer).toBe(true);
});

test("a text may be cut inside a character and is validated all the same", () => {
	const bytes = encodeFor("server", [data(1, utf8("€").subarray(0, 2), false), data(0, utf8("€").subarray(2))]);
	expect(readChunks("server", everyByte(bytes))).toEqual(["text e282ac"]);
	const reader = new ChunkReader("client");
	reader.receive(hex("81 7f 00000000 00f00000 61 c3"));
	expect(reader.next()).toMatchObject({ type: "chunk", last: false });
	// The frame goes on for 15 MB; the byte that can't follow C3 is enough.
	reader.receive(hex("61"));
	expect(reader.next()).toMatchObject({ type: "failed", failure: { kind: "invalid-utf8" } });
	expect(reader.next()).toBeNull();
});

test("messages far above any buffer pass through", () => {
	const reader = new ChunkReader("client", { limits: { maxMessageSize: Number.POSITIVE_INFINITY } });
	reader.receive(hex("82 7f 00000000 10000000"));
	expect(reader.next()).toBeNull();
	const block = new Uint8Array(1 << 20);
	for (let i = 0; i < 256; i++) {
		reader.receive(block);
		expect(reader.next()).toMatchObject({ type: "chunk", first: i === 0, last: i === 255 });
	}
	expect([reader.next(), reader.unread]).toEqual([null, 0]);
});
