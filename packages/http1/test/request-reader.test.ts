import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeRequestHead, type RequestHead, RequestReader } from "../src/index.ts";
import { requestHead } from "./arbitraries.ts";
import { fieldsOf, kinds, latin1, requestEvents, text } from "./drive.ts";

/** The first event of a request with these field lines, which is expected to be a head. */
function head(lines: string, version = "1.1") {
	const event = requestEvents(`POST / HTTP/${version}\r\nHost: a\r\n${lines}\r\n`)[0];
	if (event?.type !== "request") throw new Error(JSON.stringify(event));
	return event;
}

describe("a request", () => {
	it("RFC 6455 §1.2: an opening handshake", () => {
		const fields = [
			["host", "server.example.com"],
			["upgrade", "websocket"],
			["connection", "Upgrade"],
			["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
			["sec-websocket-protocol", "chat, superchat"],
			["sec-websocket-version", "13"],
		] as const;
		const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
		expect(requestEvents(`GET /chat HTTP/1.1\r\n${lines}\r\n`)).toEqual([
			{
				type: "request",
				head: { method: "GET", target: "/chat", version: "1.1", fields },
				body: { kind: "none" },
				keepAlive: true,
				expectsContinue: false,
			},
			{ type: "bodyEnd", trailers: [] },
		]);
	});

	it("is read back as it was encoded", () => {
		fc.assert(
			fc.property(requestHead, (given) => {
				const event = requestEvents(text(encodeRequestHead(given)))[0];
				expect(event?.type === "request" && event.head).toEqual(given);
			}),
		);
	});

	it("RFC 9112 §6.3: is followed by a pipelined one only when asked", () => {
		const reader = new RequestReader();
		reader.receive(
			latin1("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxyGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
		);
		expect([reader.next()?.type, reader.next()?.type, reader.next()?.type]).toEqual(["request", "body", "bodyEnd"]);
		expect(reader.unread).toBe(28);
		expect(reader.next()).toMatchObject({ type: "request", head: { target: "/2" } });
	});

	it("RFC 9110 §2.5: a higher minor version counts as 1.1", () => {
		expect(head("", "1.9").head.version).toBe("1.1");
	});

	it("takes names that prototypes have for names", () => {
		expect(fieldsOf("GET / HTTP/1.1\r\nHost: a\r\n__proto__: b\r\nconstructor: c\r\n\r\n")).toEqual([
			["host", "a"],
			["__proto__", "b"],
			["constructor", "c"],
		]);
	});

	it("RFC 9110 §5.5: gives one character per byte", () => {
		expect(fieldsOf("GET / HTTP/1.1\r\nHost: a\r\nA: \x80\x9f\xa0\xff\xc3\xa9\r\n\r\n")[1]).toEqual([
			"a",
			"\x80\x9f\xa0\xff\xc3\xa9",
		]);
	});

	it("carries an Upgrade field that is nobody's business", () => {
		expect(head("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n").keepAlive).toBe(true);
	});
});

describe("RFC 9112 §2.2: empty lines before a request line", () => {
	it("two are skipped before each request, not three", () => {
		const request = "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
		expect(kinds(requestEvents(request + request))).toEqual(["request", "bodyEnd", "request", "bodyEnd"]);
		expect(kinds(requestEvents(`${request}\r\n${request}`))).toEqual(["request", "bodyEnd", "empty-lines"]);
	});
});

describe("RFC 9112 §9.3: keepAlive", () => {
	it.each([
		["1.1", "", true],
		["1.1", "Connection: close\r\n", false],
		["1.1", "Connection: Upgrade, CLOSE\r\n", false],
		["1.1", "Connection: keep-alive\r\nConnection: close\r\n", false],
		["1.1", "Connection: closed\r\n", true],
		["1.0", "", false],
		["1.0", "Connection: Keep-Alive\r\n", true],
		["1.0", "Connection: keep-alive, close\r\n", false],
	])("HTTP/%s with %j: %s", (version, lines, keepAlive) => {
		expect(head(lines, version).keepAlive).toBe(keepAlive);
	});
});

describe("RFC 9110 §10.1.1: expectsContinue", () => {
	it.each([
		["1.1", "Expect: 100-continue\r\nContent-Length: 1\r\n", true],
		["1.1", "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", true],
		["1.1", "Expect: 100-continue\r\n", false],
		["1.1", "Expect: 100-continue\r\nContent-Length: 0\r\n", false],
		["1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n", false],
		["1.0", "Expect: something\r\n", false],
	])("HTTP/%s with %j: %s", (version, lines, expectsContinue) => {
		expect(head(lines, version).expectsContinue).toBe(expectsContinue);
	});
});

describe("idle", () => {
	it("is true until a byte of the next request arrives", () => {
		const reader = new RequestReader();
		expect(reader.idle).toBe(true);
		reader.receive(latin1("GET / HTTP/1.1\r\n"));
		expect(reader.idle).toBe(false);
		expect([reader.next(), reader.unread, reader.idle]).toEqual([null, 0, false]);
		reader.receive(latin1("Host: a\r\n\r\n"));
		expect([reader.next()?.type, reader.idle]).toEqual(["request", false]);
		expect([reader.next()?.type, reader.idle]).toEqual(["bodyEnd", true]);
		reader.receive(latin1("\r\n"));
		expect([reader.idle, reader.next(), reader.idle]).toEqual([false, null, true]);
	});
});

describe("a head that another parser has read", () => {
	const HEAD: RequestHead = { method: "POST", target: "/a", version: "1.1", fields: [["host", "a"]] };

	/** What comes of a head with that body behind it. */
	function given(head: RequestHead, body = "") {
		const reader = new RequestReader();
		reader.receiveHead(head);
		reader.receive(latin1(body));
		const events: unknown[] = [];
		for (let event = reader.next(); event !== null; event = reader.next()) events.push(event);
		return events;
	}

	it("is told as if its bytes had come", () => {
		fc.assert(
			fc.property(requestHead, (head) => {
				expect(given(head)).toEqual(requestEvents(text(encodeRequestHead(head))));
			}),
		);
	});

	it("has the body that comes behind it, and further requests behind that", () => {
		const head: RequestHead = { ...HEAD, fields: [...HEAD.fields, ["content-length", "2"]] };
		expect(given(head, "xyGET /2 HTTP/1.1\r\nHost: a\r\n\r\n")).toMatchObject([
			{ type: "request", head, body: { kind: "length", length: 2 } },
			{ type: "body", bytes: latin1("xy") },
			{ type: "bodyEnd" },
			{ type: "request", head: { target: "/2" } },
			{ type: "bodyEnd" },
		]);
	});

	it.each<[Partial<RequestHead>, string]>([
		[{ method: "A B" }, "malformed-method"],
		[{ target: "a" }, "misplaced-target"],
		[{ target: "/\u00e9" }, "malformed-target"],
		[{ method: "CONNECT" }, "misplaced-target"],
		[{ fields: [] }, "missing-host"],
		[{ fields: [["host", "b/"]] }, "malformed-host"],
		[{ target: "http://b/" }, "mismatched-host"],
		[
			{
				fields: [
					["host", "a"],
					["a b", ""],
				],
			},
			"malformed-field-name",
		],
		[
			{
				fields: [
					["host", "a"],
					["b", "c\r\nd: e"],
				],
			},
			"malformed-field-value",
		],
		[
			{
				fields: [
					["host", "a"],
					["b", "\u0100"],
				],
			},
			"malformed-field-value",
		],
		[
			{
				fields: [
					["host", "a"],
					["content-length", "2"],
					["transfer-encoding", "chunked"],
				],
			},
			"content-length-with-transfer-encoding",
		],
		[
			{
				fields: [
					["host", "a"],
					["expect", "more"],
				],
			},
			"unsupported-expectation",
		],
	])("with %j is %s", (change, kind) => {
		expect(given({ ...HEAD, ...change })).toMatchObject([{ type: "failed", failure: { kind } }]);
	});

	it("is the request under way before it is told", () => {
		const reader = new RequestReader();
		reader.receiveHead(HEAD);
		expect(reader.idle).toBe(false);
		reader.next();
		expect(reader.method).toBe("POST");
	});

	it("comes before any bytes", () => {
		const reader = new RequestReader();
		reader.receive(latin1("G"));
		expect(() => reader.receiveHead(HEAD)).toThrow(expect.objectContaining({ code: "ERR_STATE" }));
		reader.takeRest();
		expect(() => reader.receiveHead(HEAD)).toThrow(expect.objectContaining({ code: "ERR_READER_SPENT" }));
	});
});
