import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ChannelNames, channelOf, MAX_CHANNEL_LENGTH } from "../../src/backplane/channel-name.ts";
import { sha256Hex } from "../../src/backplane/sha256.ts";

test("a channel has no character that means something to a broker", () => {
	expect(channelOf("news-1_A")).toBe("tnews-1_A");
	expect(channelOf("a.b")).toBe("ta=002eb");
	expect(channelOf("*")).toBe("t=002a");
	expect(channelOf(">")).toBe("t=003e");
	expect(channelOf("a b\n\0")).toBe("ta=0020b=000a=0000");
	expect(channelOf("=0020")).toBe("t=003d0020");
	expect(channelOf("")).toBe("t");
	expect(channelOf("x".repeat(10 * 1024))).toMatch(/^h[0-9a-f]{64}$/);
});

test("two topics never have one channel", () => {
	const topic = fc.oneof(
		fc.string({ unit: "binary", maxLength: 300 }),
		fc.string({ unit: fc.constantFrom("=", "0", "2", "e", ".", "\ud800", "\udc00", "é"), maxLength: 60 }),
	);
	fc.assert(
		fc.property(topic, topic, (one, other) => {
			expect(channelOf(one) === channelOf(other)).toBe(one === other);
			expect(channelOf(one)).toMatch(/^[A-Za-z0-9_=-]+$/);
			expect(channelOf(one).length).toBeLessThanOrEqual(MAX_CHANNEL_LENGTH);
		}),
		{ numRuns: 1000 },
	);
});

test("lone surrogates in long names are told apart", () => {
	const long = "x".repeat(300);
	expect(channelOf(`${long}\ud800`)).not.toBe(channelOf(`${long}\ud801`));
});

test("the hash is SHA-256", () => {
	expect(sha256Hex(new Uint8Array(0))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
			expect(sha256Hex(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
		}),
	);
});

test("names are remembered, and not without end", () => {
	const names = new ChannelNames();
	for (let i = 0; i < 5000; i++) expect(names.of(`a.${i % 2500}`)).toBe(channelOf(`a.${i % 2500}`));
	for (let i = 0; i < 20; i++) {
		const long = "x".repeat(100_000 + (i % 7));
		expect(names.of(long)).toBe(channelOf(long));
	}
});
