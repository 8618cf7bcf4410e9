import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Codec } from "@barewire/permessage-deflate";
import { expect, test } from "vitest";
import { hastenedCodec, hastenScavenge } from "../src/v8.ts";

test("dead bytes are freed long before as many have come as V8 waits for", () => {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	collect();
	let most = 0;
	const before = process.memoryUsage().arrayBuffers;
	for (let i = 0; i < 200; i++) {
		new Uint8Array(1 << 20).fill(1);
		for (let chunk = 0; chunk < 16; chunk++) hastenScavenge(1 << 16);
		most = Math.max(most, process.memoryUsage().arrayBuffers - before);
	}
	expect(most).toBeLessThan(64 << 20);
});

test("a codec with the hint gives what it gives without", () => {
	const calls: string[] = [];
	const note = (name: string) => () => void calls.push(name);
	const bytes = Uint8Array.of(1, 2);
	const codec: Codec = {
		deflater: () => ({ deflate: () => bytes, reset: note("reset"), close: note("close") }),
		inflater: () => ({
			inflate: (_, limit) => (limit > 1 ? bytes : "too-big"),
			endMessage: () => 2,
			reset: note("reset"),
			close: note("close"),
		}),
	};
	const hastened = hastenedCodec(codec);
	const deflater = hastened.deflater({ windowBits: 9, level: 1, memoryLevel: 1 });
	const inflater = hastened.inflater(9);
	expect(deflater.deflate(bytes)).toBe(bytes);
	expect([inflater.inflate(bytes, 2), inflater.inflate(bytes, 1), inflater.endMessage()]).toEqual([
		bytes,
		"too-big",
		2,
	]);
	for (const each of [deflater, inflater]) {
		each.reset();
		each.close();
	}
	expect(calls).toEqual(["reset", "close", "reset", "close"]);
});
