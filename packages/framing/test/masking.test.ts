import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyMask, maskBytes, maskWords, rotateMaskingKey, WORDS_FROM } from "../src/masking.ts";
import { hex, toHex } from "./wire.ts";

const KEY = 0x37fa213d;

test("RFC 6455 §5.7: a masked Hello", () => {
	const bytes = hex("37fa213d 7f9f4d5158");
	applyMask(bytes, 4, 9, KEY);
	expect(toHex(bytes)).toBe("37fa213d48656c6c6f");
});

// maskWords has to find a multiple of four within the range.
describe.each([
	["maskBytes", maskBytes, 0],
	["maskWords", maskWords, 4],
	["applyMask", applyMask, 0],
])("%s", (_, mask, shortest) => {
	test("every alignment and length: byte i is XORed with key byte i modulo 4, its neighbours are left alone", () => {
		const key = [0x37, 0xfa, 0x21, 0x3d];
		const lengths = [...Array.from({ length: 20 }, (_, i) => i), WORDS_FROM - 1, WORDS_FROM, WORDS_FROM + 1, 1000];
		for (const length of lengths.filter((one) => one >= shortest)) {
			for (let offset = 0; offset < 4; offset++) {
				for (let from = 0; from < 5; from++) {
					const buffer = Uint8Array.from({ length: length + 16 }, (_, i) => (i * 7) & 0xff);
					const expected = buffer.map((byte, i) => {
						const at = i - offset - from;
						return at >= 0 && at < length ? byte ^ key[at % 4]! : byte;
					});
					mask(buffer.subarray(offset), from, from + length, KEY);
					if (toHex(buffer) !== toHex(expected)) expect.fail(`length ${length}, offset ${offset}, from ${from}`);
				}
			}
		}
	});
});

test("pieces masked with the rotated key are the whole masked", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 600 }), fc.array(fc.nat(600)), fc.integer(), (payload, positions, key) => {
			const whole = payload.slice();
			applyMask(whole, 0, whole.length, key);
			let rotated = key;
			let from = 0;
			for (const to of [...positions.map((p) => p % (payload.length + 1)).sort((a, b) => a - b), payload.length]) {
				applyMask(payload, from, to, rotated);
				rotated = rotateMaskingKey(rotated, to - from);
				from = to;
			}
			expect(payload).toEqual(whole);
		}),
	);
});
