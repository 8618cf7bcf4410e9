import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeOctets, encodeOctets } from "../src/octets.ts";
import { text } from "./drive.ts";

describe("decodeOctets", () => {
	it("gives one character per octet, for octets that look like UTF-8 too", () => {
		const bytes = fc.oneof(
			fc.uint8Array({ maxLength: 30 }),
			fc.string({ unit: "binary" }).map((string) => new TextEncoder().encode(string)),
			fc.constantFrom(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41), Uint8Array.of(0xef, 0xbf, 0xbd), Uint8Array.of(0x80)),
		);
		fc.assert(
			fc.property(bytes, fc.nat(5), fc.nat(5), (octets, before, behind) => {
				const end = Math.max(before, octets.length - behind);
				expect(decodeOctets(octets, before, end)).toBe(text(octets.subarray(before, end)));
			}),
		);
	});

	it("takes more octets than a call takes arguments", () => {
		const octets = new Uint8Array(1_000_000).fill(0xe9);
		expect(decodeOctets(octets, 0, octets.length)).toBe("\xe9".repeat(1_000_000));
	});
});

describe("encodeOctets", () => {
	it("is the opposite", () => {
		fc.assert(
			fc.property(fc.uint8Array(), (octets) => {
				expect(encodeOctets(decodeOctets(octets, 0, octets.length))).toEqual(octets);
			}),
		);
	});
});
