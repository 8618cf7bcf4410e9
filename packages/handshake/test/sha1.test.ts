import { expect, test } from "vitest";
import { sha1 } from "../src/sha1.ts";

const encoder = new TextEncoder();
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// RFC 3174 §7.3 TEST1, TEST2, TEST4, and the empty message.
test.each([
	["", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
	["abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
	["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"],
	["01234567".repeat(80), "dea356a2cddd90c7a7ecedc5ebb563934f460452"],
])("the digest of %j", (message, digest) => {
	expect(hex(sha1(encoder.encode(message)))).toBe(digest);
});

test("FIPS 180-4 §5.1.1: every length of padding, against the runtime's own digest", async () => {
	for (let length = 0; length <= 130; length++) {
		const message = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
		const expected = new Uint8Array(await crypto.subtle.digest("SHA-1", message));
		expect(hex(sha1(message)), `length ${length}`).toBe(hex(expected));
	}
});
