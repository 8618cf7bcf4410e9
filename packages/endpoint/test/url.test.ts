import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseWebSocketUrl } from "../src/url.ts";

describe("RFC 6455 §3: the parts", () => {
	test.each([
		["ws://example.com/chat", false, "example.com", 80, "example.com", "/chat"],
		["wss://example.com/chat", true, "example.com", 443, "example.com", "/chat"],
		["http://example.com/", false, "example.com", 80, "example.com", "/"],
		["https://example.com/", true, "example.com", 443, "example.com", "/"],
		["WSS://Example.COM/Chat", true, "example.com", 443, "example.com", "/Chat"],
		["ws://example.com", false, "example.com", 80, "example.com", "/"],
		["ws://example.com?room=1", false, "example.com", 80, "example.com", "/?room=1"],
		["ws://example.com/a?b=c/d?e", false, "example.com", 80, "example.com", "/a?b=c/d?e"],
		["ws://example.com/?", false, "example.com", 80, "example.com", "/?"],
		["ws://example.com:8080/", false, "example.com", 8080, "example.com:8080", "/"],
		["ws://example.com:80/", false, "example.com", 80, "example.com", "/"],
		["ws://example.com:443/", false, "example.com", 443, "example.com:443", "/"],
		["wss://example.com:443/", true, "example.com", 443, "example.com", "/"],
		["ws://example.com:/", false, "example.com", 80, "example.com", "/"],
		["ws://example.com:08080/", false, "example.com", 8080, "example.com:8080", "/"],
		["ws://127.0.0.1:9001/", false, "127.0.0.1", 9001, "127.0.0.1:9001", "/"],
		["ws://[::1]:9001/x", false, "::1", 9001, "[::1]:9001", "/x"],
		["wss://[2001:DB8::1]", true, "2001:db8::1", 443, "[2001:db8::1]", "/"],
	])("%s", (url, secure, hostname, port, host, target) => {
		expect(parseWebSocketUrl(url)).toEqual({ ok: true, secure, hostname, port, host, target });
	});
});

describe("RFC 3986 §2.1: characters that a path may not have are percent-encoded, and encoded ones are left alone", () => {
	test.each([
		["/caf\u00e9", "/caf%C3%A9"],
		["/\u{1f600}?\u4f60", "/%F0%9F%98%80?%E4%BD%A0"],
		["/a%20b%2Fc", "/a%20b%2Fc"],
		['/"<>^`{|}[]', "/%22%3C%3E%5E%60%7B%7C%7D%5B%5D"],
		["/-._~!$&'()*+,;=:@?/", "/-._~!$&'()*+,;=:@?/"],
		["/a/../b/./c", "/a/../b/./c"],
		["//evil.org/", "//evil.org/"],
	])("%s", (path, target) => {
		expect(parseWebSocketUrl(`ws://example.com${path}`)).toMatchObject({ ok: true, host: "example.com", target });
	});
});

describe("refused, with a message that names the reason", () => {
	test.each([
		["", "ws://host"],
		["example.com", "ws://host"],
		["/chat", "ws://host"],
		["ws:example.com", "ws://host"],
		["ws:/example.com", "ws://host"],
		["ftp://example.com/", "ws://host"],
		["constructor://example.com/", "ws://host"],
		["javascript://example.com/", "ws://host"],
		["ws://example.com/#x", "fragment"],
		["ws://example.com#", "fragment"],
		["ws://example.com/a b", "percent-encode"],
		["ws://example.com/a\tb", "percent-encode"],
		["ws://example.com/a\0b", "percent-encode"],
		["ws://example.com/a\u007fb", "percent-encode"],
		["ws://example.com\\evil.org/", "percent-encode"],
		["ws://example.com/\\", "percent-encode"],
		["ws://example.com/\ud800", "percent-encode"],
		["ws://example.com/%", "percent-encode"],
		["ws://example.com/%zz", "percent-encode"],
		["ws://user@example.com/", "Authorization"],
		["ws://user:pass@example.com/", "Authorization"],
		["ws://example.com@evil.org/", "Authorization"],
		["ws:///chat", "host or port"],
		["ws://", "host or port"],
		["ws://:80/", "host or port"],
		["ws://example.com:65536/", "host or port"],
		["ws://example.com:80:80/", "host or port"],
		["ws://example.com:x/", "host or port"],
		["ws://b\u00fccher.example/", "host or port"],
		["ws://%65xample.com/", "host or port"],
		["ws://[::1/", "host or port"],
		["ws://::1/", "host or port"],
		["ws://example.com:0/", "host or port"],
	])("%j", (url, reason) => {
		expect(parseWebSocketUrl(url)).toEqual({ ok: false, message: expect.stringContaining(reason) });
	});

	test("CR LF never gets into a target or a host", () => {
		for (const url of ["ws://example.com/\r\nx: y", "ws://example.com\r\nx: y/", "\r\nws://example.com/"]) {
			expect(parseWebSocketUrl(url).ok).toBe(false);
		}
	});
});

test("whatever is accepted, the URL Standard's own parser finds the same server in it, and the target is plain ASCII", () => {
	const rest = fc.string({ unit: fc.constantFrom(..."ab.:/?#@[]%41\\ \n\u00e9\u{1f600}\ud800"), maxLength: 20 });
	fc.assert(
		fc.property(fc.constantFrom("ws", "wss", "http", "https"), rest, (scheme, rest) => {
			const url = `${scheme}://h${rest}`;
			const parsed = parseWebSocketUrl(url);
			if (!parsed.ok) return;
			expect(parsed.target).toMatch(/^\/[\x21-\x22\x24-\x7e]*$/);
			// The URL Standard also reads some names as numbers and refuses others; what it takes, it takes alike.
			if (!URL.canParse(url)) return;
			const standard = new URL(url);
			expect(parsed.host).toBe(standard.host);
		}),
		{ numRuns: 2000 },
	);
});
