import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAllowedOrigin, isSameOrigin } from "../src/origin.ts";

describe("isSameOrigin", () => {
	test.each([
		["http://example.com", "example.com", false],
		["https://example.com", "example.com", true],
		["http://example.com:8080", "example.com:8080", false],
		// RFC 6454 §4: a port that is not written is the scheme's default one.
		["http://example.com", "example.com:80", false],
		["http://example.com:80", "example.com", false],
		["https://example.com", "example.com:443", true],
		["https://example.com:443", "example.com", true],
		["http://EXAMPLE.com", "example.COM", false],
		["HTTP://example.com", "example.com", false],
		["http://[::1]:3000", "[::1]:3000", false],
		["http://localhost:3000", "localhost:3000", false],
	])("the same: %s at Host %s, TLS %s", (origin, host, secure) => {
		expect(isSameOrigin(origin, host, secure)).toBe(true);
	});

	test.each([
		["another host", "http://example.org", "example.com", false],
		["a look-alike that goes on behind the name", "http://example.com.evil.org", "example.com", false],
		["a look-alike that ends with the name", "http://notexample.com", "example.com", false],
		["a subdomain", "http://www.example.com", "example.com", false],
		["the parent domain", "http://example.com", "www.example.com", false],
		["a prefix of the name", "http://example.co", "example.com", false],
		["a dot behind the name", "http://example.com.", "example.com", false],
		["another name of the same address", "http://127.0.0.1:3000", "localhost:3000", false],
		["http at a secure site", "http://example.com", "example.com", true],
		["https at an insecure site", "https://example.com", "example.com", false],
		["http's port at a secure site", "http://example.com:443", "example.com", true],
		["ws is no origin of a page", "ws://example.com", "example.com", false],
		["another port", "http://example.com:8081", "example.com:8080", false],
		["the default port at a site on another", "http://example.com", "example.com:8080", false],
		["https' default port at an insecure site", "http://example.com", "example.com:443", false],
		["null", "null", "null", false],
		["null at a real host", "null", "example.com", false],
		["empty", "", "", false],
		["a host alone", "example.com", "example.com", false],
		["no scheme", "//example.com", "example.com", false],
		["an opaque scheme", "file://", "", false],
		["userinfo", "http://example.com@evil.org", "evil.org", false],
		["userinfo with the own host behind it", "http://evil.org@example.com", "example.com", false],
		["a path", "http://example.com/", "example.com", false],
		["a query", "http://example.com?x", "example.com", false],
		["a fragment", "http://example.com#x", "example.com", false],
		["a backslash", "http://example.com\\.evil.org", "example.com", false],
		["two origins", "http://example.com http://evil.org", "example.com", false],
		["a list", "http://example.com, http://evil.org", "example.com", false],
		["a line feed", "http://example.com\n", "example.com", false],
		["a non-ASCII letter that lower-cases to an ASCII one", "http://\u212aeks.com", "keks.com", false],
		["percent-encoding", "http://ex%61mple.com", "example.com", false],
		["a malformed Host that says the same", "http://a b", "a b", false],
		["an empty Host", "http://example.com", "", false],
		["a Host with userinfo", "http://user@example.com", "user@example.com", false],
		["a scheme named like a member of Object.prototype", "constructor://example.com", "example.com", false],
	])("not the same: %s", (_, origin, host, secure) => {
		expect(isSameOrigin(origin, host, secure)).toBe(false);
	});

	test("a page is of the same origin as its own server, and of no other, whatever the names", () => {
		// Letters at both ends: a name that ends in a number is read as an IPv4 address.
		const name = fc.string({ unit: fc.constantFrom(..."ab.-1"), maxLength: 8 }).map((middle) => `a${middle}b`);
		const port = fc.constantFrom("", ":80", ":443", ":8080");
		fc.assert(
			fc.property(name, port, name, port, fc.boolean(), (name, port, otherName, otherPort, secure) => {
				const scheme = secure ? "https" : "http";
				const written = (text: string): string => text || (secure ? ":443" : ":80");
				const same = name === otherName && written(port) === written(otherPort);
				expect(isSameOrigin(`${scheme}://${name}${port}`, otherName + otherPort, secure)).toBe(same);
				expect(isSameOrigin(`${scheme}://${name}${port}`, otherName + otherPort, !secure)).toBe(false);
			}),
		);
	});
});

describe("isAllowedOrigin", () => {
	const allowed = ["https://example.com", "http://localhost:3000", "https://app.example.org:443"];

	test.each([
		["https://example.com"],
		["https://example.com:443"],
		["https://EXAMPLE.com"],
		["http://localhost:3000"],
		["https://app.example.org"],
	])("allowed: %s", (origin) => {
		expect(isAllowedOrigin(origin, allowed)).toBe(true);
	});

	test.each([
		["http://example.com"],
		["https://example.com:8443"],
		["https://example.com.evil.org"],
		["https://notexample.com"],
		["https://www.example.com"],
		["https://example.com/"],
		["https://evil.org@example.com"],
		["http://localhost"],
		["null"],
		[""],
		["*"],
		["constructor"],
	])("not allowed: %j", (origin) => {
		expect(isAllowedOrigin(origin, allowed)).toBe(false);
	});

	test("nothing is allowed by an empty list", () => {
		expect(isAllowedOrigin("https://example.com", [])).toBe(false);
	});

	test("there are no wildcards", () => {
		expect(isAllowedOrigin("https://example.com", ["*", "https://*", "https://*.com", "https://"])).toBe(false);
	});

	test("origins without a host match the same text only, and only when they are listed", () => {
		expect(isAllowedOrigin("null", ["null"])).toBe(true);
		expect(isAllowedOrigin("NULL", ["null"])).toBe(false);
		expect(isAllowedOrigin("file://", ["file://"])).toBe(true);
		expect(isAllowedOrigin("null", ["file://"])).toBe(false);
	});

	test("other schemes have no default port", () => {
		expect(isAllowedOrigin("chrome-extension://abcdef", ["chrome-extension://abcdef"])).toBe(true);
		expect(isAllowedOrigin("chrome-extension://abcdef:80", ["chrome-extension://abcdef"])).toBe(false);
	});
});
