import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHost, parseRequestLine, targetAuthority } from "../src/request-line.ts";

describe("RFC 9112 §3.2: the forms of a request-target", () => {
	it.each([
		["GET", "/where?q=now"],
		["GET", "/"],
		["GET", "//"],
		["GET", "http://www.example.org/pub/WWW/TheProject.html"],
		["GET", "HTTPS://[2001:db8::1]:443"],
		["CONNECT", "www.example.com:80"],
		["CONNECT", "[::1]:1"],
		["OPTIONS", "*"],
		["OPTIONS", "/"],
		["options*", "/"],
	])("%s %s", (method, target) => {
		expect(parseRequestLine(`${method} ${target} HTTP/1.1`)).toEqual({ method, target, version: "1.1" });
	});

	it("methods are case-sensitive (RFC 9110 §9.1)", () => {
		expect(parseRequestLine("options * HTTP/1.1")).toBe("misplaced-target");
	});
});

describe("targetAuthority", () => {
	it.each([
		["http://a:1/b", "a:1"],
		["http://a?b", "a"],
		["http://a", "a"],
		["/http://a/", null],
		["*", null],
		["http://u@a/", null],
	])("%s: %s", (target, authority) => {
		expect(targetAuthority(target)).toBe(authority);
	});
});

describe("isHost", () => {
	it.each(["a", "a.b-c_d~e", "127.0.0.1", "[::ffff:1.2.3.4]:0", "%41!$&'()*+;=", "a:", "a:65535", "a:00080"])(
		"%s",
		(text) => {
			expect(isHost(text)).toBe(true);
		},
	);
	it.each(["", ":", ":80", "a:-1", "a:65536", "a:1e3", "[]", "[::1]x", "a[::1]", "a b", "a,b", "a@b", "a%4"])(
		"not %s",
		(text) => {
			expect(isHost(text)).toBe(false);
		},
	);
});

it("never throws", () => {
	fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => void parseRequestLine(line)));
	fc.assert(
		fc.property(fc.webUrl({ withFragments: false }), (url) => {
			expect(typeof parseRequestLine(`GET ${url} HTTP/1.1`)).toBe(/[^!-~]/.test(url) ? "string" : "object");
		}),
	);
});
