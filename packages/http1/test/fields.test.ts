import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	type FieldLine,
	fieldValue,
	fieldValues,
	hasToken,
	listMembers,
	trimWhitespace,
	withoutConnectionFields,
} from "../src/index.ts";

const FIELDS: readonly FieldLine[] = [
	["a", "1"],
	["__proto__", "x"],
	["a", "2, 3"],
	["connection", "keep-alive, Upgrade"],
];

describe("fieldValue and fieldValues", () => {
	it("RFC 9110 §5.3: lines of one name are joined in order", () => {
		expect(fieldValues(FIELDS, "a")).toEqual(["1", "2, 3"]);
		expect(fieldValue(FIELDS, "a")).toBe("1, 2, 3");
		expect(fieldValue([...FIELDS, ["cookie", "a=1"], ["cookie", "b=2"]], "cookie")).toBe("a=1; b=2");
		expect(fieldValue(FIELDS, "__proto__")).toBe("x");
	});
	it("an absent field is null, an empty one is not", () => {
		expect(fieldValue(FIELDS, "constructor")).toBeNull();
		expect(fieldValue([["a", ""]], "a")).toBe("");
	});
});

describe("RFC 9110 §7.6.1: withoutConnectionFields", () => {
	it("leaves out the fields of the connection, and those that it names", () => {
		const fields: readonly FieldLine[] = [
			["keep-alive", "timeout=5"],
			["server", "x"],
			["x-hop", "1"],
			["transfer-encoding", "chunked"],
			["connection", "close, X-Hop"],
			["set-cookie", "a=1"],
			["upgrade", "h2c"],
		];
		expect(withoutConnectionFields(fields)).toEqual([
			["server", "x"],
			["set-cookie", "a=1"],
		]);
	});
});

describe("RFC 9110 §5.6.1: listMembers", () => {
	it.each([
		["", []],
		[" , ,\t,", []],
		["a,b , c", ["a", "b", "c"]],
		['x; y=",permessage-deflate;", z', ['x; y=",permessage-deflate;"', "z"]],
		['"a\\",b", c', ['"a\\",b"', "c"]],
		['a, "b, c', ["a", '"b, c']],
		['a, "b\\', ["a", '"b\\']],
		["\xa0", ["\xa0"]],
	])("%j", (value, members) => {
		expect(listMembers(value)).toEqual(members);
	});
	it("without quotes it splits at commas", () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom("a", ",", " ", "\t", "\\") }), (value) => {
				expect(listMembers(value)).toEqual(
					value
						.split(",")
						.map((member) => trimWhitespace(member))
						.filter((member) => member !== ""),
				);
			}),
		);
	});
});

describe("hasToken", () => {
	it("compares whole members without regard to case", () => {
		expect(hasToken(FIELDS, "connection", "upgrade")).toBe(true);
		expect(hasToken(FIELDS, "connection", "keep")).toBe(false);
		expect(hasToken(FIELDS, "upgrade", "upgrade")).toBe(false);
	});
});

describe("RFC 9110 §5.6.3: trimWhitespace", () => {
	it("takes spaces and tabs and nothing else", () => {
		expect(trimWhitespace(" \ta b\t ")).toBe("a b");
		expect(trimWhitespace(" \t ")).toBe("");
		expect(trimWhitespace("\xa0a\v")).toBe("\xa0a\v");
	});
});
