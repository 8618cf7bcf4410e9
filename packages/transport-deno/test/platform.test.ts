import assert from "node:assert/strict";
import { platform } from "../src/platform.ts";

const { decodeText } = platform;
assert.ok(decodeText !== undefined);

const TEXTS = [
	"",
	"a",
	"plain ASCII \x00\x7f",
	"grüße",
	"漢字",
	"😀",
	"\u{feff}with a byte order mark",
	"x".repeat(70_000),
];

for (const text of TEXTS) {
	Deno.test(`text of ${text.length} units, ${JSON.stringify(text.slice(0, 8))}…`, () => {
		const bytes = new TextEncoder().encode(text);
		assert.equal(decodeText(bytes), text);
		// A message is a view of what was read.
		const chunk = new Uint8Array(bytes.length + 9).fill(0xff);
		chunk.set(bytes, 5);
		assert.equal(decodeText(chunk.subarray(5, 5 + bytes.length)), text);
	});
}

Deno.test("RFC 6455 §8.1: what is not UTF-8 is no text", () => {
	for (const bytes of [[0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0xc3], [0xe9]])
		assert.equal(decodeText(Uint8Array.from(bytes)), null, `${bytes}`);
});
