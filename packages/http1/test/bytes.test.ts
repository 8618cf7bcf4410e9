import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBytes, encodeBytes } from "../src/bytes.ts";
import { text } from "./drive.ts";

describe("decodeBytes", () => {
	it("gives one character per byte, for bytes that look like UTF-8 too", () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 30 }),
			fc.string({ unit: "binary" }).map((string) => new TextEncoder().encode(string)),
			fc.constantFrom(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), Uint8Array.of(0xef, 0xbf, 0xbd), Uint8Array.of(0x80)),
		);
		fc.assert(
			fc.property(bytes, fc.nat(5), fc.nat(5), (bytes, before, behind) => {
				const end = Math.max(before, bytes.length - behind);
				expect(decodeBytes(bytes, before, end)).toBe(text(bytes.subarray(before, end)));
			}),
		);
	});

	it("takes more bytes than a call takes arguments", () => {
		const bytes = new Uint8Array(1_000_000).fill(0xe9);
		expect(decodeBytes(bytes, 0, bytes.length)).toBe("\xe9".repeat(1_000_000));
	});
});

describe("encodeBytes", () => {
	it("is the opposite", () => {
		fc.assert(
			fc.property(fc.uint8Array(), (bytes) => {
				expect(encodeBytes(decodeBytes(bytes, 0, bytes.length))).toEqual(bytes);
			}),
		);
	});
});
