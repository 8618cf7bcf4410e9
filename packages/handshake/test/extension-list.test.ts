import { UsageError } from "@barewire/http1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ExtensionParameters, formatExtensionList, parseExtensionList } from "../src/extension-list.ts";
import { extensionParameters } from "./arbitraries.ts";

const bare = (name: string): ExtensionParameters => ({ name, params: [] });

describe("RFC 6455 §9.1: what the grammar allows", () => {
	test.each<[string, ExtensionParameters[]]>([
		["deflate-stream", [bare("deflate-stream")]],
		// The RFC's example: a list, a parameter with a value and one without.
		[
			"mux; max-channels=4; flow-control, deflate-stream",
			[
				{
					name: "mux",
					params: [
						["max-channels", "4"],
						["flow-control", null],
					],
				},
				bare("deflate-stream"),
			],
		],
		['foo; bar="baz"', [{ name: "foo", params: [["bar", "baz"]] }]],
		// RFC 9110 §5.6.4: a quoted-pair stands for its second byte.
		['foo; bar="b\\a\\z"', [{ name: "foo", params: [["bar", "baz"]] }]],
		// RFC 2616 §2.1, implied *LWS: whitespace between any two tokens.
		[" \tfoo\t;\tbar\t=\tbaz , qux ", [{ name: "foo", params: [["bar", "baz"]] }, bare("qux")]],
		["foo;bar=baz,qux", [{ name: "foo", params: [["bar", "baz"]] }, bare("qux")]],
		// RFC 9110 §5.6.1.2: empty members count for nothing.
		[",, foo ,, bar,", [bare("foo"), bare("bar")]],
		["", []],
		[" , ,\t", []],
		// What a name means, repeated or not, is the extension's business.
		[
			"foo; a; a=1; a=2, foo",
			[
				{
					name: "foo",
					params: [
						["a", null],
						["a", "1"],
						["a", "2"],
					],
				},
				bare("foo"),
			],
		],
		["!#$%&'*+-.^_`|~09azAZ", [bare("!#$%&'*+-.^_`|~09azAZ")]],
	])("%j", (value, expected) => {
		expect(parseExtensionList(value)).toEqual(expected);
	});

	test("an extension or parameter named like a member of Object.prototype is just a name", () => {
		expect(parseExtensionList("constructor; __proto__=1; toString, __proto__; constructor")).toEqual([
			{
				name: "constructor",
				params: [
					["__proto__", "1"],
					["toString", null],
				],
			},
			{ name: "__proto__", params: [["constructor", null]] },
		]);
	});

	test("names compare exactly: another case is another name", () => {
		expect(parseExtensionList("Permessage-Deflate; Client_Max_Window_Bits")).toEqual([
			{ name: "Permessage-Deflate", params: [["Client_Max_Window_Bits", null]] },
		]);
	});
});

describe("RFC 6455 §9.1: malformed", () => {
	test.each([
		["an empty parameter at the end", "foo;"],
		["an empty parameter in between", "foo;;bar"],
		["a parameter without an extension", "; bar"],
		["a name missing before =", "foo; =baz"],
		["a value missing behind =", "foo; bar="],
		["a value missing before the next member", "foo; bar=, qux"],
		["a value on the extension itself", "foo=bar"],
		["two tokens in a row", "foo bar"],
		["two tokens in a row as a parameter", "foo; bar baz"],
		["two values", "foo; bar=baz=qux"],
		["text behind a quoted value", 'foo; bar="baz"qux'],
		["text before a quoted value", 'foo; bar=baz"qux"'],
		["a quoted name", '"foo"'],
		["a quoted parameter name", 'foo; "bar"'],
		["a character that no token has", "foo@bar"],
		["a byte above 7F", "f\u00f6\u00f6"],
		["a character above U+00FF", "foo; bar=\u0161"],
		["NUL", "foo\0"],
		["CR LF", "foo,\r\n bar"],
		["no closing quote", 'foo; bar="baz'],
		["no closing quote, empty", 'foo; bar="'],
		["a quoted-pair without its second byte", 'foo; bar="baz\\'],
		["an escaped closing quote", 'foo; bar="baz\\"'],
		// "the value after quoted-string unescaping MUST conform to the 'token' ABNF"
		["an empty quoted value", 'foo; bar=""'],
		["a quoted space", 'foo; bar="b z"'],
		["a quoted quote", 'foo; bar="b\\"z"'],
		["a quoted backslash", 'foo; bar="b\\\\z"'],
	])("%s", (_, value) => {
		expect(parseExtensionList(value)).toBeNull();
	});

	test("separators inside quotes separate nothing: the value is one, and being no token it is malformed", () => {
		expect(parseExtensionList('x; y=",permessage-deflate;"')).toBeNull();
		expect(parseExtensionList('x; y=",permessage-deflate;", permessage-deflate')).toBeNull();
	});
});

// CVE-2020-7662, CVE-2021-32640. Quadratic time would be 10^11 steps here, and hang; stack overflow would throw.
describe("linear time: long texts are read to their end", () => {
	const size = 300_000;
	test.each<[string, string, number | null]>([
		["unclosed quotes with repeated escapes", `a; b="${'\\"'.repeat(size)}`, null],
		["escapes of escapes", `a; b="${"\\\\".repeat(size)}`, null],
		["escapes of letters in an unclosed quote", `a; b="${"\\c".repeat(size)}`, null],
		["quotes that open again and again", 'a; b="c", '.repeat(size), size],
		["a long run of spaces", `a${" ".repeat(size)}b`, null],
		["a long run of spaces behind a parameter", `a; b${" ".repeat(size)}c`, null],
		["spaces around every separator", `a${" ; b = c ".repeat(size)}`, 1],
		["spaces around every separator, and a mistake at the end", `a${" ; b = c ".repeat(size)};`, null],
		["empty members", ", ".repeat(size), 0],
		["many members", "a,".repeat(size), size],
		["one long token", "a".repeat(size), 1],
		["one long token, and a mistake at the end", `${"a".repeat(size)}@`, null],
	])("%s", (_, value, members) => {
		expect(parseExtensionList(value)?.length ?? null).toBe(members);
	});
});

describe("formatExtensionList", () => {
	test("RFC 6455 §9.1: the example", () => {
		const list = parseExtensionList("mux; max-channels=4; flow-control, deflate-stream")!;
		expect(formatExtensionList(list)).toBe("mux; max-channels=4; flow-control, deflate-stream");
	});

	test("no extensions: an empty text", () => {
		expect(formatExtensionList([])).toBe("");
	});

	test.each<[string, ExtensionParameters]>([
		["an empty name", bare("")],
		["CR LF in a name", bare("foo\r\nset-cookie: a=b")],
		["a separator in a name", bare("foo, bar")],
		["a parameter that is no token", { name: "foo", params: [["b r", null]] }],
		["a value that is no token", { name: "foo", params: [["bar", "b\0z"]] }],
		["an empty value", { name: "foo", params: [["bar", ""]] }],
	])("a caller's misuse: %s", (_, extension) => {
		expect(() => formatExtensionList([extension])).toThrow(
			expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_EXTENSION" }),
		);
		expect(() => formatExtensionList([extension])).toThrow(UsageError);
	});

	test("what is written reads back as it was", () => {
		fc.assert(
			fc.property(fc.array(extensionParameters, { minLength: 1, maxLength: 5 }), (list) => {
				expect(parseExtensionList(formatExtensionList(list))).toEqual(list);
			}),
		);
	});
});

test("any text is read or refused, and what is read can be written and read again", () => {
	const character = fc.constantFrom(...'ab01-;;,,==""\\\\ \t\u00e9\0');
	fc.assert(
		fc.property(fc.string({ unit: character, maxLength: 40 }), (value) => {
			const list = parseExtensionList(value);
			if (list !== null) expect(parseExtensionList(formatExtensionList(list))).toEqual(list);
		}),
		{ numRuns: 2000 },
	);
});
