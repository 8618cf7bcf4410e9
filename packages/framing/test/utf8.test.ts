import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { incompleteEnd, UTF8_BOUNDARY, UTF8_INVALID, validateUtf8 } from "../src/utf8.ts";
import { readMessages, readParts } from "./reading.ts";
import { data, encodeFor, hex, toHex } from "./wire.ts";

// The ends of every range of RFC 3629 §4.
// biome-ignore format: one line for each length
const valid = [
	"00", "7f",
	"c280", "dfbf",
	"e0a080", "e0bfbf", "e18080", "ecbfbf", "ed8080", "ed9fbf", "ee8080", "efbfbf", "efbbbf",
	"f0908080", "f0bfbfbf", "f1808080", "f3bfbfbf", "f4808080", "f48fbfbf",
];

// [bytes, how many of them are needed to know]
// biome-ignore format: one line for each length
const invalid: readonly [bytes: string, known: number][] = [
	["80", 1], ["bf", 1], ["c080", 1], ["c1bf", 1], ["fe", 1], ["ff", 1], ["f5808080", 1], ["f888808080", 1], ["fc8480808080", 1],
	["c27f", 2], ["c2c0", 2], ["df00", 2],
	["e09fbf", 2], ["e08080", 2], ["eda080", 2], ["edbfbf", 2], ["e17f80", 2], ["e1c080", 2], ["e1807f", 3], ["e180c0", 3],
	["f08fbfbf", 2], ["f0808080", 2], ["f4908080", 2], ["f4ffffff", 2], ["f17f8080", 2], ["f1c08080", 2],
	["f1807f80", 3], ["f180c080", 3], ["f180807f", 4], ["f18080c0", 4],
];

/** What surrounds a character: nothing, a few ASCII bytes, and enough of them for the way that takes eight at once. */
const surroundings = ["", "616263", "61".repeat(21), "e282ac"];

function validate(bytes: Uint8Array, cutAt: number): number {
	const state = validateUtf8(UTF8_BOUNDARY, bytes, 0, cutAt);
	return state === UTF8_INVALID ? state : validateUtf8(state, bytes, cutAt, bytes.length);
}

describe("the incremental validator", () => {
	test.each(valid)("%s is valid, cut anywhere", (character) => {
		for (const around of surroundings) {
			const bytes = hex(around + character + around);
			for (let at = 0; at <= bytes.length; at++) expect(validate(bytes, at)).toBe(UTF8_BOUNDARY);
		}
	});

	test.each(valid.filter((character) => character.length > 2))("%s is incomplete before its last byte", (character) => {
		const bytes = hex(character);
		for (let to = 1; to < bytes.length; to++) {
			const state = validateUtf8(UTF8_BOUNDARY, bytes, 0, to);
			expect(state).not.toBe(UTF8_BOUNDARY);
			expect(state).not.toBe(UTF8_INVALID);
		}
	});

	test.each(invalid)("%s is invalid from byte %i on", (character, known) => {
		for (const around of surroundings) {
			const bytes = hex(around + character + around);
			const sure = around.length / 2 + known;
			for (let at = 0; at <= bytes.length; at++) expect(validate(bytes, at)).toBe(UTF8_INVALID);
			expect(validateUtf8(UTF8_BOUNDARY, bytes, 0, sure)).toBe(UTF8_INVALID);
			expect(validateUtf8(UTF8_BOUNDARY, bytes, 0, sure - 1)).not.toBe(UTF8_INVALID);
		}
	});

	test("it agrees with a fatal TextDecoder", () => {
		const decoder = new TextDecoder("utf-8", { fatal: true });
		const leads = fc.constantFrom(0x61, 0x80, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4);
		const bytes = fc.array(fc.oneof(leads, fc.integer({ min: 0x7f, max: 0xc1 }), fc.nat(255)), { maxLength: 12 });
		fc.assert(
			fc.property(bytes, fc.nat(12), (values, at) => {
				const bytes = Uint8Array.from(values);
				let isValid = true;
				try {
					decoder.decode(bytes);
				} catch {
					isValid = false;
				}
				expect(validate(bytes, at % (bytes.length + 1)) === UTF8_BOUNDARY).toBe(isValid);
			}),
			{ numRuns: 3000 },
		);
	});
});

test.each(valid.filter((character) => character.length > 2))("a cut %s is found at its beginning", (character) => {
	const bytes = hex(`61c3a9${character}`);
	for (let to = 4; to < bytes.length; to++) expect(incompleteEnd(bytes, to)).toBe(3);
});

describe("text messages, whole, cut into chunks and cut into fragments", () => {
	const characters = [...valid, ...invalid.map(([bytes]) => bytes)].map((bytes) => ({
		bytes,
		isValid: valid.includes(bytes),
	}));
	test.each(characters)("$bytes: $isValid", ({ bytes, isValid }) => {
		const text = hex(`6161${bytes}61`);
		const expected = [isValid ? `text ${toHex(text)}` : "failed invalid-utf8 1007"];
		const whole = encodeFor("server", [data(1, text)]);
		for (let at = 0; at <= whole.length; at++) {
			const chunks = [whole.subarray(0, at), whole.subarray(at)];
			expect(readMessages("server", chunks)).toEqual(expected);
			expect(readParts("server", chunks)).toEqual(expected);
		}
		for (let at = 0; at <= text.length; at++) {
			const frames = encodeFor("client", [data(1, text.subarray(0, at), false), data(0, text.subarray(at))]);
			expect(readMessages("client", [frames])).toEqual(expected);
			expect(readParts("client", [frames])).toEqual(expected);
		}
	});
});
