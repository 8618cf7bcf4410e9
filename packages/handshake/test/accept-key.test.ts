import { expect, test } from "vitest";
import { computeAccept, createKey, isKey } from "../src/accept-key.ts";

test("RFC 6455 §1.3: the accept value of the example", () => {
	expect(computeAccept("dGhlIHNhbXBsZSBub25jZQ==")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("RFC 6455 §4.2.2 item 5.4: the key is taken as a string, so two keys of the same bytes differ", () => {
	// Both decode to the bytes 01 to 10.
	expect(computeAccept("AQIDBAUGBwgJCgsMDQ4PEC==")).not.toBe(computeAccept("AQIDBAUGBwgJCgsMDQ4PEA=="));
});

test("RFC 6455 §4.1 item 7: a key is 16 bytes of the caller's randomness in base64", () => {
	const asked: number[] = [];
	const key = createKey((into) => {
		asked.push(into.length);
		into.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
	});
	expect(asked).toEqual([16]);
	expect(key).toBe("AQIDBAUGBwgJCgsMDQ4PEA==");
	expect(isKey(key)).toBe(true);
});

test("RFC 6455 §4.1 item 7: the RFC's own example is a key, although its unused bits are set", () => {
	expect(isKey("AQIDBAUGBwgJCgsMDQ4PEC==")).toBe(true);
});

test.each([
	["empty", ""],
	["15 bytes", "AQIDBAUGBwgJCgsMDQ4P"],
	["17 bytes", "AQIDBAUGBwgJCgsMDQ4PEBE="],
	["21 characters", "AQIDBAUGBwgJCgsMDQ4PE=="],
	["no padding", "AQIDBAUGBwgJCgsMDQ4PEA"],
	["one padding character too few", "AQIDBAUGBwgJCgsMDQ4PEA="],
	["one padding character too many", "AQIDBAUGBwgJCgsMDQ4PEA==="],
	["RFC 4648 §5's URL-safe alphabet", "AQIDBAUGBwgJCgsMDQ4P-A=="],
	["whitespace", "AQIDBAUGBwg JCgsMDQ4PEA="],
	["a line feed behind it", "AQIDBAUGBwgJCgsMDQ4PEA==\n"],
	["two keys as one list", "AQIDBAUGBwgJCgsMDQ4PEA==, AQIDBAUGBwgJCgsMDQ4PEA=="],
])("RFC 6455 §4.2.1 item 5: no key: %s", (_, text) => {
	expect(isKey(text)).toBe(false);
});
