import { expect, test } from "vitest";
import { encodeMessage, RSV1, RSV2 } from "../src/index.ts";
import { data, encodeFrame, toHex, utf8 } from "./wire.ts";

test.each([0, 1, 125, 126, 65535, 65536])("%i bytes, text and binary", (length) => {
	const text = "a".repeat(length);
	expect(Buffer.compare(encodeMessage(text), encodeFrame(data(1, text), null))).toBe(0);
	expect(Buffer.compare(encodeMessage(utf8(text)), encodeFrame(data(2, text), null))).toBe(0);
});

test("a payload that an extension has made: the kind and the bits are told", () => {
	expect(toHex(encodeMessage(utf8("a"), true))).toBe("810161");
	expect(toHex(encodeMessage(utf8("a"), true, RSV1))).toBe("c10161");
	expect(toHex(encodeMessage(utf8("a"), false, RSV2))).toBe("a20161");
});

test("the result stands alone", () => {
	const frame = encodeMessage("é");
	expect(toHex(frame)).toBe("8102c3a9");
	expect(frame.buffer.byteLength).toBe(4);
});
