import { expect, test } from "vitest";
import { decodeAscii, decodeUtf8, SHORT_TEXT } from "../src/text-decoding.ts";
import { hex, utf8 } from "./wire.ts";

test.each(["", "Hello", "a".repeat(SHORT_TEXT), "a".repeat(SHORT_TEXT + 1), "é€\u{1f600}", "\u0000", "é".repeat(500)])(
	"%j, in the middle of a chunk and as all of it",
	(text) => {
		const bytes = utf8(text);
		expect(decodeUtf8(bytes, 0, bytes.length)).toBe(text);
		expect(decodeUtf8(new Uint8Array([0x80, ...bytes, 0x80]), 1, bytes.length + 1)).toBe(text);
	},
);

test("a byte order mark is text", () => {
	expect(decodeUtf8(hex("efbbbf61"), 0, 4)).toBe("\ufeffa");
});

test("what isn't UTF-8 is null", () => {
	expect(decodeUtf8(hex("61ff"), 0, 2)).toBeNull();
	expect(decodeUtf8(hex(`${"61".repeat(300)}c3`), 0, 301)).toBeNull();
});

test("decodeAscii gives up at the first other byte", () => {
	expect(decodeAscii(hex("6162"), 0, 2)).toBe("ab");
	expect(decodeAscii(hex("6180"), 0, 2)).toBeNull();
});
