import { asking, switching } from "../asking.ts";
import type { Case } from "../case.ts";
import { answered, closed, echoed, ended, httpCases, saying, streamed, switched, text } from "../http-case.ts";
import { head, ok, request } from "../http-text.ts";

const get = (path: string = "/", ...fields: readonly string[]): string => request(`GET ${path} HTTP/1.1`, ...fields);
const post = (...fields: readonly string[]): string => request("POST / HTTP/1.1", ...fields);
const chunked = (body: string): string => post("Transfer-Encoding: chunked") + body;

const received = (method: string, path: string = "/", body: string = ""): string => ok(echoed(method, path, body));

const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

// RFC 9110 §9, RFC 9112 §6 and §7.
const requests = httpCases("HTTP, requests", {
	"bytes, literally": answered(
		"GET /hello?a=b HTTP/1.1\r\nHost: server.example.com\r\nAccept: */*\r\n\r\n",
		"HTTP/1.1 200 OK\r\ncontent-length: 42\r\ndate: D\r\n\r\n[GET http://server.example.com/hello?a=b ]",
	),
	...Object.fromEntries(
		["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY", "BREW", "get", "patch"].map((method) => [
			`the method ${method}`,
			answered(request(`${method} /path HTTP/1.1`), received(method, "/path")),
		]),
	),
	// The Fetch Standard's `Request` can't express these: it shows them all the same.
	"the method TRACE": answered(request("TRACE / HTTP/1.1"), received("TRACE")),
	"OPTIONS *": answered(request("OPTIONS * HTTP/1.1"), received("OPTIONS", "/*")),
	// They have no place in a URI, and clients send them all the same. In a URL they are escaped.
	'the characters ", <, >, |, ^, `, { and } in the target': answered(
		get('/?q={app="foo"}<|^`>'),
		received("GET", "/?q={app=%22foo%22}%3C|^`%3E"),
	),
	"an absolute request-target": answered(request("GET http://server.example.com/a HTTP/1.1"), received("GET", "/a")),
	...Object.fromEntries(
		["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "GET", "get", "Head", "BREW"].map((method) => [
			`${method} with a body`,
			answered(
				`${request(`${method} / HTTP/1.1`, "Content-Length: 5")}a\0\xff\r\n`,
				received(method, "/", "a\0\xff\r\n"),
			),
		]),
	),
	"an empty body": answered(post("Content-Length: 0"), received("POST")),
	"a chunked body": answered(chunked("5\r\nhello\r\n0\r\n\r\n"), received("POST", "/", "hello")),
	"an empty chunked body": answered(chunked("0\r\n\r\n"), received("POST")),
	"many chunks": answered(
		chunked(`${Array.from({ length: 50 }, (_, i) => `2\r\n${String(i).padStart(2, "0")}\r\n`).join("")}0\r\n\r\n`),
		received("POST", "/", Array.from({ length: 50 }, (_, i) => String(i).padStart(2, "0")).join("")),
	),
	"chunk sizes in either case and with zeros before them": answered(
		chunked(`a\r\n0123456789\r\nA\r\n0123456789\r\n0005\r\nhello\r\n000\r\n\r\n`),
		received("POST", "/", "01234567890123456789hello"),
	),
	"chunk extensions": answered(
		chunked('5;a;b=c;d="e;\\"f"\r\nhello\r\n0;last\r\n\r\n'),
		received("POST", "/", "hello"),
	),
	trailers: answered(chunked("5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n"), received("POST", "/", "hello")),
	"a coding in upper case": answered(
		`${post("TRANSFER-ENCODING: Chunked")}5\r\nhello\r\n0\r\n\r\n`,
		received("POST", "/", "hello"),
	),
	"chunk ends that look like others": answered(
		chunked("7\r\na\r\n0\r\n\r\r\n0\r\n\r\n"),
		received("POST", "/", "a\r\n0\r\n\r"),
	),
	"fields reach the application": saying(
		({ headers }) => text(JSON.stringify([headers.get("accept"), headers.get("x-name"), headers.get("cookie")])),
		ok('["a, b","\xe9","c=d"]'),
		get("/", "Accept: a", "ACCEPT: b", "X-Name:\t\xe9 ", "Cookie: c=d"),
	),
	// RFC 9113 §8.2.3: a proxy may have got them apart.
	"several cookies": saying(
		({ headers }) => text(JSON.stringify(headers.get("cookie"))),
		ok('"a=1; b=2; c=3"'),
		get("/", "Cookie: a=1; b=2", "Accept: a", "cookie: c=3"),
	),
	// RFC 9110 §10.1.1.
	"Expect: 100-continue, and the body is wanted": answered(
		`${post("Expect: 100-continue", "Content-Length: 5")}hello`,
		CONTINUE + received("POST", "/", "hello"),
	),
	"Expect: 100-Continue, chunked": answered(
		`${post("Expect: 100-Continue", "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
		CONTINUE + received("POST", "/", "hello"),
	),
	"Expect: 100-continue without a body": answered(post("Expect: 100-continue", "Content-Length: 0"), received("POST")),
	// Whether the body still comes nobody can tell.
	"Expect: 100-continue, and the body is not wanted": closed(
		post("Expect: 100-continue", "Content-Length: 5"),
		`${head("HTTP/1.1 413 Content Too Large", "content-length: 3", "date: D", "connection: close")}no!`,
		{ fetch: () => text("no!", { status: 413 }) },
	),
	"a body that nobody reads": saying(
		() => text("fine"),
		ok("fine"),
		`${post("Content-Length: 26")}${get("/smuggled").slice(0, 26)}`,
	),
	// Nobody knows how much of it is to come.
	"a chunked body that nobody reads": closed(chunked("5\r\nhello\r\n0\r\n\r\n"), ok("fine", "connection: close"), {
		fetch: () => text("fine"),
	}),
	"an Upgrade to something else": answered(
		get("/", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
		received("GET"),
	),
	"Connection: Upgrade without an Upgrade": answered(get("/", "Connection: Upgrade"), received("GET")),
});

// RFC 9112 §9.3 and §9.6.
const persistence = httpCases("HTTP, persistence", {
	"Connection: close": closed(get("/", "Connection: close"), ok(echoed("GET"), "connection: close")),
	"Connection: a list with close": closed(
		get("/", "Connection: keep-alive, CLOSE"),
		ok(echoed("GET"), "connection: close"),
	),
	"Connection: keep-alive": answered(get("/", "Connection: keep-alive"), received("GET")),
	"a word that contains close": answered(get("/", "Connection: closed"), received("GET")),
	"close with a body": closed(
		`${post("Connection: close", "Content-Length: 5")}hello`,
		ok(echoed("POST", "/", "hello"), "connection: close"),
	),
	"the application closes": closed(get(), ok("bye", "connection: close"), {
		fetch: () => text("bye", { headers: { connection: "close" } }),
	}),
	"HTTP/1.0": closed(request("GET / HTTP/1.0"), ok(echoed("GET"), "connection: close")),
	"HTTP/1.0 without Host": closed(head("GET / HTTP/1.0"), ok("[GET http://localhost/ ]", "connection: close")),
	"HTTP/1.0 with keep-alive": answered(
		request("GET / HTTP/1.0", "Connection: keep-alive"),
		ok(echoed("GET"), "connection: keep-alive"),
	),
	"HTTP/1.0 with a body": closed(
		`${request("POST / HTTP/1.0", "Content-Length: 5")}hello`,
		ok(echoed("POST", "/", "hello"), "connection: close"),
	),
	// RFC 9110 §10.1.1: the expectation of HTTP/1.0 is ignored.
	"HTTP/1.0 with Expect": closed(
		`${request("POST / HTTP/1.0", "Content-Length: 5", "Expect: 100-continue")}hello`,
		ok(echoed("POST", "/", "hello"), "connection: close"),
	),
	// A body whose length nobody knows ends with the connection.
	"HTTP/1.0 with keep-alive and a streamed answer": closed(
		request("GET / HTTP/1.0", "Connection: keep-alive"),
		`${head("HTTP/1.1 200 OK", "date: D", "connection: close")}some more`,
		{ fetch: () => new Response(streamed("some", " more")) },
	),
	"HTTP/1.9 is 1.1": answered(request("GET / HTTP/1.9"), received("GET")),
	"the client's end behind its request": ended(get(), received("GET")),
	"the client's end behind two requests": ended(get("/a") + get("/b"), received("GET", "/a") + received("GET", "/b")),
	"the client's end before all": ended("", ""),
	"the client's end behind empty lines": ended("\r\n\r\n", ""),
});

// RFC 9112 §9.3.2.
const pipelining = httpCases("HTTP, pipelining", {
	"20 requests": answered(
		Array.from({ length: 20 }, (_, i) => get(`/${i}`)).join(""),
		Array.from({ length: 20 }, (_, i) => received("GET", `/${i}`)).join(""),
	),
	"20 requests whose answers take longer the earlier they are": answered(
		Array.from({ length: 20 }, (_, i) => get(`/${i}`)).join(""),
		Array.from({ length: 20 }, (_, i) => ok(`[/${i}]`)).join(""),
		{
			async fetch({ url }) {
				const { pathname } = new URL(url);
				for (let turns = 20 - Number(pathname.slice(1)); turns > 0; turns--)
					await new Promise((resolve) => setImmediate(resolve));
				return text(`[${pathname}]`);
			},
		},
	),
	"all methods and kinds of body": answered(
		get("/a") +
			`${post("Content-Length: 5")}hello` +
			request("HEAD /b HTTP/1.1") +
			chunked("5\r\nhello\r\n0\r\nA: b\r\n\r\n") +
			request("DELETE /c HTTP/1.1"),
		received("GET", "/a") +
			received("POST", "/", "hello") +
			head("HTTP/1.1 200 OK", `content-length: ${echoed("HEAD", "/b").length}`, "date: D") +
			received("POST", "/", "hello") +
			received("DELETE", "/c"),
	),
	"bodies that nobody reads": answered(
		`${post("Content-Length: 5")}hello${post("Content-Length: 2")}hi${get("/a")}`,
		ok("fine").repeat(3),
		{ fetch: () => text("fine") },
	),
	"an empty line between requests": answered(
		`${post("Content-Length: 5")}hello\r\n${get("/a")}\r\n\r\n`,
		received("POST", "/", "hello") + received("GET", "/a"),
	),
	"up to the one that closes": closed(
		get("/a") + get("/b", "Connection: close"),
		received("GET", "/a") + ok(echoed("GET", "/b"), "connection: close"),
	),
	"up to a malformed one": closed(
		`${get("/a")}GET\r\n\r\n`,
		`${received("GET", "/a")}HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 38\r\nconnection: close\r\n\r\nmalformed request line (RFC 9112 \xc2\xa73)\n`,
	),
	"a handshake at the end": switched(
		get("/a") + get("/b") + asking(),
		received("GET", "/a") + received("GET", "/b") + switching(),
	),
	"a body and a handshake": switched(
		`${post("Content-Length: 5")}hello${asking()}`,
		received("POST", "/", "hello") + switching(),
	),
});

export const httpRequests: readonly Case[] = [...requests, ...persistence, ...pipelining];
