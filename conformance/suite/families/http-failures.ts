import type { Case } from "../case.ts";
import { answered, closed, echoed, ended, type HttpCase, httpCases } from "../http-case.ts";
import { head, ok, refusal, request } from "../http-text.ts";

const bad = (sends: string, rule: string): HttpCase => closed(sends, refusal("400 Bad Request", rule));
const tooLarge = (sends: string, rule: string): HttpCase => closed(sends, refusal("413 Content Too Large", rule));
const tooMany = (sends: string, rule: string): HttpCase =>
	closed(sends, refusal("431 Request Header Fields Too Large", rule));
const longTarget = (sends: string): HttpCase =>
	closed(sends, refusal("414 URI Too Long", "request line too long (RFC 9112 §3)"));
const unimplemented = (sends: string, rule: string): HttpCase => closed(sends, refusal("501 Not Implemented", rule));
const unfinished = (sends: string): HttpCase =>
	ended(sends, refusal("400 Bad Request", "incomplete message (RFC 9112 §8)"));

const line = (text: string): string => request(text);
const host = (...fields: readonly string[]): string => head("GET / HTTP/1.1", ...fields);
const field = (...fields: readonly string[]): string => request("GET / HTTP/1.1", ...fields);
const post = (...fields: readonly string[]): string => request("POST / HTTP/1.1", ...fields);
const chunked = (body: string): string => post("Transfer-Encoding: chunked") + body;

/** Served, with this body. */
const served = (sends: string, method: string = "GET", path: string = "/", body: string = ""): HttpCase =>
	answered(sends, ok(echoed(method, path, body)));

const CONNECT = "connect not implemented (RFC 9110 §9.3.6)";

const requestLines = httpCases("requests, malformed request lines", {
	"one empty line before": served(`\r\n${line("GET / HTTP/1.1")}`),
	"two empty lines before": served(`\r\n\r\n${line("GET / HTTP/1.1")}`),
	"three empty lines before": bad(`\r\n\r\n\r\n${line("GET / HTTP/1.1")}`, "empty lines (RFC 9112 §2.2)"),
	"empty lines without an end": bad("\r\n".repeat(10_000), "empty lines (RFC 9112 §2.2)"),
	"a bare LF behind it": bad("GET / HTTP/1.1\nHost: server.example.com\r\n\r\n", "bare lf (RFC 9112 §2.2)"),
	"a bare LF before it": bad(`\n${line("GET / HTTP/1.1")}`, "bare lf (RFC 9112 §2.2)"),
	"a bare CR in it": bad(line("GET / HTTP/1.1\rX"), "bare cr (RFC 9112 §2.2)"),
	"two words": bad(line("GET /"), "malformed request line (RFC 9112 §3)"),
	"one word": bad(line("GET"), "malformed request line (RFC 9112 §3)"),
	"spaces alone": bad(line("  "), "malformed method (RFC 9112 §3.1)"),
	"a space before it": bad(line(" GET / HTTP/1.1"), "malformed method (RFC 9112 §3.1)"),
	"a space behind it": bad(line("GET / HTTP/1.1 "), "malformed version (RFC 9112 §2.3)"),
	"two spaces in it": bad(line("GET  / HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"a tab for a space": bad(line("GET\t/ HTTP/1.1"), "malformed request line (RFC 9112 §3)"),
	"a method that is no token": bad(line("G@T / HTTP/1.1"), "malformed method (RFC 9112 §3.1)"),
	"a method in bytes above 7F": bad(line("GE\xd4 / HTTP/1.1"), "malformed method (RFC 9112 §3.1)"),
	"NUL in the method": bad(line("GE\0T / HTTP/1.1"), "malformed method (RFC 9112 §3.1)"),
	"a space in the target": bad(line("GET /a b HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"NUL in the target": bad(line("GET /\0 HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"bytes above 7F in the target": bad(line("GET /\xe9 HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"a fragment in the target": bad(line("GET /#a HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"a target that is no path": bad(line("GET path?query HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"a user in the target": bad(line("GET http://me@server.example.com/ HTTP/1.1"), "malformed target (RFC 9112 §3.2)"),
	"a target in authority-form": bad(line("GET server.example.com:80 HTTP/1.1"), "misplaced target (RFC 9112 §3.2)"),
	"the target * to GET": bad(line("GET * HTTP/1.1"), "misplaced target (RFC 9112 §3.2)"),
	"CONNECT with a path": bad(line("CONNECT / HTTP/1.1"), "misplaced target (RFC 9112 §3.2)"),
	"CONNECT without a port": bad(line("CONNECT server.example.com HTTP/1.1"), "misplaced target (RFC 9112 §3.2)"),
	// To a proxy, a 2xx would make a tunnel of the connection, whose bytes it looks at no more.
	...Object.fromEntries(
		["1.1", "1.0"].map((version) => [
			`CONNECT in HTTP/${version}`,
			unimplemented(line(`CONNECT server.example.com:80 HTTP/${version}`), CONNECT),
		]),
	),
	"CONNECT with a body": unimplemented(request("CONNECT server.example.com:80 HTTP/1.1", "Content-Length: 5"), CONNECT),
	"CONNECT in lower case": bad(line("connect server.example.com:80 HTTP/1.1"), "misplaced target (RFC 9112 §3.2)"),
	// RFC 9110 §9.3.2: no content to HEAD.
	"HEAD that breaks a rule": closed(
		head("HEAD / HTTP/1.1"),
		head(
			"HTTP/1.1 400 Bad Request",
			"content-type: text/plain; charset=utf-8",
			"content-length: 30",
			"connection: close",
		),
	),
	"a version in lower case": bad(line("GET / http/1.1"), "malformed version (RFC 9112 §2.3)"),
	"a version of two digits": bad(line("GET / HTTP/1.10"), "malformed version (RFC 9112 §2.3)"),
	"a version without a minor one": bad(line("GET / HTTP/1"), "malformed version (RFC 9112 §2.3)"),
	"another protocol's version": bad(line("GET / RTSP/1.0"), "malformed version (RFC 9112 §2.3)"),
	"HTTP/2.0": closed(
		line("GET / HTTP/2.0"),
		refusal("505 HTTP Version Not Supported", "unsupported version (RFC 9110 §2.5)"),
	),
	"the preface of HTTP/2": closed(
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		refusal("505 HTTP Version Not Supported", "unsupported version (RFC 9110 §2.5)"),
	),
	"a TLS ClientHello": bad(
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
		"malformed request line (RFC 9112 §3)",
	),
	"as long as may be": served(line(`GET /${"a".repeat(8_192 - 16)} HTTP/1.1`), "GET", `/${"a".repeat(8_192 - 16)}`),
	"a byte too long": longTarget(line(`GET /${"a".repeat(8_192 - 15)} HTTP/1.1`)),
	"without an end": longTarget(`GET /${"a".repeat(1_000_000)}`),
	"the end of the stream in it": unfinished("GET / HT"),
});

const NO_URL =
	head("HTTP/1.1 400 Bad Request", "content-type: text/plain; charset=utf-8", "date: D", "content-length: 32") +
	"the request-target makes no URL\n";

const fields = httpCases("requests, malformed fields", {
	"a bare LF behind a field": bad(field("A: b\nC: d"), "bare lf (RFC 9112 §2.2)"),
	"a bare LF for the empty line": bad("GET / HTTP/1.1\r\nHost: server.example.com\r\n\n", "bare lf (RFC 9112 §2.2)"),
	"a bare CR in a value": bad(field("A: b\rC: d"), "bare cr (RFC 9112 §2.2)"),
	"a bare CR in a name": bad(field("A\rB: c"), "bare cr (RFC 9112 §2.2)"),
	"a space before the first": bad(host(" Host: server.example.com"), "leading whitespace (RFC 9112 §2.2)"),
	"a tab before the first": bad(host("\tHost: server.example.com"), "leading whitespace (RFC 9112 §2.2)"),
	"a folded field": bad(field("A: b", " c"), "obsolete folding (RFC 9112 §5.2)"),
	"a field folded by a tab": bad(field("A: b", "\tc: d"), "obsolete folding (RFC 9112 §5.2)"),
	"a field without a colon": bad(field("A b"), "missing colon (RFC 9112 §5)"),
	"a space before the colon": bad(field("A : b"), "whitespace before colon (RFC 9112 §5.1)"),
	"a tab before the colon": bad(field("A\t: b"), "whitespace before colon (RFC 9112 §5.1)"),
	"an empty name": bad(field(": b"), "malformed field name (RFC 9110 §5.1)"),
	"a space in a name": bad(field("A B: c"), "malformed field name (RFC 9110 §5.1)"),
	"bytes above 7F in a name": bad(field("\xc4: b"), "malformed field name (RFC 9110 §5.1)"),
	"NUL in a name": bad(field("A\0: b"), "malformed field name (RFC 9110 §5.1)"),
	"NUL in a value": bad(field("A: b\0c"), "malformed field value (RFC 9110 §5.5)"),
	"ESC in a value": bad(field("A: \x1b[0m"), "malformed field value (RFC 9110 §5.5)"),
	"DEL in a value": bad(field("A: \x7f"), "malformed field value (RFC 9110 §5.5)"),
	"bytes above 7F, tabs and nothing in values": served(field("A: \xe9\xff", "B: c\td", "C:", "D:   ")),
	"no Host": bad(host("A: b"), "missing host (RFC 9112 §3.2)"),
	"two Hosts": bad(field("Host: server.example.com"), "repeated host (RFC 9112 §3.2)"),
	"two Hosts, neither first": bad(field("A: b", "hOST: other.example.com"), "repeated host (RFC 9112 §3.2)"),
	"two Hosts in HTTP/1.0": bad(
		head("GET / HTTP/1.0", "Host: server.example.com", "Host: server.example.com"),
		"repeated host (RFC 9112 §3.2)",
	),
	// RFC 9110 §4.2.3: the default port may be written or not.
	...Object.fromEntries(
		[
			["http://server.example.com:80/a", "server.example.com"],
			["http://server.example.com:/a", "server.example.com"],
			["http://server.example.com/a", "Server.Example.com:80"],
		].map(([target, value]) => [
			`the target ${target} with the Host ${value}`,
			served(head(`GET ${target} HTTP/1.1`, `Host: ${value}`), "GET", "/a"),
		]),
	),
	...Object.fromEntries(
		[
			["http://server.example.com:443/", "server.example.com"],
			["https://server.example.com/", "server.example.com:80"],
			["http://server.example.com:8080/", "server.example.com"],
			["http://server.example.com/", "server.example.com:443"],
		].map(([target, value]) => [
			`the target ${target} with the Host ${value}`,
			bad(head(`GET ${target} HTTP/1.1`, `Host: ${value}`), "mismatched host (RFC 9112 §3.2.2)"),
		]),
	),
	"an empty Host in HTTP/1.0": closed(
		head("GET / HTTP/1.0", "Host:"),
		ok("[GET http://localhost/ ]", "connection: close"),
	),
	"an empty Host": bad(host("Host: "), "empty host (RFC 9110 §4.2.1)"),
	...Object.fromEntries(
		["a b", "a, b", "a/b", "me@a", "a:b", "a:65536", "a:-1", "[::1", "::1", "[::1]x", "a%", "a?b", "a\\b", '"a"'].map(
			(value) => [`the Host ${value}`, bad(host(`Host: ${value}`), "malformed host (RFC 9112 §3.2)")],
		),
	),
	"another Host than the target's": bad(
		line("GET http://other.example.com/ HTTP/1.1"),
		"mismatched host (RFC 9112 §3.2.2)",
	),
	// The runtimes' own parsers of URLs disagree about names that are no Punycode.
	...Object.fromEntries(
		["1.2.3.999", "xn--", "XN--a.example", "a.xn--0:80"].map((value) => [
			`a Host that makes no URL, ${value}`,
			answered(host(`Host: ${value}`), NO_URL),
		]),
	),
	"a target that makes no URL": answered(head("GET http://xn--/ HTTP/1.1", "Host: xn--"), NO_URL),
	"a Host in Punycode": answered(host("Host: xn--bcher-kva.example"), ok("[GET http://xn--bcher-kva.example/ ]")),
	"Expect of something else": closed(
		post("Expect: 200-ok", "Content-Length: 2"),
		refusal("417 Expectation Failed", "unsupported expectation (RFC 9110 §10.1.1)"),
	),
	"Expect of two things": closed(
		post("Expect: 100-continue, other", "Content-Length: 2"),
		refusal("417 Expectation Failed", "unsupported expectation (RFC 9110 §10.1.1)"),
	),
	"as many as may be": served(field(...Array.from({ length: 99 }, (_, i) => `a${i}: b`))),
	"one too many": tooMany(field(...Array.from({ length: 100 }, (_, i) => `a${i}: b`)), "too many fields (RFC 6585 §5)"),
	"one as long as may be": served(field(`a: ${"b".repeat(8_192 - 5)}`)),
	"one a byte too long": tooMany(field(`a: ${"b".repeat(8_192 - 4)}`), "field line too long (RFC 6585 §5)"),
	"one without an end": tooMany(
		`GET / HTTP/1.1\r\nHost: server.example.com\r\nA: ${"a".repeat(1_000_000)}`,
		"field line too long (RFC 6585 §5)",
	),
	"a head as large as may be": served(headOf(16_384)),
	"a head a byte too large": tooMany(headOf(16_385), "head too large (RFC 6585 §5)"),
	"a head without an end": tooMany(
		`GET / HTTP/1.1\r\nHost: server.example.com\r\n${`a: ${"b".repeat(1_000)}\r\n`.repeat(100)}`,
		"head too large (RFC 6585 §5)",
	),
	"the end of the stream between them": unfinished("GET / HTTP/1.1\r\nHost: server.example.com\r\n"),
	"the end of the stream before the empty line's LF": unfinished("GET / HTTP/1.1\r\nHost: server.example.com\r\n\r"),
});

/** A request whose head has that many bytes. */
function headOf(size: number): string {
	const start = field(...Array.from({ length: 15 }, () => `a: ${"b".repeat(1_000)}`)).slice(0, -2);
	return `${start}a: ${"b".repeat(size - start.length - 7)}\r\n\r\n`;
}

const LENGTH = "malformed content length (RFC 9112 §6.3)";
const SIZE = "malformed chunk size (RFC 9112 §7.1)";
const EXTENSION = "malformed chunk extension (RFC 9112 §7.1.1)";

// The classics of request smuggling: CVE-2026-1525, bun#29732, #26931, #29427, #35295, #35864, and older ones.
const bodies = httpCases("requests that can be read in two ways", {
	"two Content-Lengths": bad(
		post("Content-Length: 0", "Content-Length: 44"),
		"repeated content length (RFC 9112 §6.3)",
	),
	"two equal Content-Lengths": bad(
		post("Content-Length: 5", "Content-Length: 5"),
		"repeated content length (RFC 9112 §6.3)",
	),
	...Object.fromEntries(
		["", "0, 44", "5, 5", "+5", "-5", "5.0", "0x5", "5 5", "five", "5;", "1e1", "\xb5"].map((value) => [
			`Content-Length ${JSON.stringify(value)}`,
			bad(post(`Content-Length: ${value}`), LENGTH),
		]),
	),
	...Object.fromEntries(
		["9007199254740992", "18446744073709551616", "9".repeat(400)].map((value) => [
			`Content-Length ${value.slice(0, 30)}`,
			tooLarge(post(`Content-Length: ${value}`), "content length too large (RFC 9110 §8.6)"),
		]),
	),
	"Content-Length with Transfer-Encoding": bad(
		`${post("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`,
		"content length with transfer encoding (RFC 9112 §6.1)",
	),
	"Transfer-Encoding in HTTP/1.0": bad(
		`${request("POST / HTTP/1.0", "Transfer-Encoding: chunked")}0\r\n\r\n`,
		"transfer encoding in 1.0 (RFC 9112 §6.1)",
	),
	...Object.fromEntries(
		["", "chunked,", ",chunked", "chunked,,chunked"].map((value) => [
			`Transfer-Encoding ${JSON.stringify(value)}`,
			bad(post(`Transfer-Encoding: ${value}`), "malformed transfer encoding (RFC 9112 §6.1)"),
		]),
	),
	...Object.fromEntries(
		[
			"identity",
			"xchunked",
			"chunked, identity",
			"chunked, gzip",
			"chunked;q=1",
			'"chunked"',
			"chun ked",
			"\x80chunked",
		].map((value) => [
			`Transfer-Encoding ${JSON.stringify(value)}`,
			bad(post(`Transfer-Encoding: ${value}`), "chunked not final (RFC 9112 §6.3)"),
		]),
	),
	"chunked twice": bad(post("Transfer-Encoding: chunked, chunked"), "repeated chunked (RFC 9112 §6.1)"),
	"chunked twice, on two lines": bad(
		post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
		"repeated chunked (RFC 9112 §6.1)",
	),
	"gzip before chunked": unimplemented(
		post("Transfer-Encoding: gzip, chunked"),
		"unknown transfer coding (RFC 9112 §6.1)",
	),
	"identity before chunked, on two lines": unimplemented(
		post("Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
		"unknown transfer coding (RFC 9112 §6.1)",
	),
	...Object.fromEntries(
		["", " 5", "5 ", "0x5", "+5", "-1", "g", ";a=b", "5,5", "\xb5", "5\t"].map((size) => [
			`the chunk size ${JSON.stringify(size)}`,
			bad(chunked(`${size}\r\nhello\r\n0\r\n\r\n`), SIZE),
		]),
	),
	...Object.fromEntries(
		["20000000000000", "10000000000000005", "f".repeat(200)].map((size) => [
			`the chunk size ${size.slice(0, 30)}`,
			tooLarge(chunked(`${size}\r\nhello\r\n0\r\n\r\n`), "chunk size too large (RFC 9112 §7.1)"),
		]),
	),
	"a bare LF behind a chunk size": bad(chunked("5\nhello\r\n0\r\n\r\n"), "bare lf (RFC 9112 §2.2)"),
	"a bare CR behind a chunk size": bad(chunked("5\rX\r\nhello\r\n0\r\n\r\n"), "bare cr (RFC 9112 §2.2)"),
	...Object.fromEntries(
		["X\r\n", "\n", "\r\r\n", "XX"].map((end) => [
			`a chunk that ends in ${JSON.stringify(end)}`,
			bad(chunked(`5\r\nhello${end}0\r\n\r\n`), "malformed chunk end (RFC 9112 §7.1)"),
		]),
	),
	...Object.fromEntries(
		[";", ";a=", ";=b", "; a", ";a =b", ';a="b', ';a="b"c', ";a;", ";a\x01"].map((extension) => [
			`the chunk extension ${JSON.stringify(extension)}`,
			bad(chunked(`5${extension}\r\nhello\r\n0\r\n\r\n`), EXTENSION),
		]),
	),
	"a chunk line as long as may be": served(chunked(`5;${"a".repeat(252)}\r\nhello\r\n0\r\n\r\n`), "POST", "/", "hello"),
	"a chunk line a byte too long": bad(
		chunked(`5;${"a".repeat(253)}\r\nhello\r\n0\r\n\r\n`),
		"chunk line too long (RFC 9112 §7.1.1)",
	),
	...Object.fromEntries(
		["Content-Length: 5", "transfer-encoding: chunked", "Host: other.example.com"].map((trailer) => [
			`the trailer ${trailer}`,
			bad(chunked(`0\r\n${trailer}\r\n\r\n`), "forbidden trailer (RFC 9110 §6.5.1)"),
		]),
	),
	"a malformed trailer": bad(chunked("0\r\nA : b\r\n\r\n"), "whitespace before colon (RFC 9112 §5.1)"),
	"a bare LF behind the last chunk's fields": bad(chunked("0\r\nA: b\r\n\n"), "bare lf (RFC 9112 §2.2)"),
	"trailers as large as may be": served(chunked(`0\r\na: ${"b".repeat(4_096 - 7)}\r\n\r\n`), "POST"),
	"trailers a byte too large": tooMany(
		chunked(`0\r\na: ${"b".repeat(4_096 - 6)}\r\n\r\n`),
		"trailers too large (RFC 6585 §5)",
	),
	"the end of the stream in a body": unfinished(`${post("Content-Length: 5")}hell`),
	"the end of the stream in a chunk": unfinished(chunked("5\r\nhell")),
	"the end of the stream before the last chunk": unfinished(chunked("5\r\nhello\r\n")),
	"the end of the stream in the trailers": unfinished(chunked("0\r\nA: b\r\n")),
	// What is framed well is served, whatever it looks like.
	"a body that looks like a request": served(
		`${post("Content-Length: 18")}GET / HTTP/1.1\r\n\r\n`,
		"POST",
		"/",
		"GET / HTTP/1.1\r\n\r\n",
	),
	"zeros before a Content-Length": served(`${post("Content-Length: 0005")}hello`, "POST", "/", "hello"),
});

export const httpFailures: readonly Case[] = [...requestLines, ...fields, ...bodies];
