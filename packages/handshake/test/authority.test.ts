import { expect, test } from "vitest";
import { defaultPort, parseAuthority } from "../src/authority.ts";

test.each([
	["example.com", "example.com", null],
	["EXAMPLE.com:8080", "example.com", 8080],
	["example.com:", "example.com", null],
	["example.com:0", "example.com", 0],
	["example.com:65535", "example.com", 65535],
	["example.com.", "example.com.", null],
	["xn--bcher-kva.example", "xn--bcher-kva.example", null],
	["my_host-1", "my_host-1", null],
	["127.0.0.1:80", "127.0.0.1", 80],
	["[::1]", "[::1]", null],
	["[2001:DB8::1]:443", "[2001:db8::1]", 443],
	["[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", null],
	["constructor", "constructor", null],
])("RFC 3986 §3.2: %s", (text, host, port) => {
	expect(parseAuthority(text)).toEqual({ host, port });
});

test.each([
	["empty", ""],
	["a port alone", ":80"],
	["a port that is too large", "example.com:65536"],
	["a port with a sign", "example.com:+80"],
	["a port in hexadecimal", "example.com:0x50"],
	["two ports", "example.com:80:80"],
	["userinfo", "user@example.com"],
	["userinfo with a password", "user:pass@example.com"],
	["a path", "example.com/"],
	["a list", "example.com, example.org"],
	["a space", "exam ple.com"],
	["a line feed behind it", "example.com\n"],
	["CR LF", "example.com\r\nx: y"],
	["a percent-encoded name", "%65xample.com"],
	["an octet above 7F", "ex\u00e4mple.com"],
	["an IPv6 address without brackets", "::1"],
	["an IPv6 address with a zone", "[fe80::1%25eth0]"],
	["an open bracket", "[::1"],
	["empty brackets", "[]"],
	["a name in brackets", "[example.com]"],
])("no authority: %s", (_, text) => {
	expect(parseAuthority(text)).toBeNull();
});

test("RFC 6455 §3 and RFC 9110 §4.2: default ports", () => {
	expect(["http", "ws", "https", "wss"].map(defaultPort)).toEqual([80, 80, 443, 443]);
	expect(["ftp", "", "constructor", "__proto__"].map(defaultPort)).toEqual([null, null, null, null]);
});
