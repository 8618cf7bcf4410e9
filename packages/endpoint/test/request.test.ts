import type { RequestHead } from "@barewire/http1";
import { describe, expect, test, vi } from "vitest";
import { lateSignals } from "../src/late-signals.ts";
import { mirroredRequests } from "../src/mirrored-requests.ts";
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
	expect(makeRequest(head(target), secure, null, new AbortController()).url).toBe(url);
});

test("an HTTP/1.0 request without a Host still has a URL", () => {
	expect(requestUrl({ method: "GET", target: "/", version: "1.0", fields: [] }, false)).toBe("http://localhost/");
});

// Node says so once in each process: this has to be the first request with that method.
test("the method patch is nothing to warn of", () => {
	const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
	expect(makeRequest(head("/", "patch"), false, null, new AbortController()).method).toBe("patch");
	expect(warn).not.toHaveBeenCalled();
	warn.mockRestore();
});

test.each(["GET", "HEAD", "get", "Head", "CONNECT", "TRACE", "patch", "BREW"])(
	"%s shows its true method, with and without a body",
	(method) => {
		const source = new AbortController();
		expect(makeRequest(head("/", method), false, null, source).method).toBe(method);
		const body = new ReadableStream<Uint8Array<ArrayBuffer>>();
		expect(makeRequest(head("/", method), false, body, source).method).toBe(method);
	},
);

test("a target that makes no URL throws a TypeError", () => {
	expect(() => makeRequest(head("/", "GET", "["), false, null, new AbortController())).toThrow(TypeError);
});

/** A source that counts how often its signal was asked for. */
function counting() {
	const controller = new AbortController();
	const source = {
		asked: 0,
		get signal() {
			source.asked++;
			return controller.signal;
		},
	};
	return source;
}

describe("a signal that is made when somebody asks for it", () => {
	const late = lateSignals();
	const parts = (source: { readonly signal: AbortSignal }) => ({
		url: "http://example.com/",
		head: head("/"),
		body: null,
		source,
	});

	test("works on Node, and nobody has asked", () => {
		const source = counting();
		const request = late?.make(parts(source));
		expect([request?.method, request instanceof Request, source.asked]).toEqual(["GET", true, 0]);
		expect(request?.signal.aborted).toBe(false);
		expect(source.asked).toBe(1);
	});

	test("what is made of the request is aborted with it", () => {
		const request = late!.make(parts(counting()));
		const copies = [new Request(request), new Request(new Request(request))];
		const reason = new Error("gone");
		late!.aborted?.(request, reason);
		for (const { signal } of [...copies, new Request(request)])
			expect([signal.aborted, signal.reason]).toEqual([true, reason]);
	});

	test("a clone follows the source", () => {
		const source = new AbortController();
		const clone = late!.make(parts(source)).clone();
		source.abort(new Error("gone"));
		expect([clone.signal.aborted, clone.signal.reason]).toEqual([true, source.signal.reason]);
	});

	test("where it has no effect, it is not used", () => {
		vi.spyOn(AbortSignal.prototype, "dispatchEvent").mockReturnValue(true);
		expect(lateSignals()).toBeNull();
		vi.restoreAllMocks();
	});
});

test("a Request that can't be mirrored, as Node's, is not", () => {
	expect(mirroredRequests()).toBeNull();
});
