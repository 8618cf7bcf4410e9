import { isHost, isTarget } from "@barewire/http1";
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
		// RFC 6455 §3: "?" only "if the query component is non-empty".
		["ws://example.com/?", false, "example.com", 80, "example.com", "/"],
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

describe("the URL Standard: what a page means by the same text", () => {
	test.each([
		["/caf\u00e9", "/caf%C3%A9"],
		["/\u{1f600}?\u4f60", "/%F0%9F%98%80?%E4%BD%A0"],
		["/a%20b%2Fc", "/a%20b%2Fc"],
		["/a b", "/a%20b"],
		["/a\0b\u007f", "/a%00b%7F"],
		['/"<>`{}', "/%22%3C%3E%60%7B%7D"],
		['/?"<>', "/?%22%3C%3E"],
		["/\ud800", "/%EF%BF%BD"],
		["/-._~!$&'()*+,;=:@?/", "/-._~!$&'()*+,;=:@?/"],
		["/a/../b/./c", "/b/c"],
		["//evil.org/", "//evil.org/"],
	])("the target of %j", (path, target) => {
		expect(parseWebSocketUrl(`ws://example.com${path}`)).toMatchObject({ ok: true, host: "example.com", target });
	});

	test.each([
		["ws://b\u00fccher.example/", "xn--bcher-kva.example", "/"],
		["ws://%65xample.com/", "example.com", "/"],
		["ws://example.com\\evil.org/", "example.com", "/evil.org/"],
		["ws:example.com", "example.com", "/"],
	])("the host of %j", (url, host, target) => {
		expect(parseWebSocketUrl(url)).toMatchObject({ ok: true, host, target });
	});
});

describe("refused, with a message that names the reason", () => {
	test.each([
		["", "ws://host"],
		["example.com", "ws://host"],
		["/chat", "ws://host"],
		["ftp://example.com/", "ws://host"],
		["constructor://example.com/", "ws://host"],
		["javascript://example.com/", "ws://host"],
		["ws://", "ws://host"],
		["ws://:80/", "ws://host"],
		["ws://example.com:65536/", "the port must be from 1 to 65535"],
		["ws://256.1.1.1:80/", "an IPv4 address has four numbers from 0 to 255"],
		["ws://[fe80::1%25eth0]/", "leave the zone of the IPv6 address out"],
		["ws://example.com:80:80/", "ws://host"],
		["ws://1.2.3.4:80:90/", "ws://host"],
		["ws://1.2.3.4:x/", "ws://host"],
		["ws://example.com:x/", "ws://host"],
		["ws://[::1/", "ws://host"],
		["ws://::1/", "ws://host"],
		["ws://a b/", "ws://host"],
		["ws://example.com/#x", "fragment"],
		["ws://example.com#", "fragment"],
		["ws://user@example.com/", "`headers`"],
		["ws://user:pass@example.com/", "`headers`"],
		["ws://:pass@example.com/", "`headers`"],
		["ws://example.com@evil.org/", "`headers`"],
		['ws://example.com"/', "the host"],
		["ws://{example.com}/", "the host"],
		["ws://example.com:0/", "port"],
	])("%j", (url, reason) => {
		expect(parseWebSocketUrl(url)).toEqual({ ok: false, message: expect.stringContaining(reason) });
	});
});

test.each([
	["example.com", '"example.com" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["ws://example.com/#token=secret", '"ws://example.com/#…" is not a WebSocket URL: leave the fragment out'],
	["ws://a b/\n", '"ws://a b/\\n" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	// What is secret does not get into a log.
	[
		"wss://ann:secret@example.com/",
		'"wss://…@example.com/" is not a WebSocket URL: send user and password by the `headers` option, in an Authorization field',
	],
	["ws://example.com/?token=secret#x", '"ws://example.com/?…" is not a WebSocket URL: leave the fragment out'],
	["ws://example.com/#a?b", '"ws://example.com/#…" is not a WebSocket URL: leave the fragment out'],
	// Either a password or a query has the "@".
	["ws://ann:sec?ret@b c/", '"ws://…" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["ws://ann:sec#ret@b c/", '"ws://…" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["ws://a b/?mail=c@d&token=secret", '"ws://…" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["ann:sec?ret@example.com", '"…" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["ann:sec/ret@example.com", '"…@example.com" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	["wss://ann:s@ret@b c/", '"wss://…@b c/" is not a WebSocket URL: write ws://host/path or wss://host/path'],
	[`x${"y".repeat(2000)}`, `"x${"y".repeat(199)}…" is not a WebSocket URL: write ws://host/path or wss://host/path`],
])("the message quotes %j", (url, message) => {
	expect(parseWebSocketUrl(url)).toEqual({ ok: false, message });
});

test("whatever is accepted, host and target are such as a request can be written with", () => {
	const rest = fc.string({
		unit: fc.constantFrom(...'ab.:/?#@[]%41\\ \r\n\0\t"<>\u00e9\u{1f600}\ud800'),
		maxLength: 20,
	});
	fc.assert(
		fc.property(fc.constantFrom("ws", "wss", "http", "https"), rest, (scheme, rest) => {
			const url = parseWebSocketUrl(`${scheme}://h${rest}`);
			if (!url.ok) return;
			expect(isTarget(url.target)).toBe(true);
			expect(isHost(url.host)).toBe(true);
			expect(url.port).toBeGreaterThan(0);
		}),
		{ numRuns: 2000 },
	);
});
