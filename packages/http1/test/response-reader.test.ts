import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeResponseHead, ResponseReader } from "../src/index.ts";
import { responseHead } from "./arbitraries.ts";
import { kinds, latin1, responseEvents, text } from "./drive.ts";

/** The first event of a stream, which is expected to be a head. */
function head(stream: string, method = "GET") {
	const event = responseEvents(stream, [method])[0];
	if (event?.type !== "response") throw new Error(JSON.stringify(event));
	return event;
}

describe("a response", () => {
	it("with its body", () => {
		expect(responseEvents("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nX: y\r\n\r\nno")).toEqual([
			{
				type: "response",
				head: {
					version: "1.1",
					status: 403,
					reason: "Forbidden",
					fields: [
						["content-length", "2"],
						["x", "y"],
					],
				},
				body: { kind: "length", length: 2 },
				interim: false,
				keepAlive: true,
			},
			{ type: "body", text: "no" },
			{ type: "bodyEnd", trailers: [] },
		]);
	});

	it("is read back as it was encoded", () => {
		fc.assert(
			fc.property(responseHead, (given) => {
				expect(head(text(encodeResponseHead(given))).head).toEqual(given);
			}),
		);
	});
});

describe("RFC 9112 §6.3: the length of the body", () => {
	it.each([
		["HEAD", "200 OK", "none"],
		["GET", "204 No Content", "none"],
		["GET", "304 Not Modified", "none"],
		["CONNECT", "200 OK", "none"],
		["CONNECT", "299 OK", "none"],
		["CONNECT", "404 Not Found", "length"],
		["GET", "200 OK", "length"],
		["GET", "101 Switching Protocols", "none"],
		["GET", "103 Early Hints", "none"],
	])("%s answered by %s: %s", (method, status, kind) => {
		expect(head(`HTTP/1.1 ${status}\r\nContent-Length: 1\r\n\r\n`, method).body.kind).toBe(kind);
	});

	it("without any field lasts until the end, which is no violation", () => {
		const events = responseEvents("HTTP/1.1 200 OK\r\n\r\nall\r\n\r\nof it", ["GET"], true);
		expect(events.slice(1)).toEqual([
			{ type: "body", text: "all\r\n\r\nof it" },
			{ type: "bodyEnd", trailers: [] },
		]);
		expect(events[0]).toMatchObject({ body: { kind: "untilClose" }, keepAlive: false });
	});
});

describe("RFC 9110 §15.2: interim responses", () => {
	it("come before the final one, each with its end", () => {
		const events = responseEvents("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 \r\n\r\n");
		expect(events.map((event) => event.type === "response" && [event.head.status, event.interim])).toEqual([
			[100, true],
			false,
			[103, true],
			false,
			[204, false],
			false,
		]);
	});

	it("sixteen for each final response", () => {
		const sixteen = "HTTP/1.1 102 Processing\r\n\r\n".repeat(16);
		const final = "HTTP/1.1 204 No Content\r\n\r\n";
		expect(kinds(responseEvents(sixteen + final + sixteen + final, ["GET", "GET"]))).toHaveLength(68);
		expect(kinds(responseEvents(`${sixteen}HTTP/1.1 102 P\r\n\r\n`)).at(-1)).toBe("too-many-interim-responses");
	});
});

describe("the end of HTTP", () => {
	it.each([
		["GET", "101 Switching Protocols"],
		["CONNECT", "200 OK"],
	])("%s answered by %s leaves the rest to another protocol", (method, status) => {
		const reader = new ResponseReader();
		reader.expect(method);
		reader.receive(latin1(`HTTP/1.1 ${status}\r\n\r\n\x81\x00`));
		expect(reader.next()).toMatchObject({ type: "response", interim: false, keepAlive: false });
		expect(reader.next()?.type).toBe("bodyEnd");
		expect([reader.next(), reader.unread]).toEqual([null, 2]);
		reader.receive(latin1("\x88\x00"));
		reader.receiveEnd();
		expect(reader.next()).toBeNull();
		expect(reader.takeRest()).toEqual(latin1("\x81\x00\x88\x00"));
	});
});

describe("expect", () => {
	it("without one the end of the connection is fine", () => {
		expect(responseEvents("", [], true)).toEqual([]);
		expect(kinds(responseEvents("HTTP/1.1 204 \r\n\r\n", ["GET"], true))).toEqual(["response", "bodyEnd"]);
	});

	it("tells the responses to several requests apart", () => {
		const stream = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n";
		expect(kinds(responseEvents(`${stream}${stream}x`, ["HEAD", "GET"]))).toEqual([
			"response",
			"bodyEnd",
			"response",
			"body",
			"bodyEnd",
		]);
	});

	it("CVE-2026-55517: bytes above 0x7F in a response are text, one character each", () => {
		expect(head("HTTP/1.1 200 \xe9\r\nX: \x80\xff\r\n\r\n").head).toMatchObject({
			reason: "\xe9",
			fields: [["x", "\x80\xff"]],
		});
	});
});
