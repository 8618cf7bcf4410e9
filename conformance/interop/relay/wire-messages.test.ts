import { describe, expect, test } from "vitest";
import { WireMessages } from "./wire-messages.ts";

function read(...chunks: Buffer[]): WireMessages {
	const wire = new WireMessages();
	for (const chunk of chunks) wire.read(chunk);
	return wire;
}

function bytes(hex: string): Buffer {
	return Buffer.from(hex.replaceAll(" ", ""), "hex");
}

describe("what a relay makes of frames", () => {
	// A compressed text, masked; a ping amid two fragments of a compressed binary message; an empty text; 126 bytes.
	const STREAM = bytes(`c1 81 01020304 ff 42 01 aa 89 00 80 02 bb cc 81 00 82 7e 007e ${"00".repeat(126)}`);
	const MESSAGES = [
		{ kind: "text", rsv1: true, frames: 1, bytes: 1 },
		{ kind: "binary", rsv1: true, frames: 2, bytes: 3 },
		{ kind: "text", rsv1: false, frames: 1, bytes: 0 },
		{ kind: "binary", rsv1: false, frames: 1, bytes: 126 },
	];

	test("its messages, however the stream is cut", () => {
		for (let cut = 0; cut <= STREAM.length; cut++) {
			const { messages, failures } = read(STREAM.subarray(0, cut), STREAM.subarray(cut));
			expect({ cut, messages, failures }).toEqual({ cut, messages: MESSAGES, failures: [] });
		}
		expect(read(...Array.from(STREAM, (byte) => Buffer.of(byte))).messages).toEqual(MESSAGES);
	});

	test("a length of 64 bits", () => {
		const long = Buffer.concat([bytes("82 7f 0000000000010000"), Buffer.alloc(65_536)]);
		expect(read(long, bytes("81 00")).messages.map((message) => message.bytes)).toEqual([65_536, 0]);
	});

	test.each([
		["RSV1 on a continuation", "01 00 c0 00"],
		["RSV1 on a ping", "c9 00"],
		["RSV2", "a1 00"],
		["a continuation of nothing", "80 00"],
	])("a failure: %s", (_name, hex) => {
		expect(read(bytes(hex)).failures).toHaveLength(1);
	});
});
