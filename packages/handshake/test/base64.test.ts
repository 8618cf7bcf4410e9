import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64 } from "../src/base64.ts";

// RFC 4648 §10.
test.each([
	["", ""],
	["f", "Zg=="],
	["fo", "Zm8="],
	["foo", "Zm9v"],
	["foob", "Zm9vYg=="],
	["fooba", "Zm9vYmE="],
	["foobar", "Zm9vYmFy"],
])("%j becomes %j", (text, encoded) => {
	expect(encodeBase64(new TextEncoder().encode(text))).toBe(encoded);
});

test("RFC 4648 §4: characters 62 and 63 are + and /", () => {
	expect(encodeBase64(Uint8Array.of(0xfb, 0xef, 0xff))).toBe("++//");
});

test("any bytes encode as the runtime's own btoa does", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
			expect(encodeBase64(bytes)).toBe(btoa(String.fromCharCode(...bytes)));
		}),
	);
});
