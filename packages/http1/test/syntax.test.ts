import { describe, expect, it } from "vitest";
import { isFieldValue, isToken } from "../src/syntax.ts";

/** Every character that the test lets stand between two letters. */
function allowed(test: (text: string) => boolean): string {
	return Array.from({ length: 0x120 }, (_, code) => String.fromCharCode(code))
		.filter((character) => test(`a${character}a`))
		.join("");
}

const range = (from: number, to: number): string =>
	Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join("");

describe("RFC 9110 §5.6.2: token", () => {
	it("has these characters", () => {
		expect([...allowed(isToken)].sort()).toEqual(
			[..."!#$%&'*+-.^_`|~", ...range(0x30, 0x39), ...range(0x41, 0x5a), ...range(0x61, 0x7a)].sort(),
		);
	});
	it("is not empty and ends where its text ends", () => {
		expect([isToken(""), isToken("a\n"), isToken("constructor")]).toEqual([false, false, true]);
	});
});

describe("RFC 9110 §5.5: field-value", () => {
	it("has these characters", () => {
		expect(allowed(isFieldValue)).toBe(`\t${range(0x20, 0x7e)}${range(0x80, 0xff)}`);
	});
	it("may be empty, without whitespace at its ends", () => {
		expect(["", "a b", "\xa0", " a", "a ", "\ta", "a\t", " ", "a\n"].map(isFieldValue)).toEqual([
			...[true, true, true],
			...[false, false, false, false, false, false],
		]);
	});
});
