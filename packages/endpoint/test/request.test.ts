import type { RequestHead } from "@barewire/http1";
import { expect, test, vi } from "vitest";
import { makeRequest, requestUrl } from "../src/request.ts";

function head(target: string, method: string = "GET", host: string = "example.com"): RequestHead {
	return {
		method,
		target,
		version: "1.1",
		fields: [["host", host]],
	};
}

test.each([
	["/a?b=c", false, "http://example.com/a?b=c"],
	["/a", true, "https://example.com/a"],
	["//evil/a", false, "http://example.com//evil/a"],
	["http://other:81/a", false, "http://other:81/a"],
	["ws://other/a", false, "http://other/a"],
	["wss://other/a", false, "https://other/a"],
	["*", false, "http://example.com/*"],
])("RFC 9110 §7.1: %s (TLS: %s) asks for %s", (target, secure, url) => {
	expect(requestUrl(head(target), secure)).toBe(url);
	expect(makeRequest(head(target), secure, null, new AbortController().signal).url).toBe(url);
});

test("an HTTP/1.0 request without a Host still has a URL", () => {
	expect(requestUrl({ method: "GET", target: "/", version: "1.0", fields: [] }, false)).toBe("http://localhost/");
});

// Node says so once in each process: this has to be the first request with that method.
test("the method patch is nothing to warn of", () => {
	const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
	expect(makeRequest(head("/", "patch"), false, null, new AbortController().signal).method).toBe("patch");
	expect(warn).not.toHaveBeenCalled();
	warn.mockRestore();
});

test.each(["GET", "HEAD", "CONNECT", "TRACE", "patch", "BREW"])(
	"%s shows its true method, with and without a body",
	(method) => {
		const { signal } = new AbortController();
		expect(makeRequest(head("/", method), false, null, signal).method).toBe(method);
		const body = new ReadableStream<Uint8Array<ArrayBuffer>>();
		expect(makeRequest(head("/", method), false, body, signal).method).toBe(method);
	},
);

test("a target that makes no URL throws a TypeError", () => {
	expect(() => makeRequest(head("/", "GET", "["), false, null, new AbortController().signal)).toThrow(TypeError);
});
