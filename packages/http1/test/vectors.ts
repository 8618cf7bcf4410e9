import type { HttpFailureKind } from "../src/failure.ts";
import type { HttpLimits } from "../src/index.ts";

/** A stream of bytes, one character each, and who reads it. */
export interface Vector {
	readonly from: "client" | "server";
	readonly text: string;
	readonly limits?: Partial<HttpLimits>;
	/** For a server's stream: the methods of the requests that it answers. Default: one GET. */
	readonly methods?: readonly string[];
	/** The connection ends behind the text. */
	readonly ends?: boolean;
}

function request(text: string, limits?: Partial<HttpLimits>): Vector {
	return { from: "client", text, ...(limits && { limits }) };
}

function response(text: string, limits?: Partial<HttpLimits>): Vector {
	return { from: "server", text, ...(limits && { limits }) };
}

/** A GET with these field lines besides Host. */
function get(lines: string): Vector {
	return request(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n\r\n`);
}

/** A GET whose field lines begin with these. */
function getFirst(lines: string): Vector {
	return request(`GET / HTTP/1.1\r\n${lines}\r\nHost: a\r\n\r\n`);
}

function target(line: string): Vector {
	return request(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`);
}

function chunked(body: string, limits?: Partial<HttpLimits>): Vector {
	return request(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`, limits);
}

function ended(vector: Vector): Vector {
	return { ...vector, ends: true };
}

/** Streams that break exactly one rule. */
export const FAILURES: Readonly<Record<HttpFailureKind, readonly Vector[]>> = {
	"bare-lf": [
		request("GET / HTTP/1.1\nHost: a\r\n\r\n"),
		request("GET / HTTP/1.1\r\nHost: a\n\r\n"),
		request("GET / HTTP/1.1\r\nHost: a\r\n\n"),
		request("\n"),
		chunked("1\nx\r\n0\r\n\r\n"),
		chunked("0\r\n\n"),
		response("HTTP/1.1 200 OK\n\r\n"),
	],
	"bare-cr": [
		request("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n"),
		request("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"),
		get("A: b\rC: d"),
		get("A\r: b"),
		get("A: b\r"),
		chunked("1\r;a\r\nx\r\n0\r\n\r\n"),
		chunked("1;a\r\r\nx\r\n0\r\n\r\n"),
		response("HTTP/1.1 200 O\rK\r\n\r\n"),
	],
	"empty-lines": [request("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")],
	"incomplete-message": [
		ended(request("G")),
		ended(request("\r")),
		ended(request("GET / HTTP/1.1\r\n")),
		ended(request("GET / HTTP/1.1\r\nHost: a\r\n\r")),
		ended(request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx")),
		ended(chunked("")),
		ended(chunked("1\r\nx")),
		ended(chunked("1\r\nx\r\n0\r\n")),
		ended(response("")),
		ended(response("HTTP/1.1 100 Continue\r\n\r\n")),
		ended(response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n")),
	],
	"request-line-too-long": [
		request("GET /0123456789 HTTP/1.1\r\nHost: a\r\n\r\n", { maxLineSize: 25 }),
		request("GET /0123456789 HTTP/1.1\r\nHost: a\r\n\r\n", { maxHeadSize: 25 }),
		request("GET /0123456789 HTTP/1.1\r", { maxLineSize: 25 }),
	],
	"malformed-request-line": [request("GET\r\nHost: a\r\n\r\n"), request("GET /\r\n"), request("\x16\x03\x01\r\n")],
	"malformed-method": [
		target("G(T /"),
		target(" /"),
		target(" GET /"),
		target("GET\t/ /"),
		target("GET\x00 /"),
		target("G\xc9T /"),
	],
	"malformed-target": [
		target("GET  /"),
		target("GET / "),
		target("GET /a b"),
		target("GET /a\tb"),
		target("GET /#fragment"),
		target("GET /\xe9"),
		target("GET /\x00"),
		target("GET /\x7f"),
		target("GET path/[x"),
		target("GET http://"),
		target("GET http:///path"),
		target("GET http://user@a/"),
		target("GET http://a:65536/"),
	],
	"misplaced-target": [
		target("GET *"),
		target("GET a:80"),
		target("OPTIONS a"),
		target("CONNECT /"),
		target("CONNECT *"),
		target("CONNECT a"),
		target("CONNECT a:"),
		target("CONNECT http://a/"),
	],
	"malformed-version": [
		request("GET / HTTP/11\r\nHost: a\r\n\r\n"),
		request("GET / http/1.1\r\nHost: a\r\n\r\n"),
		request("GET / HTTP/1.10\r\nHost: a\r\n\r\n"),
		request("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"),
		request("GET / HTTPS/1.1\r\nHost: a\r\n\r\n"),
		request("GET / x\r\n"),
		response("HTTP/1 200 OK\r\n\r\n"),
		response("HTTP/x.1 200 OK\r\n\r\n"),
		response("ICY 200 OK\r\n\r\n"),
	],
	"unsupported-version": [
		request("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
		request("GET / HTTP/0.9\r\n\r\n"),
		request("GET / HTTP/3.0\r\n\r\n"),
		response("HTTP/2.0 200 OK\r\n\r\n"),
	],
	"status-line-too-long": [response("HTTP/1.1 200 0123456789\r\n\r\n", { maxLineSize: 20 })],
	"malformed-status-line": [
		response("HTTP/1.1  200 OK\r\n\r\n"),
		response("HTTP/1.1 99 OK\r\n\r\n"),
		response("HTTP/1.1 099 OK\r\n\r\n"),
		response("HTTP/1.1 600 OK\r\n\r\n"),
		response("HTTP/1.1 2000 OK\r\n\r\n"),
		response("HTTP/1.1 +20 OK\r\n\r\n"),
		response("HTTP/1.1 200 O\x00K\r\n\r\n"),
		response("HTTP/1.1 200\tOK\r\n\r\n"),
	],
	"unexpected-response": [
		{ from: "server", text: "HTTP/1.1 200 OK\r\n\r\n", methods: [] },
		response("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
		response("HTTP/1.1 204 No Content\r\n\r\n\r\n"),
	],
	"too-many-interim-responses": [response("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(17))],
	"head-too-large": [
		request("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", { maxHeadSize: 32 }),
		request("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r", { maxHeadSize: 26 }),
		request(`GET / HTTP/1.1\r\nHost: a\r\n${"A: b\r\n".repeat(9)}\r\n`, { maxHeadSize: 60 }),
		response("HTTP/1.1 200 OK\r\nA: b\r\n\r\n", { maxHeadSize: 24 }),
	],
	"too-many-fields": [
		request("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\n\r\n", { maxFieldCount: 2 }),
		chunked("0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", { maxFieldCount: 2 }),
	],
	"field-line-too-long": [
		request("GET / HTTP/1.1\r\nHost: a\r\nA: 012345678901\r\n\r\n", { maxLineSize: 16 }),
		request("GET / HTTP/1.1\r\nHost: a\r\nA: 01234567890123", { maxLineSize: 16 }),
		chunked("0\r\nA: 01234567890123456789012345\r\n\r\n", { maxLineSize: 28 }),
	],
	"leading-whitespace": [
		getFirst(" A: b"),
		getFirst("\tA: b"),
		getFirst(" "),
		response("HTTP/1.1 200 OK\r\n A: b\r\n\r\n"),
	],
	"obsolete-folding": [get("A: b\r\n c"), get("A: b\r\n\tc"), get("A: b\r\n c: d"), get("A: b\r\n ")],
	"missing-colon": [get("Header"), getFirst("x")],
	"whitespace-before-colon": [get("A : b"), get("A\t: b"), get("Transfer-Encoding : chunked")],
	"malformed-field-name": [
		get(": b"),
		get(":"),
		get("A b: c"),
		get("A\x00: c"),
		get("(A): c"),
		get("\xe9: c"),
		get("A\x7f: c"),
	],
	"malformed-field-value": [get("A: \x00"), get("A: b\x01c"), get("A: b\x7f"), get("A: \x0b"), get("A: \x1b[0m")],
	"missing-host": [request("GET / HTTP/1.1\r\n\r\n"), request("GET http://a/ HTTP/1.1\r\n\r\n")],
	"repeated-host": [get("Host: a"), get("host: b"), request("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n")],
	"empty-host": [request("GET / HTTP/1.1\r\nHost:\r\n\r\n"), request("GET / HTTP/1.1\r\nHost: \t\r\n\r\n")],
	"malformed-host": [
		...[
			"a b",
			"a,b",
			"a/b",
			"user@a",
			"a:b",
			"a:80:80",
			":80",
			"[::1",
			"[g]",
			"a:65536",
			"a%zz",
			"\xe9",
			"a#",
			"a\\b",
		].map((host) => request(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)),
	],
	"mismatched-host": [
		request("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"),
		request("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n"),
	],
	"unsupported-expectation": [get("Expect: 200-ok"), get("Expect: 100-continue, x"), get("Expect:")],
	"repeated-content-length": [
		get("Content-Length: 1\r\nContent-Length: 1"),
		get("Content-Length: 1\r\ncontent-length: 2"),
	],
	"malformed-content-length": [
		...["1, 1", "1,1", "+1", "-1", "0x1", "1a", "", "1 1", "1.0", "1e1", "\xb2", "Infinity"].map((length) =>
			get(`Content-Length: ${length}`),
		),
		response("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n"),
	],
	"content-length-too-large": [
		get("Content-Length: 9007199254740992"),
		get("Content-Length: 18446744073709551615"),
		get("Content-Length: 18446744073709551617"),
		get(`Content-Length: 1${"0".repeat(400)}`),
	],
	"content-length-with-transfer-encoding": [
		get("Content-Length: 1\r\nTransfer-Encoding: chunked"),
		get("Transfer-Encoding: chunked\r\nContent-Length: 1"),
		get("Transfer-Encoding: x\r\nContent-Length: x"),
		response("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
	],
	"transfer-encoding-in-1.0": [
		request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
		request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"),
		response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
	],
	"malformed-transfer-encoding": [
		get("Transfer-Encoding:"),
		get("Transfer-Encoding: , chunked"),
		get("Transfer-Encoding: chunked,"),
		get("Transfer-Encoding: chunked\r\nTransfer-Encoding:"),
	],
	"chunked-not-final": [
		...[
			"gzip",
			"chunked, gzip",
			"chunked;a=b",
			"xchunked",
			"chunked x",
			'"chunked"',
			"identity",
			"\xa0chunked",
			"chunked\xa0",
		].map((coding) => get(`Transfer-Encoding: ${coding}`)),
		get("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
	],
	"repeated-chunked": [
		get("Transfer-Encoding: chunked, chunked"),
		get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
		get("Transfer-Encoding: chunked, gzip, chunked"),
	],
	"unknown-transfer-coding": [
		get("Transfer-Encoding: gzip, chunked"),
		get("Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
		response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
	],
	"chunk-line-too-long": [
		chunked(`1;${"a".repeat(300)}\r\nx\r\n0\r\n\r\n`),
		chunked(`${"0".repeat(300)}1`),
		chunked("12345", { maxChunkLineSize: 4 }),
	],
	"malformed-chunk-size": [
		...["", " 1", "1 ", "1 ;a", "\t1", "+1", "-1", "0x1", "g", "1g", ";a", "1_0", "1.", "\xb2", "1\x00"].map((size) =>
			chunked(`${size}\r\nx\r\n0\r\n\r\n`),
		),
	],
	"chunk-size-too-large": [
		...["20000000000000", "ffffffffffffffff", "10000000000000000", "10000000000000001", "f".repeat(250)].map((size) =>
			chunked(`${size}\r\nx\r\n0\r\n\r\n`),
		),
	],
	"malformed-chunk-extension": [
		...[";", ";;a", ";a=", ";a ", "; a", ";a =b", ';a="', ';a="\\"', ';a="b"c', ";a=\x00", ";=b", ';a="\x01"'].map(
			(extension) => chunked(`1${extension}\r\nx\r\n0\r\n\r\n`),
		),
	],
	"malformed-chunk-end": [
		...["xy", "x\n", "x\rx", "x0\r\n\r\n", "xx\r\n", "x\n\n"].map((data) => chunked(`1\r\n${data}\r\n0\r\n\r\n`)),
	],
	"trailers-too-large": [
		chunked("0\r\nA: 0123456789\r\n\r\n", { maxTrailerSize: 16 }),
		chunked(`0\r\n${"A: b\r\n".repeat(4)}\r\n`, { maxTrailerSize: 25 }),
	],
	"forbidden-trailer": [
		chunked("0\r\nContent-Length: 1\r\n\r\n"),
		chunked("0\r\nA: b\r\ntransfer-encoding: chunked\r\n\r\n"),
		chunked("0\r\nHOST: b\r\n\r\n"),
	],
};

/** Streams that break no rule. */
export const ACCEPTED: readonly Vector[] = [
	get("A:b"),
	get("A:  \t b c \t"),
	get("A:"),
	get("A: \xe9\x80\xff"),
	get("A: \xef\xbb\xbf"),
	get("constructor: a\r\n__proto__: b\r\nhasOwnProperty: c"),
	get("!#$%&'*+-.^_`|~09azAZ: token"),
	get("Content-Length: 9007199254740991"),
	get("Transfer-Encoding: Chunked"),
	request("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
	request("GET / HTTP/1.0\r\n\r\n"),
	request("GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
	request("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", { maxHeadSize: 33 }),
	target('GET /{a}|^`\\?[b]<"c">'),
	target("GET //a//b"),
	target("OPTIONS *"),
	target("CONNECT [::1]:443"),
	target("GET http://A/path?query"),
	target("GET http://a?query"),
	target("GET ws://a"),
	request("GET / HTTP/1.1\r\nHost: xn--e1a.example:65535\r\n\r\n"),
	request("GET / HTTP/1.1\r\nHost: a:\r\n\r\n"),
	chunked('3;a;b=c;d="e\\"; \xe9"\r\nabc\r\n000a\r\n0123456789\r\n0;x\r\nA: b\r\n\r\n'),
	chunked("1FFFFFFFFFFFFF\r\nabc"),
	chunked("1\r\nx\r\n0\r\n\r\n".concat("GET /next HTTP/1.1\r\nHost: a\r\n\r\n")),
	ended(request("")),
	ended(request("\r\n")),
	ended(request("GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
	response("HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\nabc"),
	response("HTTP/1.0 404 Not \xe9\tFound\r\nContent-Length: 0\r\n\r\n"),
	ended(response("HTTP/1.1 200 OK\r\n\r\nuntil the end\r\n")),
	response(
		`${"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".repeat(16)}HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n`,
	),
	ended(
		response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nContent-Length: 9\r\n\r\n\x81\x00\x88\x00"),
	),
	{ from: "server", text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", methods: ["HEAD"] },
	{ from: "server", text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\ntunnel", methods: ["CONNECT"] },
	{
		from: "server",
		text: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
		methods: ["HEAD", "GET"],
	},
];
