import type { RequestHead } from "@barewire/http1";
import { describe, expect, test } from "vitest";
import type { OutgoingResponse } from "../src/index.ts";
import { serverOwner } from "./owner.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, concat, hex, http, SWITCHING, TEXT, UPGRADE, upper } from "./wire.ts";

const GET = http("GET /a HTTP/1.1", "Host: a");
const OK: OutgoingResponse = { status: 200, body: true, fields: [["content-length", "2"]] };

/** A server that answers each request with its target. */
function echoingServer(options: Partial<OutgoingResponse> = {}) {
	const owner = serverOwner();
	owner.react = (event, connection, now) => {
		if (event.type !== "request") return;
		const body = bytesOf(event.head.target);
		const fields = [["content-length", `${body.length}`]] as const;
		connection.respond({ status: 200, body: true, fields, ...options }, now);
		connection.sendBody(body);
		connection.endBody([], now);
	};
	return owner;
}

describe("the bodies of requests", () => {
	test("none", () => {
		const owner = serverOwner();
		owner.hear(GET);
		expect(owner.happened()).toEqual(["request GET /a none", "bodyEnd"]);
	});

	test("of a length, in pieces", () => {
		const owner = serverOwner();
		owner.hear(`${http("POST /a HTTP/1.1", "Host: a", "Content-Length: 5")}he`);
		owner.hear("llo");
		expect(owner.happened()).toEqual(["request POST /a length", "body he", "body llo", "bodyEnd"]);
	});

	test("chunked, with trailers", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"));
		owner.hear("2\r\nhe\r\n3\r\nllo\r\n0\r\nETag: x\r\n\r\n");
		expect(owner.happened()).toEqual(["request POST /a chunked", "body he", "body llo", "bodyEnd etag=x"]);
	});
});

describe("the bodies of responses", () => {
	test("of a length", () => {
		const owner = serverOwner();
		owner.hear(GET);
		owner.do((connection, now) => connection.respond(OK, now));
		owner.do((connection) => connection.sendBody(bytesOf("h")));
		owner.do((connection) => connection.sendBody(bytesOf("i")));
		owner.do((connection, now) => connection.endBody([], now));
		expect(owner.sentText()).toBe(`${http("HTTP/1.1 200 OK", "content-length: 2")}hi`);
		expect(owner.connection.streamAction).toBe("open");
	});

	test("chunked, with trailers", () => {
		const owner = serverOwner();
		owner.hear(GET);
		owner.do((connection, now) => connection.respond({ status: 200, body: true }, now));
		owner.do((connection) => connection.sendBody(bytesOf("hello world, again")));
		owner.do((connection, now) => connection.endBody([["etag", "x"]], now));
		expect(owner.sentText()).toBe(
			`${http("HTTP/1.1 200 OK", "transfer-encoding: chunked")}12\r\nhello world, again\r\n0\r\netag: x\r\n\r\n`,
		);
		expect(owner.connection.streamAction).toBe("open");
	});

	test("all at once: one piece where it is short, the bytes themselves where it is long", () => {
		const owner = serverOwner();
		const respond = (body: Uint8Array): (Uint8Array | null)[] => {
			owner.hear(GET);
			owner.connection.respond({ status: 200, body }, 0);
			return [owner.connection.nextOutput(), owner.connection.nextOutput(), owner.connection.nextOutput()];
		};
		expect(respond(bytesOf("hi"))).toEqual([bytesOf(`${http("HTTP/1.1 200 OK", "content-length: 2")}hi`), null, null]);
		const long = new Uint8Array(16_385);
		expect(respond(long)[1]).toBe(long);
		expect(respond(new Uint8Array(0))[0]).toEqual(bytesOf(http("HTTP/1.1 200 OK", "content-length: 0")));
		expect(owner.connection.streamAction).toBe("open");
	});

	test("one that can't be sent changes nothing: another answer can be", () => {
		const owner = serverOwner();
		owner.hear(GET);
		const respond = (body: Uint8Array) => misuse(() => owner.connection.respond({ status: 200, body }, 0));
		const transferred = new Uint8Array(1);
		structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
		expect(respond("hi" as unknown as Uint8Array)).toBe("ERR_INVALID_PAYLOAD");
		expect(respond(transferred)).toBe("ERR_TRANSFERRED");
		owner.do((connection, now) => connection.respond({ status: 200, body: bytesOf("hi") }, now));
		expect(owner.sentText()).toBe(`${http("HTTP/1.1 200 OK", "content-length: 2")}hi`);
	});

	test("RFC 9110 §9.3.2: none to HEAD, though the head tells of it", () => {
		const owner = echoingServer();
		owner.hear(http("HEAD /a HTTP/1.1", "Host: a"));
		expect(owner.sentText()).toBe(http("HTTP/1.1 200 OK", "content-length: 2"));
		expect(owner.connection.streamAction).toBe("open");
	});

	test("RFC 9112 §6.1: no chunks to HTTP/1.0, the end of the stream ends the body", () => {
		const owner = serverOwner();
		owner.hear(http("GET /a HTTP/1.0", "Connection: keep-alive"));
		owner.do((connection, now) => connection.respond({ status: 200, body: true }, now));
		owner.do((connection) => connection.sendBody(bytesOf("hi")));
		expect(owner.connection.streamAction).toBe("open");
		owner.do((connection, now) => connection.endBody([], now));
		expect(owner.sentText()).toBe(`${http("HTTP/1.1 200 OK", "connection: close")}hi`);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("the bytes given to send are sent themselves and never written to", () => {
		const owner = serverOwner();
		owner.connection.receive(bytesOf(GET), 0);
		owner.connection.nextEvent();
		const payload = bytesOf("hi");
		owner.connection.respond(OK, 0);
		owner.connection.sendBody(payload);
		owner.connection.nextOutput();
		expect(owner.connection.nextOutput()).toBe(payload);
		expect(payload).toEqual(bytesOf("hi"));
	});
});

describe("RFC 9112 §9.3: keep-alive", () => {
	const answer = (target: string, ...fields: string[]) =>
		`${http("HTTP/1.1 200 OK", `content-length: ${target.length}`, ...fields)}${target}`;

	test("HTTP/1.1 goes on", () => {
		const owner = echoingServer();
		owner.hear(GET);
		owner.hear(http("GET /bc HTTP/1.1", "Host: a"));
		expect(owner.happened()).toEqual(["request GET /a none", "request GET /bc none"]);
		expect(owner.sentText()).toBe(answer("/a") + answer("/bc"));
		expect([owner.connection.streamAction, owner.connection.isOpen]).toEqual(["open", true]);
	});

	test("HTTP/1.1 with `Connection: close` ends, and what follows is not run", () => {
		const owner = echoingServer();
		owner.hear(http("GET /a HTTP/1.1", "Host: a", "Connection: close") + GET);
		owner.hear(GET);
		expect(owner.happened()).toEqual(["request GET /a none"]);
		expect(owner.sentText()).toBe(answer("/a", "connection: close"));
		expect([owner.connection.streamAction, owner.connection.isOpen]).toEqual(["end", false]);
		expect(owner.connection.unread).toBe(0);
	});

	test("HTTP/1.0 ends, unless it asks to go on", () => {
		const once = echoingServer();
		once.hear(http("GET /a HTTP/1.0"));
		expect([once.sentText(), once.connection.streamAction]).toEqual([answer("/a", "connection: close"), "end"]);
		const more = echoingServer();
		more.hear(http("GET /a HTTP/1.0", "Connection: keep-alive"));
		expect([more.sentText(), more.connection.streamAction]).toEqual([answer("/a", "connection: keep-alive"), "open"]);
	});

	test("the application may end it", () => {
		const owner = echoingServer({ close: true });
		owner.hear(GET);
		expect([owner.sentText(), owner.connection.streamAction]).toEqual([answer("/a", "connection: close"), "end"]);
		owner.hearEnd();
		expect(owner.happened().at(-1)).toBe("closed: fine");
	});

	test("RFC 9112 §9.3.2: pipelined requests are answered one by one, in their order", () => {
		const owner = serverOwner();
		owner.hear(GET + http("GET /bc HTTP/1.1", "Host: a"));
		expect(owner.happened()).toEqual(["request GET /a none", "bodyEnd"]);
		expect(owner.connection.unread).toBeGreaterThan(0);
		owner.hear(http("GET /d HTTP/1.1", "Host: a"));
		expect(owner.happened()).toEqual([]);
		const answerNext = () => owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		answerNext();
		expect(owner.happened()).toEqual(["request GET /bc none", "bodyEnd"]);
		answerNext();
		expect(owner.happened()).toEqual(["request GET /d none", "bodyEnd"]);
		answerNext();
		expect(owner.sentText()).toBe(http("HTTP/1.1 204 No Content").repeat(3));
	});

	test("a client that ends behind its request is answered all the same", () => {
		const owner = serverOwner();
		owner.hear(GET);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["request GET /a none", "bodyEnd"]);
		expect(owner.connection.streamAction).toBe("open");
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 204 No Content"));
		expect(owner.connection.streamAction).toBe("end");
		expect(owner.happened()).toEqual(["closed: fine"]);
	});
});

describe("RFC 9110 §10.1.1: Expect: 100-continue", () => {
	const POST = http("POST /a HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 2");

	test("the client waits for the 100, and gets one", () => {
		const owner = serverOwner();
		owner.hear(POST);
		expect(owner.taken()).toMatchObject([{ type: "request", expectsContinue: true }]);
		expect(owner.sentText()).toBe("");
		owner.do((connection) => connection.sendContinue());
		owner.do((connection) => connection.sendContinue());
		expect(owner.sentText()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
		owner.hear("hi");
		expect(owner.happened()).toEqual(["body hi", "bodyEnd"]);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect([owner.sentText(), owner.connection.streamAction]).toEqual([http("HTTP/1.1 204 No Content"), "open"]);
	});

	test("an answer instead of it ends the connection: nobody knows whether the body comes", () => {
		const owner = serverOwner();
		owner.hear(POST);
		owner.do((connection, now) => connection.respond({ status: 400, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 400 Bad Request", "content-length: 0", "connection: close"));
		expect(owner.connection.streamAction).toBe("end");
		owner.happened();
		owner.hear(`hi${GET}`);
		expect(owner.happened()).toEqual([]);
	});

	test("nobody waits: nothing is sent", () => {
		for (const head of [GET, http("POST /a HTTP/1.0", "Expect: 100-continue", "Content-Length: 2")]) {
			const owner = serverOwner();
			owner.do((connection) => connection.sendContinue());
			owner.hear(head);
			owner.do((connection) => connection.sendContinue());
			expect(owner.sentText()).toBe("");
		}
	});

	test("the stream is gone: nothing is sent, nothing thrown", () => {
		const owner = serverOwner();
		owner.hear(POST);
		owner.hearReset();
		owner.do((connection) => connection.sendContinue());
		expect(owner.sentText()).toBe("");
	});
});

describe("bodies that nobody reads", () => {
	const POST = http("POST /a HTTP/1.1", "Host: a", "Content-Length: 300000");

	test("are discarded behind the answer, and the next request is served", () => {
		const owner = echoingServer();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 5"));
		owner.hear("hello");
		owner.hear(GET);
		expect(owner.happened()).toEqual(["request POST /a length", "request GET /a none"]);
		expect(owner.connection.streamAction).toBe("open");
	});

	test.each(["Content-Length: 262145", "Transfer-Encoding: chunked"])(
		"RFC 9112 §9.6: where more may come than is discarded, the answer says that the connection ends: %s",
		(field) => {
			const owner = echoingServer();
			owner.hear(http("POST /a HTTP/1.1", "Host: a", field));
			expect(owner.sentText()).toContain("\r\nconnection: close\r\n");
			expect(owner.connection.streamAction).toBe("end");
		},
	);

	test("where a part was read, the rest counts", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 262145"));
		owner.hear(new Uint8Array(1));
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 204 No Content"));
	});

	test("end the connection when there is too much of them", () => {
		const owner = echoingServer({ readsOn: true });
		owner.hear(POST);
		owner.hear(new Uint8Array(256 * 1024));
		expect(owner.connection.streamAction).toBe("open");
		owner.hear(new Uint8Array(1));
		expect(owner.connection.streamAction).toBe("end");
		owner.hear(GET);
		expect(owner.happened()).toEqual(["request POST /a length"]);
	});

	test("don't keep a connection that is to end", () => {
		const owner = echoingServer({ close: true });
		owner.hear(POST);
		expect(owner.connection.streamAction).toBe("end");
		owner.hear(new Uint8Array(300_000));
		owner.hear(GET);
		expect([owner.happened(), owner.connection.unread]).toEqual([["request POST /a length"], 0]);
	});
});

describe("heads that are rejected are answered with their status, and nothing behind them is run", () => {
	test.each([
		["GET / HTTP/1.1\r\n\r\n", 400, "missing-host"],
		["GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "whitespace-before-colon"],
		[
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
			400,
			"content-length-with-transfer-encoding",
		],
		[`GET /${"a".repeat(8192)} HTTP/1.1\r\n`, 414, "request-line-too-long"],
		[`GET / HTTP/1.1\r\n${"a: b\r\n".repeat(101)}`, 431, "too-many-fields"],
		["GET / HTTP/2.0\r\n\r\n", 505, "unsupported-version"],
		["GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417, "unsupported-expectation"],
		["POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "unknown-transfer-coding"],
	])("%j", (head, status, kind) => {
		const owner = serverOwner();
		owner.hear(head + GET);
		owner.hear(GET);
		expect(owner.happened()).toEqual([`failed ${kind}`]);
		const [first, body] = owner.sentText().split("\r\n\r\n");
		const [statusLine, ...fields] = first?.split("\r\n") ?? [];
		expect(statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		expect(fields).toEqual([
			"content-type: text/plain; charset=utf-8",
			`content-length: ${body?.length}`,
			"connection: close",
		]);
		expect(body).toMatch(/^[^\n]+\n$/);
		expect([owner.connection.streamAction, owner.connection.unread]).toEqual(["end", 0]);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: fine"]);
	});

	test("RFC 9110 §9.3.2: without a body to HEAD", () => {
		const owner = serverOwner();
		owner.hear(UPGRADE.replace("GET", "HEAD"));
		expect(owner.happened()).toEqual(["failed method-not-get"]);
		expect(owner.sentText()).toMatch(/^HTTP\/1\.1 405 .*\r\n\r\n$/s);
	});

	test("a violation inside a body is answered when nothing has been", () => {
		const owner = serverOwner();
		owner.hear(`${http("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")}x\r\n`);
		expect(owner.happened()).toEqual(["request POST /a chunked", "failed malformed-chunk-size"]);
		expect(owner.sentText()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
		expect(misuse(() => owner.connection.respond(OK, 0))).toBe("ERR_STATE");
	});

	test("and cuts an answer that is under way short", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"));
		owner.do((connection, now) => connection.respond({ ...OK, readsOn: true }, now));
		owner.hear("x\r\n");
		expect(owner.sentText()).toBe(http("HTTP/1.1 200 OK", "content-length: 2"));
		expect(owner.connection.streamAction).toBe("end");
		expect(misuse(() => owner.connection.sendBody(bytesOf("hi")))).toBe("ERR_STATE");
	});

	test("a request that breaks off", () => {
		const owner = serverOwner();
		owner.hear("GET / HTT");
		owner.hearEnd();
		expect(owner.happened()).toEqual(["failed incomplete-message", "closed: fine"]);
		expect(owner.sentText()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
	});
});

describe("RFC 6455 §4.2: the opening handshake", () => {
	test("accepted", () => {
		const owner = serverOwner();
		owner.hear(UPGRADE);
		expect(owner.happened()).toEqual(["request GET /chat upgrade"]);
		owner.do((connection, now) => connection.accept({}, now));
		const { role, protocol, extensions, readyState } = owner.webSocket;
		expect([role, protocol, extensions, readyState]).toEqual(["server", "", [], "open"]);
		expect(owner.sentText()).toBe(SWITCHING);
	});

	test("a subprotocol and the application's own fields", () => {
		const owner = serverOwner();
		owner.hear(UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: a, b\r\n\r\n"));
		owner.do((connection, now) => connection.accept({ protocol: "b", fields: [["Set-Cookie", "x=y"]] }, now));
		expect(owner.webSocket.protocol).toBe("b");
		expect(owner.sentText()).toBe(
			SWITCHING.replace("\r\n\r\n", "\r\nsec-websocket-protocol: b\r\nset-cookie: x=y\r\n\r\n"),
		);
	});

	test("the server's extensions answer the client's offers", () => {
		const owner = serverOwner({
			serverExtensions: [{ name: "x-upper", answer: () => ({ params: [["p", "1"]], extension: upper() }) }],
		});
		owner.hear(UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-other, x-upper\r\n\r\n"));
		owner.do((connection, now) => connection.accept({}, now));
		expect(owner.webSocket.extensions).toEqual(["x-upper"]);
		expect(owner.sentText()).toContain("\r\nsec-websocket-extensions: x-upper; p=1\r\n");
		owner.hear(hex("c1 81 00000000 61"));
		expect(owner.happened().at(-1)).toBe("text A");
	});

	test("an extension is released with the connection, once", () => {
		const extension = upper();
		const owner = serverOwner({ serverExtensions: [{ name: "x-upper", answer: () => ({ params: [], extension }) }] });
		owner.hear(UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-upper\r\n\r\n"));
		owner.do((connection, now) => connection.accept({}, now));
		owner.hear(clientFrame(CLOSE, ""));
		expect(extension.released).toBe(0);
		owner.hearEnd();
		expect(extension.released).toBe(1);
		owner.hearEnd();
		expect(extension.released).toBe(1);
	});

	test("an extension is released when the handshake can't be accepted as the application wants it", () => {
		const extension = upper();
		const owner = serverOwner({ serverExtensions: [{ name: "x-upper", answer: () => ({ params: [], extension }) }] });
		owner.hear(UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-upper\r\n\r\n"));
		expect(misuse(() => owner.connection.accept({ protocol: "nobody's" }, 0))).toBe("ERR_UNOFFERED_PROTOCOL");
		expect(extension.released).toBe(1);
		owner.do((connection, now) => connection.respond(OK, now));
		expect(owner.sentText()).toMatch(/^HTTP\/1\.1 200 /);
	});

	test("messages are transformed, unless they are sent plain", () => {
		const extension = upper();
		const owner = serverOwner({ serverExtensions: [{ name: "x-upper", answer: () => ({ params: [], extension }) }] });
		owner.hear(UPGRADE.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-upper\r\n\r\n"));
		owner.do((connection, now) => connection.accept({}, now));
		owner.sent();
		const connection = owner.webSocket;
		owner.do(() => {
			connection.sendText("a");
			connection.sendText("b", true);
			connection.sendBinary(bytesOf("c"));
			connection.sendBinary(bytesOf("d"), true);
			expect(connection.preparedFor("text", 1)).toBe("x-upper always;");
			extension.outgoingRsv = () => 0;
			expect(connection.preparedFor("text", 1)).toBe("");
			extension.outgoingRsv = () => 0b100;
			extension.shared = null;
			expect(connection.preparedFor("text", 1)).toBe(null);
			connection.sendPrepared(connection.prepare("e"));
		});
		expect(owner.sentText()).toBe("\xc1\x01A\x81\x01b\xc2\x01C\x82\x01d\xc1\x01E");
	});

	test("frames that are pipelined behind it are neither lost nor read too early", () => {
		const owner = serverOwner();
		const frames = concat([clientFrame(TEXT, "one"), clientFrame(TEXT, "two")]);
		owner.hear(concat([bytesOf(UPGRADE), frames.subarray(0, 5)]));
		owner.hear(frames.subarray(5, 12));
		expect(owner.happened()).toEqual(["request GET /chat upgrade"]);
		expect(owner.connection.unread).toBe(12);
		owner.do((connection, now) => connection.accept({}, now));
		expect(owner.happened()).toEqual(["text one"]);
		owner.hear(frames.subarray(12));
		expect(owner.happened()).toEqual(["text two"]);
	});

	test("behind another request, on the same connection", () => {
		const owner = echoingServer();
		owner.hear(GET);
		owner.sent();
		owner.react = () => {};
		owner.hear(UPGRADE);
		owner.do((connection, now) => connection.accept({}, now));
		expect(owner.sentText()).toBe(SWITCHING);
	});

	test.each([
		["Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", "unsupported-version", 426],
		["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: short", "malformed-key", 400],
		["Connection: Upgrade", "Connection: keep-alive", "missing-connection-upgrade", 400],
		["GET /chat", "POST /chat", "method-not-get", 405],
	])("%s → %s: %s", (from, to, kind, status) => {
		const owner = serverOwner();
		owner.hear(UPGRADE.replace(from, to) + GET);
		expect(owner.happened()).toEqual([`failed ${kind}`]);
		const lines = owner.sentText().split("\r\n");
		expect(lines[0]).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
		const connection = lines.filter((line) => line.startsWith("connection:"));
		if (status === 405) expect(lines).toContain("allow: GET");
		// RFC 6455 §4.4 and RFC 9110 §15.5.22: the version that is spoken, and the Upgrade that is asked for.
		if (status === 426) {
			expect(lines).toContain("sec-websocket-version: 13");
			expect(lines).toContain("upgrade: websocket");
			expect(connection).toEqual(["connection: upgrade, close"]);
		} else expect(connection).toEqual(["connection: close"]);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("RFC 9110 §7.8: HTTP/1.0 can't upgrade, and other upgrades are ordinary requests", () => {
		for (const head of [UPGRADE.replace("HTTP/1.1", "HTTP/1.0"), UPGRADE.replace("websocket", "h2c")]) {
			const owner = serverOwner();
			owner.hear(head);
			expect(owner.happened()).toEqual(["request GET /chat none", "bodyEnd"]);
			expect(misuse(() => owner.connection.accept({}, 0))).toBe("ERR_STATE");
		}
	});

	test("refused by the application: it is answered, the connection ends, and what is pipelined behind it never runs", () => {
		const owner = serverOwner();
		owner.hear(UPGRADE + GET);
		owner.happened();
		owner.do((connection, now) => connection.respond({ status: 403, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 403 Forbidden", "content-length: 0", "connection: close"));
		expect(owner.connection.streamAction).toBe("end");
		owner.hear(GET);
		expect([owner.happened(), owner.connection.unread]).toEqual([[], 0]);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: fine"]);
	});

	test("what can't be accepted throws, and can still be answered", () => {
		const owner = serverOwner();
		owner.hear(UPGRADE);
		const { connection } = owner;
		expect(misuse(() => connection.accept({ protocol: "unasked" }, 0))).toBe("ERR_UNOFFERED_PROTOCOL");
		expect(misuse(() => connection.accept({ fields: [["x", "a\nb"]] }, 0))).toBe("ERR_INVALID_FIELD_VALUE");
		expect([connection.isOpen, connection.bufferedAmount]).toEqual([true, 0]);
		owner.do((_, now) => connection.accept({}, now));
		expect(owner.sentText()).toBe(SWITCHING);
	});
});

describe("misuse", () => {
	test("no request to answer", () => {
		const { connection } = serverOwner();
		expect(misuse(() => connection.respond(OK, 0))).toBe("ERR_STATE");
		expect(misuse(() => connection.sendBody(bytesOf("a")))).toBe("ERR_STATE");
		expect(misuse(() => connection.endBody([], 0))).toBe("ERR_STATE");
		expect(misuse(() => connection.accept({}, 0))).toBe("ERR_STATE");
	});

	test("a body before the response, a second response, a body behind the end", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 2"));
		const { connection } = owner;
		expect(misuse(() => connection.sendBody(bytesOf("a")))).toBe("ERR_STATE");
		expect(misuse(() => connection.endBody([], 0))).toBe("ERR_STATE");
		connection.respond(OK, 0);
		expect(misuse(() => connection.respond(OK, 0))).toBe("ERR_STATE");
		connection.sendBody(bytesOf("hi"));
		connection.endBody([], 0);
		expect(misuse(() => connection.sendBody(bytesOf("a")))).toBe("ERR_STATE");
		expect(misuse(() => connection.respond(OK, 0))).toBe("ERR_STATE");
	});

	test("a refused answer leaves everything as it was", () => {
		const owner = serverOwner();
		owner.hear(http("GET /a HTTP/1.0", "Connection: keep-alive"));
		const wrong = { status: 200, body: true, close: true, fields: [["x", "a\nb"]] } as const;
		expect(misuse(() => owner.connection.respond(wrong, 0))).toBe("ERR_INVALID_FIELD_VALUE");
		owner.do((connection, now) => connection.respond({ status: 200, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 200 OK", "content-length: 0", "connection: keep-alive"));
	});

	test("after the switch the object has ended: it says nothing and does nothing to the connection", () => {
		const { connection } = serverOwner();
		connection.receive(concat([bytesOf(UPGRADE), clientFrame(TEXT, "a")]), 0);
		connection.nextEvent();
		const webSocket = connection.accept({}, 0);
		expect(misuse(() => connection.respond(OK, 0))).toBe("ERR_STATE");
		expect(misuse(() => connection.accept({}, 0))).toBe("ERR_STATE");
		connection.sendContinue();
		connection.shutDown(0);
		connection.receive(bytesOf(GET), 0);
		connection.receiveReset(0);
		connection.terminate(0);
		connection.handleTimeout(1_000_000);
		expect([connection.isOpen, connection.nextEvent(), connection.nextOutput(), connection.unread]).toEqual([
			false,
			null,
			null,
			0,
		]);
		expect([connection.streamAction, connection.nextDeadline]).toEqual(["open", Number.POSITIVE_INFINITY]);
		expect([webSocket.readyState, webSocket.nextEvent()]).toEqual(["open", { type: "text", text: "a" }]);
	});
});

describe("shutDown", () => {
	test("with nothing under way it ends at once", () => {
		const owner = serverOwner();
		owner.do((connection, now) => connection.shutDown(now));
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["end", ""]);
		owner.hear(GET);
		expect(owner.happened()).toEqual([]);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: fine"]);
	});

	test("it lets the request under way be answered, and none behind it", () => {
		const owner = serverOwner();
		owner.hear(GET + GET);
		owner.do((connection, now) => connection.shutDown(now));
		expect(owner.connection.streamAction).toBe("open");
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect(owner.sentText()).toBe(http("HTTP/1.1 204 No Content", "connection: close"));
		expect(owner.connection.streamAction).toBe("end");
		expect(owner.happened()).toEqual(["request GET /a none", "bodyEnd"]);
	});

	test("it does not wait for the rest of a body whose request is answered", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 5"));
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect(owner.connection.streamAction).toBe("open");
		owner.do((connection, now) => connection.shutDown(now));
		expect(owner.connection.streamAction).toBe("end");
	});

	test("it can be said twice, and after the end", () => {
		const owner = serverOwner();
		for (let count = 0; count < 2; count++) owner.do((connection, now) => connection.shutDown(now));
		owner.hearEnd();
		owner.do((connection, now) => connection.shutDown(now));
		expect(owner.happened()).toEqual(["closed: fine"]);
	});
});

describe("a head that another parser has read", () => {
	const HEAD: RequestHead = { method: "GET", target: "/a", version: "1.1", fields: [["host", "a"]] };
	const HANDSHAKE: RequestHead = {
		...HEAD,
		fields: [
			["host", "a"],
			["upgrade", "websocket"],
			["connection", "Upgrade"],
			["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
			["sec-websocket-version", "13"],
		],
	};

	test("is a request as any other, and the last one", () => {
		const owner = echoingServer();
		owner.do((connection, now) => connection.receiveHead(HEAD, now));
		owner.hear(http("GET /b HTTP/1.1", "Host: a"));
		expect(owner.happened()).toEqual(["request GET /a none"]);
		expect(owner.sentText()).toBe(`${http("HTTP/1.1 200 OK", "content-length: 2", "connection: close")}/a`);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("may be an opening handshake, with frames behind it", () => {
		const owner = serverOwner();
		owner.react = (event, connection, now) =>
			event.type === "request" && event.upgrade !== null ? connection.accept({}, now) : null;
		owner.do((connection, now) => {
			connection.receiveHead(HANDSHAKE, now);
			connection.receive(clientFrame(TEXT, bytesOf("hi")), now);
		});
		expect(owner.happened().at(-1)).toBe("text hi");
		expect(owner.sentText()).toBe(SWITCHING);
	});

	test("is timed no more: nothing of it is awaited", () => {
		const owner = serverOwner();
		owner.do((connection, now) => connection.receiveHead(HANDSHAKE, now));
		expect(owner.connection.nextDeadline).toBe(Number.POSITIVE_INFINITY);
	});

	test("is refused where it breaks a rule, and behind the end", () => {
		const owner = serverOwner();
		owner.do((connection, now) => connection.receiveHead({ ...HEAD, fields: [] }, now));
		expect(owner.sentText()).toMatch(/^HTTP\/1.1 400 /);
		const { connection, clock } = owner;
		expect(misuse(() => connection.receiveHead(HEAD, clock.now))).toBe("ERR_STATE");
	});
});
