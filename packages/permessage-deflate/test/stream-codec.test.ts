import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DeflaterOptions } from "../src/codec.ts";
import { SCRATCH_SIZE } from "../src/output-buffer.ts";
import { concat, hex, noise, toHex, utf8 } from "./bytes.ts";
import { CODECS } from "./codecs.ts";
import { walk } from "./walk.ts";

const OPTIONS: DeflaterOptions = { windowBits: 12, level: 3, memoryLevel: 5 };
const SYNC_TAIL = "0000ffff";
const ANY = Number.POSITIVE_INFINITY;

describe.each(CODECS)("%s", (_, codec) => {
	describe("deflate", () => {
		test.each([1, 2, 100, 5_000, SCRATCH_SIZE - 1, SCRATCH_SIZE, SCRATCH_SIZE * 3 + 7])(
			"%i bytes end with a sync flush, and another implementation reads them",
			(size) => {
				for (const payload of [noise(size), new Uint8Array(size).fill(0x61)]) {
					const deflater = codec.deflater(OPTIONS);
					const deflated = deflater.deflate(payload);
					expect(toHex(deflated.subarray(-4))).toBe(SYNC_TAIL);
					const ended = concat([deflated, hex("010000ffff")]);
					expect(Buffer.compare(inflateRawSync(ended), payload)).toBe(0);
					deflater.close();
				}
			},
		);

		test("the payload stays as it is, and what was returned earlier too", () => {
			const deflater = codec.deflater(OPTIONS);
			const payload = noise(1_000);
			const first = deflater.deflate(payload);
			const copy = first.slice();
			deflater.deflate(noise(1_000, 2));
			expect(payload).toEqual(noise(1_000));
			expect(first).toEqual(copy);
		});

		test("a payload that is a view of a larger buffer", () => {
			const deflater = codec.deflater(OPTIONS);
			const around = noise(3_000);
			const deflated = deflater.deflate(around.subarray(1_000, 2_000));
			expect(walk(deflated).bytes).toEqual(around.slice(1_000, 2_000));
		});

		test("refers back to earlier payloads until it is reset", () => {
			const deflater = codec.deflater(OPTIONS);
			const payload = noise(500);
			const first = deflater.deflate(payload);
			const second = deflater.deflate(payload);
			expect(second.length).toBeLessThan(50);
			expect(walk(second, payload).bytes).toEqual(payload);
			deflater.reset();
			expect(deflater.deflate(payload)).toEqual(first);
		});

		test.each([8, 9, 10, 11, 12, 13, 14, 15])(
			"RFC 7692 §7.1.2: with %i bits no match reaches further back",
			(windowBits) => {
				const window = 2 ** windowBits;
				// The same bytes again, once just inside of the window and once just outside.
				for (const level of [1, 6, 9]) {
					const deflater = codec.deflater({ windowBits, level, memoryLevel: 8 });
					const period = (distance: number): Uint8Array =>
						concat(Array.from({ length: 4 }, (_unused, i) => concat([noise(30), noise(distance - 30, i + 2)])));
					const payloads = [window - 300, window - 100, window, window + 1, window + 50]
						.filter((distance) => distance > 40)
						.map(period);
					let before: Uint8Array = new Uint8Array(0);
					for (const payload of payloads) {
						const { bytes, farthest } = walk(deflater.deflate(payload), before);
						expect(Buffer.compare(bytes, payload)).toBe(0);
						expect(farthest).toBeLessThanOrEqual(window);
						before = concat([before, payload]).slice(-32_768);
					}
					deflater.close();
				}
			},
		);

		test.each([0, 1, 9])("level %i", (level) => {
			const payload = utf8("many words, many words, many words".repeat(100));
			const deflated = codec.deflater({ ...OPTIONS, level }).deflate(payload);
			expect(walk(deflated).bytes).toEqual(payload);
			expect(deflated.length < payload.length).toBe(level > 0);
		});
	});

	describe("inflate", () => {
		const inflate = (data: Uint8Array, limit: number = ANY) => codec.inflater(15).inflate(data, limit);

		test.each([0, 1, 255, SCRATCH_SIZE - 1, SCRATCH_SIZE, SCRATCH_SIZE + 1, SCRATCH_SIZE * 2, SCRATCH_SIZE * 5 + 3])(
			"%i bytes: the limit is the most that comes out, and one less is too big",
			(size) => {
				for (const payload of [noise(size), new Uint8Array(size)]) {
					const data = codec.deflater(OPTIONS).deflate(concat([payload, hex("00")]));
					for (const limit of [size + 1, size + 2, ANY])
						expect(Buffer.compare(inflate(data, limit) as Uint8Array, concat([payload, hex("00")]))).toBe(0);
					expect(inflate(data, size)).toBe("too-big");
				}
			},
		);

		test("the result is nobody else's", () => {
			const inflater = codec.inflater(15);
			const data = codec.deflater(OPTIONS).deflate(noise(1_000));
			const copy = data.slice();
			const first = inflater.inflate(data, ANY) as Uint8Array;
			expect([first.byteOffset, first.buffer.byteLength]).toEqual([0, 1_000]);
			inflater.inflate(codec.deflater(OPTIONS).deflate(noise(1_000, 2)), ANY);
			expect(first).toEqual(noise(1_000));
			expect(data).toEqual(copy);
		});

		test("any split of the data gives the same bytes", () => {
			const payload = concat([noise(300), utf8("again and again ".repeat(50)), noise(300)]);
			const data = codec.deflater(OPTIONS).deflate(payload);
			fc.assert(
				fc.property(fc.uniqueArray(fc.nat(data.length), { maxLength: 20 }), (cuts) => {
					const inflater = codec.inflater(12);
					const edges = [0, ...cuts.toSorted((a, b) => a - b), data.length];
					const pieces = edges.slice(1).map((end, i) => inflater.inflate(data.subarray(edges[i], end), ANY));
					inflater.close();
					expect(concat(pieces as Uint8Array[])).toEqual(payload);
				}),
				{ numRuns: 50 },
			);
		});

		test("the window reaches back over calls until it is reset", () => {
			const deflater = codec.deflater(OPTIONS);
			const [first, second] = [deflater.deflate(noise(500)), deflater.deflate(noise(500))];
			const inflater = codec.inflater(12);
			inflater.inflate(first, ANY);
			expect(inflater.inflate(second, ANY)).toEqual(noise(500));
			inflater.reset();
			expect(inflater.inflate(second, ANY)).toBe("corrupt");
		});

		test("after a failure, reset makes it new", () => {
			const inflater = codec.inflater(12);
			const data = codec.deflater(OPTIONS).deflate(noise(500));
			expect(inflater.inflate(hex("ffff"), ANY)).toBe("corrupt");
			inflater.reset();
			expect(inflater.inflate(data, 10)).toBe("too-big");
			inflater.reset();
			expect(inflater.inflate(data, 500)).toEqual(noise(500));
		});

		test("RFC 7692 §7.2.3.4: a block with BFINAL ends nothing, wherever the data is cut", () => {
			const final = deflateRawSync(utf8("Hello"));
			const data = concat([final, hex("00 0000ffff"), final, final, codec.deflater(OPTIONS).deflate(utf8("!"))]);
			for (let at = 0; at <= data.length; at++) {
				const inflater = codec.inflater(15);
				const pieces = [data.subarray(0, at), data.subarray(at)].map((piece) => inflater.inflate(piece, ANY));
				expect(concat(pieces as Uint8Array[])).toEqual(utf8("HelloHelloHello!"));
			}
		});

		test("a thousand empty blocks with BFINAL in a row", () => {
			const inflater = codec.inflater(15);
			const data = concat([
				...Array<Uint8Array>(1_000).fill(hex("0300")),
				codec.deflater(OPTIONS).deflate(utf8("end")),
			]);
			expect(inflater.inflate(data, ANY)).toEqual(utf8("end"));
		});

		test("of data that breaks off with garbage behind the limit, the failure does not depend on the cuts", () => {
			// 11 literals with fixed codes, then a match with the distance code 30, which there is not.
			const data = hex("4a4c4a4e494d4bcfc8ccca063e");
			const whole = inflate(data, 10);
			for (let at = 0; at <= data.length; at++) {
				const inflater = codec.inflater(15);
				let room = 10;
				let failure: unknown = null;
				for (const piece of [data.subarray(0, at), ...Array.from(data.subarray(at), (byte) => Uint8Array.of(byte))]) {
					const inflated = inflater.inflate(piece, room);
					if (typeof inflated === "string") {
						failure = inflated;
						break;
					}
					room -= inflated.length;
				}
				expect(failure).toBe(whole);
			}
			expect(whole).toBe("too-big");
		});

		test("when all room is used, the ends of blocks and empty ones may follow, wherever the data is cut", () => {
			const empty = [hex("000000ffff"), hex("0300"), hex("000000ffff")];
			const data = concat([codec.deflater(OPTIONS).deflate(noise(100)), ...empty]);
			for (const behind of [hex(""), codec.deflater(OPTIONS).deflate(hex("aa"))]) {
				for (let at = 0; at <= data.length; at++) {
					const inflater = codec.inflater(15);
					const first = inflater.inflate(data.subarray(0, at), 100) as Uint8Array;
					const second = inflater.inflate(concat([data.subarray(at), behind]), 100 - first.length);
					if (behind.length > 0) expect(second).toBe("too-big");
					else expect(concat([first, second as Uint8Array])).toEqual(noise(100));
				}
			}
		});

		test("a block with BFINAL may end exactly at the limit", () => {
			const data = concat([deflateRawSync(noise(100)), hex("00")]);
			const inflater = codec.inflater(15);
			expect(inflater.inflate(data, 100)).toEqual(noise(100));
			expect(inflater.endMessage()).toBe(0);
		});

		test("no bytes give none", () => {
			expect(inflate(hex(""))).toEqual(hex(""));
		});

		test.each([
			["f248cdc9c90700", "fixed codes", 5],
			["00", "nothing", 0],
			["0200", "an empty block with fixed codes", 0],
			["000500faff48656c6c6f00", "a block without compression", 5],
			["f348cdc9c9070000", "a block with BFINAL", 0],
			["04c1010100000883b0ac70bdfd1bb8818481a59c88715cfb00", "codes of its own", 26],
			["04c1010100000883b0ac70bd", "codes of its own, cut short in their lengths", null],
			["04", "a header, cut short", null],
			["f248cdc9c907", "a block without its end", null],
			["f248cdc9c907000000ffff", "a tail that was not removed", null],
			["f348cdc9c90700", "a block with BFINAL, and none behind it", null],
			["000500faff48656c6c", "a block without compression, cut short", null],
		])("RFC 7692 §7.2.2: the tail completes what has to be completed: %s (%s) %s", (data, _what, reach) => {
			const inflater = codec.inflater(15);
			inflater.inflate(hex(data), ANY);
			expect(inflater.endMessage()).toBe(reach);
			if (reach === null) return;
			const next = inflater.inflate(hex("f248cdc9c90700"), ANY);
			expect(next).toEqual(utf8("Hello"));
			expect(inflater.endMessage()).toBe(reach + 5);
		});

		test.each([
			["the block type 3", "07"],
			["LEN and NLEN that differ", "00 0500 0000"],
			["a match that reaches back too far", "f2 00 11 00 00"],
			["code lengths that make no code", "04 e0 ff ff ff ff ff ff ff ff"],
		])("garbage: %s", (_what, data) => {
			expect(inflate(hex(data))).toBe("corrupt");
		});
	});
});
