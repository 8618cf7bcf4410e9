import { describe, expect, test } from "vitest";
import {
	type AnsweredRequest,
	beginResponse,
	bodyPieces,
	connectionField,
	lastPieces,
	type OutgoingBody,
	type OutgoingResponse,
} from "../src/outgoing-body.ts";
import { misuse } from "./usage.ts";
import { bytesOf, concat, http, textOf } from "./wire.ts";

const GET: AnsweredRequest = { method: "GET", version: "1.1", keepAlive: true };

function delimit(request: Partial<AnsweredRequest>, response: Partial<OutgoingResponse>) {
	const { head, body, keepAlive } = beginResponse({ ...GET, ...request }, { status: 200, body: true, ...response });
	return { head: textOf(head), framing: body.framing, remaining: body.remaining, keepAlive };
}

describe("RFC 9112 §6.3: how the body is delimited", () => {
	test("a body of a length", () => {
		expect(delimit({}, { fields: [["Content-Length", "5"]] })).toEqual({
			head: http("HTTP/1.1 200 OK", "content-length: 5"),
			framing: "length",
			remaining: 5,
			keepAlive: true,
		});
	});

	test("a body without one, to HTTP/1.1", () => {
		expect(delimit({}, {})).toEqual({
			head: http("HTTP/1.1 200 OK", "transfer-encoding: chunked"),
			framing: "chunked",
			remaining: 0,
			keepAlive: true,
		});
	});

	test("a body without one, to HTTP/1.0: until the end, which is near", () => {
		expect(delimit({ version: "1.0" }, {})).toEqual({
			head: http("HTTP/1.1 200 OK", "connection: close"),
			framing: "untilClose",
			remaining: 0,
			keepAlive: false,
		});
	});

	test("no body", () => {
		expect(delimit({}, { status: 404, body: false })).toMatchObject({
			head: http("HTTP/1.1 404 Not Found", "content-length: 0"),
			framing: "length",
			remaining: 0,
		});
	});

	test("RFC 9112 §6.2: a whole body is sent with its length, to HTTP/1.0 too", () => {
		expect(delimit({}, { body: bytesOf("hi") })).toEqual({
			head: `${http("HTTP/1.1 200 OK", "content-length: 2")}hi`,
			framing: "length",
			remaining: 0,
			keepAlive: true,
		});
		const long = new Uint8Array(64 * 1024);
		expect(beginResponse(GET, { status: 200, body: long }).rest).toBe(long);
		expect(delimit({ version: "1.0" }, { body: new Uint8Array(0) })).toMatchObject({
			head: http("HTTP/1.1 200 OK", "content-length: 0", "connection: keep-alive"),
			keepAlive: true,
		});
		expect(delimit({}, { body: bytesOf("a"), fields: [["content-length", "1"]] }).head).toBe(
			`${http("HTTP/1.1 200 OK", "content-length: 1")}a`,
		);
	});

	test("a whole body to HEAD, and with a 304: none", () => {
		const body = Uint8Array.of(1);
		expect(delimit({ method: "HEAD" }, { body })).toMatchObject({ head: http("HTTP/1.1 200 OK"), framing: "none" });
		expect(delimit({}, { status: 304, body }).framing).toBe("none");
	});

	test("RFC 9110 §9.3.2: an answer to HEAD tells of a body and has none", () => {
		expect(delimit({ method: "HEAD" }, { fields: [["content-length", "5"]] })).toMatchObject({
			head: http("HTTP/1.1 200 OK", "content-length: 5"),
			framing: "none",
			remaining: 0,
		});
		expect(delimit({ method: "HEAD" }, {}).head).toBe(http("HTTP/1.1 200 OK"));
	});

	test("RFC 9110 §15.4.5: so does a 304", () => {
		expect(delimit({}, { status: 304, body: false, fields: [["content-length", "5"]] })).toMatchObject({
			head: http("HTTP/1.1 304 Not Modified", "content-length: 5"),
			framing: "none",
		});
	});

	test("RFC 9110 §8.6: a 204 has no Content-Length, not even of 0", () => {
		const bare = { head: http("HTTP/1.1 204 No Content"), framing: "none" };
		expect(delimit({}, { status: 204, body: false })).toMatchObject(bare);
		expect(delimit({}, { status: 204, body: false, fields: [["content-length", "0"]] })).toMatchObject(bare);
	});

	test("a reason of the application's own", () => {
		expect(delimit({}, { status: 299, reason: "Fine, mostly", body: false }).head).toBe(
			http("HTTP/1.1 299 Fine, mostly", "content-length: 0"),
		);
	});
});

describe("misuse throws", () => {
	test.each([
		["ERR_STATUS", { status: 101 }],
		["ERR_STATUS", { status: 600 }],
		["ERR_STATUS", { status: 200.5 }],
		["ERR_STATUS", { status: Number.NaN }],
		["ERR_FIELD", { fields: [["Connection", "close"]] }],
		["ERR_FIELD", { fields: [["Transfer-Encoding", "chunked"]] }],
		["ERR_FIELD", { fields: [["Keep-Alive", "5"]] }],
		["ERR_CONTENT_LENGTH", { fields: [["content-length", "-1"]] }],
		["ERR_CONTENT_LENGTH", { fields: [["content-length", "1, 1"]] }],
		["ERR_CONTENT_LENGTH", { fields: [["content-length", "9".repeat(16)]] }],
		[
			"ERR_CONTENT_LENGTH",
			{
				fields: [
					["content-length", "1"],
					["Content-Length", "1"],
				],
			},
		],
		["ERR_CONTENT_LENGTH", { body: false, fields: [["content-length", "1"]] }],
		["ERR_CONTENT_LENGTH", { body: Uint8Array.of(1, 2), fields: [["content-length", "1"]] }],
		["ERR_INVALID_FIELD_VALUE", { fields: [["x", "a\r\nset-cookie: b"]] }],
		["ERR_INVALID_FIELD_NAME", { fields: [["x: y", "a"]] }],
		["ERR_INVALID_REASON", { reason: "OK\r\nx: y" }],
	] satisfies [string, Partial<OutgoingResponse>][])("%s: %j", (code, response) => {
		expect(misuse(() => beginResponse(GET, { status: 200, body: true, ...response }))).toBe(code);
	});
});

function body(framing: OutgoingBody["framing"], remaining = 0): OutgoingBody {
	return { framing, remaining };
}

describe("the pieces of a body", () => {
	test.each([
		["none", ""],
		["untilClose", "hello"],
		["length", "hello"],
		["chunked", "5\r\nhello\r\n"],
	] as const)("%s", (framing, wire) => {
		expect(textOf(concat(bodyPieces(body(framing, 5), bytesOf("hello"))))).toBe(wire);
		// An empty chunk would end a chunked body (RFC 9112 §7.1).
		expect(bodyPieces(body(framing, 5), new Uint8Array(0))).toEqual([]);
	});

	test("a payload is passed on by reference, never copied or written to", () => {
		const payload = bytesOf("hello");
		for (const framing of ["untilClose", "length", "chunked"] as const) {
			expect(bodyPieces(body(framing, 5), payload)).toContain(payload);
		}
		expect(textOf(payload)).toBe("hello");
	});

	test("a payload whose buffer was transferred is not an empty one", () => {
		const payload = bytesOf("hello");
		structuredClone(payload, { transfer: [payload.buffer as ArrayBuffer] });
		expect(misuse(() => bodyPieces(body("chunked"), payload))).toBe("ERR_TRANSFERRED");
	});

	test("a body is exactly as long as its Content-Length", () => {
		const five = body("length", 5);
		bodyPieces(five, bytesOf("abc"));
		expect(misuse(() => lastPieces(five, []))).toBe("ERR_CONTENT_LENGTH");
		expect(misuse(() => bodyPieces(five, bytesOf("def")))).toBe("ERR_CONTENT_LENGTH");
		expect(five.remaining).toBe(2);
		bodyPieces(five, bytesOf("de"));
		expect(lastPieces(five, [])).toEqual([]);
	});

	test("the end", () => {
		expect(textOf(concat(lastPieces(body("chunked"), [])))).toBe("0\r\n\r\n");
		expect(textOf(concat(lastPieces(body("chunked"), [["etag", "x"]])))).toBe("0\r\netag: x\r\n\r\n");
		expect(misuse(() => lastPieces(body("chunked"), [["content-length", "1"]]))).toBe("ERR_FORBIDDEN_TRAILER");
		for (const framing of ["none", "untilClose"] as const) expect(lastPieces(body(framing), [])).toEqual([]);
	});
});

describe("the Connection field", () => {
	test.each([
		[false, "1.1", [], null],
		[true, "1.1", [], ["connection", "close"]],
		// RFC 9112 §9.3: HTTP/1.0 persists only where it is said.
		[false, "1.0", [], ["connection", "keep-alive"]],
		[true, "1.0", [], ["connection", "close"]],
		// RFC 9110 §7.8: whoever sends Upgrade names it in Connection.
		[false, "1.1", [["upgrade", "websocket"]], ["connection", "upgrade"]],
		[true, "1.1", [["upgrade", "websocket"]], ["connection", "upgrade, close"]],
	] as const)("close %s, HTTP/%s, fields %j", (close, version, fields, expected) => {
		expect(connectionField(fields, close, version)).toEqual(expected);
	});
});
