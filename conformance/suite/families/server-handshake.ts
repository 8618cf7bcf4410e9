import { asking, type Changes, PARTS, switching } from "../asking.ts";
import type { Case } from "../case.ts";
import { answered, closed, echoed, type HttpCase, httpCases, switched } from "../http-case.ts";
import { head, ok, refusal } from "../http-text.ts";

const accepted = (changes: Changes): HttpCase => switched(asking(changes), switching());

/** No opening handshake at all: an ordinary request. */
const ordinary = (changes: Changes): HttpCase => answered(asking(changes), ok(echoed("GET", "/chat")));

const bad = (changes: Changes, rule: string): HttpCase => closed(asking(changes), refusal("400 Bad Request", rule));

// RFC 6455 §4.4; RFC 9110 §15.5.22.
const otherVersion = (version: string, rule: string): HttpCase =>
	closed(asking({ version }), refusal("426 Upgrade Required", rule, "upgrade: websocket", "sec-websocket-version: 13"));

const otherMethod = (line: string): HttpCase =>
	closed(asking({ line }), refusal("405 Method Not Allowed", "method not get (RFC 6455 §4.2.1 item 1)", "allow: GET"));

const key = (value: string): Changes => ({ key: `Sec-WebSocket-Key: ${value}` });
const protocols = (value: string): Changes => ({ more: `Sec-WebSocket-Protocol: ${value}` });
const extensions = (value: string): Changes => ({ more: `Sec-WebSocket-Extensions: ${value}` });

const MALFORMED_KEY = "malformed key (RFC 6455 §4.2.1 item 5)";
const MALFORMED_PROTOCOLS = "malformed protocols (RFC 6455 §4.2.1 item 8)";
const DUPLICATE_PROTOCOL = "duplicate protocol (RFC 6455 §4.1 item 10)";
const MALFORMED_EXTENSIONS = "malformed extensions (RFC 6455 §4.2.1 item 9)";
const NO_CONNECTION_UPGRADE = "missing connection upgrade (RFC 6455 §4.2.1 item 4)";
const WITH_BODY = "request with body (RFC 9110 §9.3.1)";
const UNSUPPORTED_VERSION = "unsupported version (RFC 6455 §4.2.1 item 6)";

// RFC 6455 §4.2.1, item by item.
export const serverHandshake: readonly Case[] = [
	...httpCases("opening handshake, request line and Host", {
		"as in RFC 6455 §1.3": switched(
			"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://server.example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\r\n",
			"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		),
		"a key of another example, with bits that no byte owns": switched(
			asking(key("AQIDBAUGBwgJCgsMDQ4PEC==")),
			head(
				"HTTP/1.1 101 Switching Protocols",
				"upgrade: websocket",
				"connection: Upgrade",
				"sec-websocket-accept: OfS0wDaT5NoxF2gqm7Zj2YtetzM=",
			),
		),
		"HTTP/1.2": accepted({ line: "GET /chat HTTP/1.2" }),
		"a path with a query": accepted({ line: "GET /chat?room=1&who=%C3%A9 HTTP/1.1" }),
		"the path /": accepted({ line: "GET / HTTP/1.1" }),
		"an absolute request-target": accepted({ line: "GET http://server.example.com/chat HTTP/1.1" }),
		"a request-target with the scheme ws": accepted({ line: "GET ws://server.example.com:80/chat HTTP/1.1" }),
		"a request-target with the scheme wss": accepted({ line: "GET WSS://server.example.com:443/chat HTTP/1.1" }),
		"an absolute request-target without a path": accepted({ line: "GET http://server.example.com HTTP/1.1" }),
		"an empty line before it": accepted({ line: "\r\nGET /chat HTTP/1.1" }),
		"a field of Content-Length 0": accepted({ more: "Content-Length: 0" }),
		"Expect: 100-continue without a body": accepted({ more: "Expect: 100-continue" }),
		...Object.fromEntries(
			["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "Get", "GETT"].map((method) => [
				`the method ${method}`,
				otherMethod(`${method} /chat HTTP/1.1`),
			]),
		),
		// RFC 9110 §9.3.2: no content to HEAD.
		"the method HEAD": closed(
			asking({ line: "HEAD /chat HTTP/1.1" }),
			head(
				"HTTP/1.1 405 Method Not Allowed",
				"allow: GET",
				"content-type: text/plain; charset=utf-8",
				"content-length: 41",
				"connection: close",
			),
		),
		"the method CONNECT": otherMethod("CONNECT server.example.com:80 HTTP/1.1"),
		// RFC 9110 §7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request"
		"HTTP/1.0": closed(asking({ line: "GET /chat HTTP/1.0" }), ok(echoed("GET", "/chat"), "connection: close")),
		"an HTTP/1.0 request that asks to be kept alive": answered(
			asking({ line: "GET /chat HTTP/1.0", connection: "Connection: Upgrade, keep-alive" }),
			ok(echoed("GET", "/chat"), "connection: keep-alive"),
		),
		"HTTP/2.0": closed(
			asking({ line: "GET /chat HTTP/2.0" }),
			refusal("505 HTTP Version Not Supported", "unsupported version (RFC 9110 §2.5)"),
		),
		"HTTP/0.9": closed(
			asking({ line: "GET /chat HTTP/0.9" }),
			refusal("505 HTTP Version Not Supported", "unsupported version (RFC 9110 §2.5)"),
		),
		"http/1.1": bad({ line: "GET /chat http/1.1" }, "malformed version (RFC 9112 §2.3)"),
		"no version": bad({ line: "GET /chat" }, "malformed request line (RFC 9112 §3)"),
		"the target *": bad({ line: "GET * HTTP/1.1" }, "misplaced target (RFC 9112 §3.2)"),
		"a target of another scheme": bad(
			{ line: "GET ftp://server.example.com/chat HTTP/1.1" },
			"malformed target (RFC 6455 §4.2.1 item 1)",
		),
		"a target with a fragment": bad({ line: "GET /chat#top HTTP/1.1" }, "malformed target (RFC 9112 §3.2)"),
		"an absolute target of another host": bad(
			{ line: "GET http://other.example.com/chat HTTP/1.1" },
			"mismatched host (RFC 9112 §3.2.2)",
		),
		"no Host": bad({ host: "" }, "missing host (RFC 9112 §3.2)"),
		"two Hosts": bad({ more: "Host: server.example.com" }, "repeated host (RFC 9112 §3.2)"),
		"an empty Host": bad({ host: "Host:" }, "empty host (RFC 9110 §4.2.1)"),
		"a Host that is a list": bad({ host: "Host: a.example, b.example" }, "malformed host (RFC 9112 §3.2)"),
		"a Host with a path": bad({ host: "Host: server.example.com/" }, "malformed host (RFC 9112 §3.2)"),
		"a Host with a user": bad({ host: "Host: me@server.example.com" }, "malformed host (RFC 9112 §3.2)"),
		"a Host with port 65536": bad({ host: "Host: server.example.com:65536" }, "malformed host (RFC 9112 §3.2)"),
		"a Host with no number for a port": bad(
			{ host: "Host: server.example.com:http" },
			"malformed host (RFC 9112 §3.2)",
		),
		"a Host in bytes above 7F": bad({ host: "Host: s\xe9rver.example.com" }, "malformed host (RFC 9112 §3.2)"),
		"a Host with a port": accepted({ host: "Host: server.example.com:8080" }),
		"a Host that is an IPv6 address": accepted({ host: "Host: [::1]:8080" }),
		// CVE-2024-37890
		"more fields than the limit": closed(
			asking({ more: Array.from({ length: 101 }, (_, i) => `a${i}: b`).join("\r\n") }),
			refusal("431 Request Header Fields Too Large", "too many fields (RFC 6585 §5)"),
		),
		// After the 101 the bytes behind the head are frames; to a proxy they would be the body.
		"a body": bad({ more: "Content-Length: 5" }, WITH_BODY),
		"a chunked body": bad({ more: "Transfer-Encoding: chunked" }, WITH_BODY),
	}),
	...httpCases("opening handshake, Upgrade and Connection", {
		...Object.fromEntries(
			[
				"Upgrade: WebSocket",
				"Upgrade: WEBSOCKET",
				"UPGRADE:websocket",
				"Upgrade: \t websocket \t",
				"Upgrade: h2c, websocket",
				"Upgrade: websocket, h2c",
				"Upgrade: ,websocket,",
				"Upgrade: h2c\r\nUpgrade: websocket",
			].map((upgrade) => [JSON.stringify(upgrade), accepted({ upgrade })]),
		),
		// RFC 9110 §7.8: "A server MAY ignore a received Upgrade header field".
		...Object.fromEntries(
			["", "Upgrade:", "Upgrade: h2c", "Upgrade: websocket/13", "Upgrade: web socket", "Upgrade: websockets"].map(
				(upgrade) => [`${JSON.stringify(upgrade)} is an ordinary request`, ordinary({ upgrade })],
			),
		),
		"no Upgrade and no Connection": ordinary({ upgrade: "", connection: "" }),
		...Object.fromEntries(
			[
				"Connection: upgrade",
				"Connection: UPGRADE",
				"connection:Upgrade",
				"Connection: keep-alive, Upgrade",
				"Connection: Upgrade, keep-alive",
				"Connection: Upgrade,,",
				"Connection: close, Upgrade",
				"Connection: keep-alive\r\nConnection: Upgrade",
			].map((connection) => [JSON.stringify(connection), accepted({ connection })]),
		),
		...Object.fromEntries(
			[
				"",
				"Connection:",
				"Connection: close",
				"Connection: keep-alive",
				"Connection: Upgrades",
				"Connection: keep-alive Upgrade",
			].map((connection) => [`${JSON.stringify(connection)} is refused`, bad({ connection }, NO_CONNECTION_UPGRADE)]),
		),
	}),
	...httpCases("opening handshake, key and version", {
		"no key": bad({ key: "" }, "missing key (RFC 6455 §4.2.1 item 5)"),
		"two keys": bad({ more: PARTS.key }, "repeated key (RFC 6455 §11.3.1)"),
		"an empty key": bad(key(""), MALFORMED_KEY),
		"a key of 15 bytes": bad(key("dGhlIHNhbXBsZSBub25j"), MALFORMED_KEY),
		"a key of 17 bytes": bad(key("dGhlIHNhbXBsZSBub25jZWU="), MALFORMED_KEY),
		"a key of 1 byte": bad(key("AA=="), MALFORMED_KEY),
		"a key without padding": bad(key("dGhlIHNhbXBsZSBub25jZQ"), MALFORMED_KEY),
		"a key with one padding": bad(key("dGhlIHNhbXBsZSBub25jZQ="), MALFORMED_KEY),
		"a key with three paddings": bad(key("dGhlIHNhbXBsZSBub25jZQ==="), MALFORMED_KEY),
		"a key in the alphabet of base64url": bad(key("dGhlIHNhbXBsZSBub25j-_=="), MALFORMED_KEY),
		"a key with a space in it": bad(key("dGhlIHNhbXBs ZSBub25jZQ=="), MALFORMED_KEY),
		"a key in quotes": bad(key('"dGhlIHNhbXBsZSBub25jZQ=="'), MALFORMED_KEY),
		"a key that is no base64": bad(key("!@#$%^&*()!@#$%^&*()!@=="), MALFORMED_KEY),
		"a key with spaces around it": accepted(key("\t dGhlIHNhbXBsZSBub25jZQ== \t")),
		"no version": otherVersion("", "missing version (RFC 6455 §4.2.1 item 6)"),
		"two versions": otherVersion(
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13",
			"repeated version (RFC 6455 §11.3.5)",
		),
		...Object.fromEntries(
			["", "0", "8", "12", "14", "013", "13.0", "13, 8", "8, 13", "1 3", "thirteen", "-13", "+13", "\xb9\xb3"].map(
				(version) => [
					`version ${JSON.stringify(version)}`,
					otherVersion(`Sec-WebSocket-Version: ${version}`, UNSUPPORTED_VERSION),
				],
			),
		),
		"version 13 with spaces around it": accepted({ version: "Sec-WebSocket-Version: \t 13 \t" }),
	}),
	...httpCases("opening handshake, subprotocols and extensions", {
		...Object.fromEntries(
			// RFC 9110 §5.6.1: an empty list says nothing.
			["", ",", "chat", "chat, superchat", "chat,,superchat,", "a!#$%&'*+-.^_`|~9"].map((value) => [
				`subprotocols ${JSON.stringify(value)}`,
				accepted(protocols(value)),
			]),
		),
		"subprotocols on two lines": accepted({
			more: "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: superchat",
		}),
		...Object.fromEntries(
			["chat superchat", "chat/1", 'chat, "superchat"', "chat;q=1", "ch\xe4t", "chat, (superchat)"].map((value) => [
				`subprotocols ${JSON.stringify(value)}`,
				bad(protocols(value), MALFORMED_PROTOCOLS),
			]),
		),
		"a subprotocol twice": bad(protocols("chat, superchat, chat"), DUPLICATE_PROTOCOL),
		"a subprotocol twice, on two lines": bad(
			{ more: "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: chat" },
			DUPLICATE_PROTOCOL,
		),
		// An extension that nobody supports is not in the answer.
		...Object.fromEntries(
			[
				"",
				",",
				"permessage-deflate",
				"permessage-deflate; client_max_window_bits; server_max_window_bits=10, x-other",
				'x; y="z"',
				'x; y="\\z"',
				"x ; y = z , , w",
				"constructor",
				"__proto__",
				"__proto__; __proto__=1",
				"toString; valueOf",
			].map((value) => [`extensions ${JSON.stringify(value)}`, accepted(extensions(value))]),
		),
		...Object.fromEntries(
			[
				";",
				"x;",
				"x; ",
				"x; y=",
				"x; =y",
				"x y",
				'x; y="',
				'x; y="z',
				'x; y=""',
				'x; y="a b"',
				'x; y=",permessage-deflate;"',
				"x/y",
				"\xe9",
				`a; b="${"\\\\".repeat(3_900)}`,
				`a${" ".repeat(7_900)}b`,
				`${",".repeat(7_900)} a b`,
			].map((value) => [
				`extensions ${JSON.stringify(value.slice(0, 30))}, ${value.length} bytes`,
				bad(extensions(value), MALFORMED_EXTENSIONS),
			]),
		),
		// RFC 6454 §7.3
		"two Origins": bad(
			{ more: "Origin: http://server.example.com\r\nOrigin: http://server.example.com" },
			"repeated origin (RFC 6454 §7.3)",
		),
		"fields named as the properties of objects": accepted({ more: "constructor: x\r\n__proto__: x\r\ntoString: x" }),
	}),
];
