import type { Case } from "../case.ts";
import { closed, type HttpCase, type HttpHandler, httpCases, saying, streamed, text } from "../http-case.ts";
import { head, ok, oneChunk, request } from "../http-text.ts";

/** The application fails: the client gets 500, and the connection goes on. */
function failing(fetch: HttpHandler, error: string): HttpCase {
	const answer = head(
		"HTTP/1.1 500 Internal Server Error",
		"content-type: text/plain; charset=utf-8",
		"date: D",
		"content-length: 15",
	);
	return { ...saying(fetch, `${answer}internal error\n`), errors: [error] };
}

// RFC 9110 §6.4.1, §8.6, §9.3.2, §15; RFC 9112 §6.
export const httpAnswers: readonly Case[] = httpCases("HTTP, answers", {
	"a body of unknown length": saying(
		() => new Response(streamed("one", "two\r\n", "three and more")),
		`${head("HTTP/1.1 200 OK", "date: D", "transfer-encoding: chunked")}3\r\none\r\n5\r\ntwo\r\n\r\ne\r\nthree and more\r\n0\r\n\r\n`,
	),
	"an empty body of unknown length": saying(
		() => new Response(streamed()),
		head("HTTP/1.1 200 OK", "date: D", "content-length: 0"),
	),
	// RFC 9112 §7.1: a chunk of no bytes would be the last.
	"empty pieces in a body": saying(
		() => new Response(streamed("", "one", "", "")),
		`${head("HTTP/1.1 200 OK", "date: D", "transfer-encoding: chunked")}${oneChunk("one")}`,
	),
	"no body": saying(() => new Response(null), head("HTTP/1.1 200 OK", "date: D", "content-length: 0")),
	"a stated length, streamed": saying(
		() => new Response(streamed("he", "llo"), { headers: { "Content-Length": "5" } }),
		ok("hello"),
	),
	"HEAD, and a stated length": saying(
		() => text("hello"),
		head("HTTP/1.1 200 OK", "content-length: 5", "date: D"),
		request("HEAD / HTTP/1.1"),
	),
	"HEAD, and a body of unknown length": saying(
		() => new Response(streamed("hello")),
		head("HTTP/1.1 200 OK", "date: D"),
		request("HEAD / HTTP/1.1"),
	),
	"204": saying(() => new Response(null, { status: 204 }), head("HTTP/1.1 204 No Content", "date: D")),
	"204 with a Content-Length, which must not be": saying(
		() => new Response(null, { status: 204, headers: { "content-length": "0" } }),
		head("HTTP/1.1 204 No Content", "date: D"),
	),
	"304": saying(
		() => new Response(null, { status: 304, headers: { etag: '"a"' } }),
		head("HTTP/1.1 304 Not Modified", 'etag: "a"', "date: D"),
	),
	"205": saying(() => new Response(null, { status: 205 }), head("HTTP/1.1 205 ", "date: D", "content-length: 0")),
	"404": saying(
		() => text("nothing here", { status: 404 }),
		`${head("HTTP/1.1 404 Not Found", "content-length: 12", "date: D")}nothing here`,
	),
	"a status without a known reason": saying(
		() => text("tea", { status: 418 }),
		`${head("HTTP/1.1 418 ", "content-length: 3", "date: D")}tea`,
	),
	"a reason of its own": saying(
		() => text("tea", { status: 418, statusText: "Short and Stout" }),
		`${head("HTTP/1.1 418 Short and Stout", "content-length: 3", "date: D")}tea`,
	),
	"several cookies": saying(
		() =>
			text("", {
				headers: [
					["set-cookie", "a=1"],
					["set-cookie", "b=2, c"],
				],
			}),
		head("HTTP/1.1 200 OK", "content-length: 0", "set-cookie: a=1", "set-cookie: b=2, c", "date: D"),
	),
	"a Date of its own": saying(
		() => text("", { headers: { date: "Sun, 06 Nov 1994 08:49:37 GMT" } }),
		head("HTTP/1.1 200 OK", "content-length: 0", "date: D"),
	),
	// CVE-2026-55517
	"bytes above 7F in a field": saying(
		() => text("", { headers: { "x-name": "\xe9\xff" } }),
		head("HTTP/1.1 200 OK", "content-length: 0", "x-name: \xe9\xff", "date: D"),
	),
	// RFC 9112 §9: these are the connection's.
	"fields that are the connection's": saying(
		() =>
			text("x", { headers: { "transfer-encoding": "gzip", "keep-alive": "timeout=5", connection: "keep-alive, x" } }),
		ok("x"),
	),
	"a large body": saying(() => text("x".repeat(300_000)), ok("x".repeat(300_000))),
	"no `fetch`": closed(
		request("GET / HTTP/1.1", "Connection: close"),
		`${head(
			"HTTP/1.1 426 Upgrade Required",
			"content-type: text/plain; charset=utf-8",
			"upgrade: websocket",
			"date: D",
			"content-length: 32",
			"connection: upgrade, close",
		)}this port speaks WebSocket only\n`,
		{ fetch: null },
	),
	"a handler that throws": failing(() => {
		throw new Error("broken");
	}, "Error: broken"),
	"a handler that rejects": failing(() => Promise.reject(new Error("broken")), "Error: broken"),
	"a handler that returns nothing": failing(
		(() => undefined) as unknown as HttpHandler,
		"TypeError: `fetch` must return a Response: it returned undefined",
	),
	"a Response whose body has been read": failing(async () => {
		const response = new Response("once");
		await response.text();
		return response;
	}, "TypeError: `fetch` returned a Response whose body is in use: make a new one for each request"),
	...Object.fromEntries(
		["5", "three", "-0", "1, 1"].map((length) => [
			`no body, and the Content-Length ${length}`,
			failing(
				() => new Response(null, { headers: { "content-length": length } }),
				length === "5"
					? "UsageError: the response has no body, but a content-length of 5"
					: `UsageError: content-length is one whole number, not ${length}`,
			),
		]),
	),
	"a body, and a Content-Length that is no number": failing(
		() => new Response(streamed("hello"), { headers: { "content-length": "five" } }),
		"UsageError: content-length is one whole number, not five",
	),
	// The Fetch Standard allows what RFC 9110 §5.5 does not.
	...Object.fromEntries(
		["a\x01b", "\x0b", "\x7f"].map((value) => [
			`the field value ${JSON.stringify(value)}`,
			failing(
				() => new Response(null, { headers: { "x-name": value } }),
				"UsageError: the value of x-name must be one line of Latin-1, trimmed",
			),
		]),
	),
	// CVE-2026-1527: the runtime's own check is not relied on.
	...Object.fromEntries(
		["a\r\nset-cookie: b", "a\nb", "a\rb", "a\0b", "\u0100"].map((statusText) => [
			`the reason phrase ${JSON.stringify(statusText)}`,
			failing(
				() => Object.defineProperty(text(""), "statusText", { value: statusText }),
				"UsageError: the reason must be one line of Latin-1",
			),
		]),
	),
	"HEAD, and a field value that can't be sent": {
		...saying(
			() => new Response(null, { headers: { "x-name": "\x01" } }),
			head("HTTP/1.1 500 Internal Server Error", "content-type: text/plain; charset=utf-8", "date: D"),
			request("HEAD / HTTP/1.1"),
		),
		errors: ["UsageError: the value of x-name must be one line of Latin-1, trimmed"],
	},
	"HEAD, and a body that can't be cancelled": {
		...saying(
			() =>
				new Response(
					new ReadableStream({
						cancel() {
							throw new Error("broken");
						},
					}),
				),
			head("HTTP/1.1 200 OK", "date: D"),
			request("HEAD / HTTP/1.1"),
		),
		errors: ["Error: broken"],
	},
	"HEAD, and a body whose cancelling takes for ever": saying(
		() => new Response(new ReadableStream({ cancel: () => new Promise(() => {}) })),
		head("HTTP/1.1 200 OK", "date: D"),
		request("HEAD / HTTP/1.1"),
	),
	"Response.error()": failing(
		() => Response.error(),
		"TypeError: `fetch` must return a final response, of status 200 to 599",
	),
});
