import type { FieldLine, RequestHead } from "@barewire/http1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isKey } from "../src/accept-key.ts";
import {
	asksForWebSocket,
	createAcceptResponse,
	evaluateRequest,
	type RequestEvaluation,
	type UpgradeRequest,
} from "../src/server.ts";
import { fieldLine, mutated } from "./arbitraries.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

// RFC 6455 §1.2: the example of a client's handshake.
const EXAMPLE: RequestHead = {
	method: "GET",
	target: "/chat",
	version: "1.1",
	fields: [
		["host", "server.example.com"],
		["upgrade", "websocket"],
		["connection", "Upgrade"],
		["sec-websocket-key", KEY],
		["origin", "http://example.com"],
		["sec-websocket-protocol", "chat, superchat"],
		["sec-websocket-version", "13"],
	],
};

/** The example without the named field, and with these lines behind it. */
function changed(name: string, ...values: string[]): RequestHead {
	const others = EXAMPLE.fields.filter(([fieldName]) => fieldName !== name);
	return { ...EXAMPLE, fields: [...others, ...values.map((value): FieldLine => [name, value])] };
}

function kindOf(evaluation: RequestEvaluation): string {
	return evaluation.ok ? "accepted" : evaluation.failure.kind;
}

function accepted(head: RequestHead): UpgradeRequest {
	const evaluation = evaluateRequest(head);
	if (!evaluation.ok) throw new Error(evaluation.failure.message);
	return evaluation.request;
}

describe("asksForWebSocket", () => {
	test.each([
		["RFC 6455 §1.2: the example", EXAMPLE],
		["RFC 6455 §4.2.1 item 3: any case", changed("upgrade", "WebSocket")],
		["RFC 9110 §7.8: one of a list", changed("upgrade", "h2c, websocket")],
		["RFC 9110 §5.3: one of several lines", changed("upgrade", "h2c", "websocket")],
		["a stray Upgrade without the rest is still asking, and is then refused", changed("connection", "close")],
	])("yes: %s", (_, head) => {
		expect(asksForWebSocket(head)).toBe(true);
	});

	test.each([
		["RFC 9110 §7.8: ignored on HTTP/1.0", { ...EXAMPLE, version: "1.0" } as const],
		["no Upgrade field", changed("upgrade")],
		["an empty one", changed("upgrade", "")],
		["h2c leaves an ordinary request", changed("upgrade", "h2c")],
		["a protocol whose name only begins so", changed("upgrade", "websocket2")],
		["a protocol with a version", changed("upgrade", "websocket/13")],
		["a quoted text", changed("upgrade", '"websocket"')],
		["the token inside a quoted text", changed("upgrade", 'x="a, websocket, b"')],
	])("no: %s", (_, head) => {
		expect(asksForWebSocket(head)).toBe(false);
	});
});

describe("evaluateRequest accepts", () => {
	test("RFC 6455 §1.2: the example", () => {
		expect(evaluateRequest(EXAMPLE)).toEqual({
			ok: true,
			request: {
				key: KEY,
				protocols: ["chat", "superchat"],
				extensions: [],
				origin: "http://example.com",
				host: "server.example.com",
			},
		});
	});

	test("RFC 6455 §4.2.1 items 7 to 9: a request without the optional fields", () => {
		const names = ["host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"];
		const head = { ...EXAMPLE, fields: EXAMPLE.fields.filter(([name]) => names.includes(name)) };
		expect(accepted(head)).toEqual({
			key: KEY,
			protocols: [],
			extensions: [],
			origin: null,
			host: "server.example.com",
		});
	});

	test("RFC 6455 §4.2.1 item 1: an absolute http or https target, whose host then counts (RFC 9112 §3.2.2)", () => {
		expect(accepted({ ...EXAMPLE, target: "http://example.org:8080/chat" }).host).toBe("example.org:8080");
		expect(accepted({ ...EXAMPLE, target: "HTTPS://example.org?x" }).host).toBe("example.org");
	});

	test("RFC 6455 §4.2.1 item 4: Connection with other options beside Upgrade, in any case", () => {
		expect(evaluateRequest(changed("connection", "keep-alive, UPGRADE")).ok).toBe(true);
		expect(evaluateRequest(changed("connection", "keep-alive", "upgrade")).ok).toBe(true);
	});

	test("RFC 6455 §4.1 item 7: a key whose unused bits are set, as in the RFC's own example", () => {
		expect(accepted(changed("sec-websocket-key", "AQIDBAUGBwgJCgsMDQ4PEC==")).key).toBe("AQIDBAUGBwgJCgsMDQ4PEC==");
	});

	test("RFC 6455 §11.3.4: protocols on several lines are one list, empty members are none", () => {
		const head = changed("sec-websocket-protocol", "a,, b", "c");
		expect(accepted(head).protocols).toEqual(["a", "b", "c"]);
	});

	test("RFC 6455 §4.1 item 10: protocols that differ in case are different", () => {
		expect(accepted(changed("sec-websocket-protocol", "Chat, chat")).protocols).toEqual(["Chat", "chat"]);
	});

	test("RFC 6455 §11.3.2: extensions on several lines are one list", () => {
		expect(accepted(changed("sec-websocket-extensions", "foo", "bar; baz=2")).extensions).toEqual([
			{ name: "foo", params: [] },
			{ name: "bar", params: [["baz", "2"]] },
		]);
	});

	test("names from Object.prototype are just names", () => {
		const head = changed("sec-websocket-protocol", "constructor, __proto__, toString");
		expect(accepted(head).protocols).toEqual(["constructor", "__proto__", "toString"]);
		expect(accepted(changed("sec-websocket-extensions", "__proto__; constructor")).extensions).toEqual([
			{ name: "__proto__", params: [["constructor", null]] },
		]);
		expect(evaluateRequest(changed("__proto__", "x")).ok).toBe(true);
	});

	test("RFC 6454 §7.3: an Origin that is empty is there; a page without one is another thing", () => {
		expect(accepted(changed("origin", "")).origin).toBe("");
		expect(accepted(changed("origin", "null")).origin).toBe("null");
	});

	test("RFC 6455 §4.2.1 item 10: unknown fields are ignored", () => {
		expect(evaluateRequest(changed("x-unknown", "a", "b")).ok).toBe(true);
	});

	test("RFC 9112 §6.2: a Content-Length of zero is no body", () => {
		expect(evaluateRequest(changed("content-length", "0")).ok).toBe(true);
	});
});

describe("evaluateRequest refuses, each rule broken by itself", () => {
	test.each<[string, RequestHead, string, number]>([
		["§4.2.1 item 1: HTTP/1.0", { ...EXAMPLE, version: "1.0" }, "http-1.0", 400],
		["§4.2.1 item 1: POST", { ...EXAMPLE, method: "POST" }, "method-not-get", 405],
		["§4.2.1 item 1: HEAD", { ...EXAMPLE, method: "HEAD" }, "method-not-get", 405],
		["§4.2.1 item 1: methods are case-sensitive", { ...EXAMPLE, method: "get" }, "method-not-get", 405],
		["§4.2.1 item 1: CONNECT", { ...EXAMPLE, method: "CONNECT", target: "a:1" }, "method-not-get", 405],
		["§4.2.1 item 1: asterisk-form", { ...EXAMPLE, target: "*" }, "malformed-target", 400],
		["§4.2.1 item 1: authority-form", { ...EXAMPLE, target: "example.com:80" }, "malformed-target", 400],
		["§4.2.1 item 1: no target", { ...EXAMPLE, target: "" }, "malformed-target", 400],
		["§4.2.1 item 1: another scheme", { ...EXAMPLE, target: "ftp://example.com/" }, "malformed-target", 400],
		["§4.2.1 item 1: userinfo", { ...EXAMPLE, target: "http://a@example.com/" }, "malformed-target", 400],
		["§4.2.1 item 1: an absolute URI without a host", { ...EXAMPLE, target: "http:///x" }, "malformed-target", 400],
		["RFC 9110 §9.3.1: Content-Length", changed("content-length", "5"), "request-with-body", 400],
		[
			"RFC 9110 §9.3.1: Content-Length with zeros before it",
			changed("content-length", "005"),
			"request-with-body",
			400,
		],
		["RFC 9110 §9.3.1: two lengths of which one counts", changed("content-length", "0", "5"), "request-with-body", 400],
		["RFC 9110 §9.3.1: a length that is no number", changed("content-length", ""), "request-with-body", 400],
		["RFC 9110 §9.3.1: Transfer-Encoding", changed("transfer-encoding", "chunked"), "request-with-body", 400],
		["RFC 9110 §9.3.1: an empty Transfer-Encoding", changed("transfer-encoding", ""), "request-with-body", 400],
		["§4.2.1 item 2: no Host", changed("host"), "missing-host", 400],
		["§4.2.1 item 2: an empty Host", changed("host", ""), "missing-host", 400],
		["RFC 9112 §3.2: two Hosts", changed("host", "a", "a"), "repeated-host", 400],
		["§4.2.1 item 3: no Upgrade", changed("upgrade"), "missing-upgrade", 426],
		["§4.2.1 item 3: another Upgrade", changed("upgrade", "h2c"), "missing-upgrade", 426],
		["§4.2.1 item 4: no Connection", changed("connection"), "missing-connection-upgrade", 400],
		["§4.2.1 item 4: another Connection", changed("connection", "keep-alive"), "missing-connection-upgrade", 400],
		["§4.2.1 item 4: not a token", changed("connection", '"upgrade"'), "missing-connection-upgrade", 400],
		["§4.2.1 item 5: no key", changed("sec-websocket-key"), "missing-key", 400],
		["§11.3.1: two keys", changed("sec-websocket-key", KEY, KEY), "repeated-key", 400],
		["§4.2.1 item 5: an empty key", changed("sec-websocket-key", ""), "malformed-key", 400],
		["§4.2.1 item 5: 15 bytes", changed("sec-websocket-key", "AQIDBAUGBwgJCgsMDQ4P"), "malformed-key", 400],
		["§4.2.1 item 5: 17 bytes", changed("sec-websocket-key", "AQIDBAUGBwgJCgsMDQ4PEBE="), "malformed-key", 400],
		["§4.2.1 item 5: not base64", changed("sec-websocket-key", "dGhlIHNhbXBsZSBub25j*Q=="), "malformed-key", 400],
		["§4.2.1 item 6: no version", changed("sec-websocket-version"), "missing-version", 426],
		["§11.3.5: two versions", changed("sec-websocket-version", "13", "13"), "repeated-version", 426],
		["§4.2.2 item 4: version 8", changed("sec-websocket-version", "8"), "unsupported-version", 426],
		["§4.2.2 item 4: a later version", changed("sec-websocket-version", "25"), "unsupported-version", 426],
		["§4.3: a list of versions", changed("sec-websocket-version", "13, 8"), "unsupported-version", 426],
		["§4.3: a leading zero", changed("sec-websocket-version", "013"), "unsupported-version", 426],
		["§4.3: an empty version", changed("sec-websocket-version", ""), "unsupported-version", 426],
		["RFC 6454 §7.3: two origins", changed("origin", "http://a", "http://b"), "repeated-origin", 400],
		["§4.3: a protocol that is no token", changed("sec-websocket-protocol", "a b"), "malformed-protocols", 400],
		["§4.3: a quoted protocol", changed("sec-websocket-protocol", '"a"'), "malformed-protocols", 400],
		["§4.3: an unclosed quote", changed("sec-websocket-protocol", 'a, "b'), "malformed-protocols", 400],
		["§4.3: a non-ASCII protocol", changed("sec-websocket-protocol", "caf\u00e9"), "malformed-protocols", 400],
		["§4.1 item 10: a protocol twice", changed("sec-websocket-protocol", "a, b, a"), "duplicate-protocol", 400],
		["§4.1 item 10: twice on two lines", changed("sec-websocket-protocol", "a", "a"), "duplicate-protocol", 400],
		["§9.1: malformed extensions", changed("sec-websocket-extensions", "a;"), "malformed-extensions", 400],
		[
			"§9.1: a quoted value with separators, which is one value and no token",
			changed("sec-websocket-extensions", 'x; y=",permessage-deflate;"'),
			"malformed-extensions",
			400,
		],
		["a stray Upgrade without the rest", { ...EXAMPLE, fields: [["upgrade", "websocket"]] }, "missing-host", 400],
		["no fields at all", { ...EXAMPLE, fields: [] }, "missing-host", 400],
	])("%s", (_, head, kind, status) => {
		const evaluation = evaluateRequest(head);
		expect(kindOf(evaluation)).toBe(kind);
		expect(evaluation).toMatchObject({ failure: { status } });
	});
});

describe("whatever the head, there is an answer and never a throw", () => {
	const head = (fields: fc.Arbitrary<readonly FieldLine[]>): fc.Arbitrary<RequestHead> =>
		fc.record({
			method: fc.constantFrom("GET", "GET", "GET", "POST", ""),
			target: fc.oneof(
				fc.constant("/"),
				fc.constant("/"),
				fc.string({ unit: fc.constantFrom(..."htps:/@#?*\\ \0\u00ff"), maxLength: 20 }),
			),
			version: fc.constantFrom("1.1", "1.1", "1.1", "1.0"),
			fields,
		});

	test.each([
		["made of random fields", head(fc.array(fieldLine, { maxLength: 12 }))],
		["an example with a few mistakes", head(mutated(EXAMPLE.fields))],
	])("%s", (_, heads) => {
		fc.assert(
			fc.property(heads, (head) => {
				asksForWebSocket(head);
				const evaluation = evaluateRequest(head);
				if (!evaluation.ok) {
					expect([400, 405, 426]).toContain(evaluation.failure.status);
					return;
				}
				const { key, protocols } = evaluation.request;
				expect(asksForWebSocket(head)).toBe(true);
				expect(isKey(key)).toBe(true);
				expect(new Set(protocols).size).toBe(protocols.length);
				expect(createAcceptResponse(evaluation.request, {}).status).toBe(101);
			}),
			{ numRuns: 1000 },
		);
	});

	test("the examples with mistakes are not all refused, nor all accepted", () => {
		const kinds = fc.sample(mutated(EXAMPLE.fields), { numRuns: 500, seed: 1 }).map((fields) => {
			return kindOf(evaluateRequest({ ...EXAMPLE, fields }));
		});
		expect(new Set(kinds).size).toBeGreaterThan(8);
		expect(kinds).toContain("accepted");
	});

	test("a thousand fields", () => {
		const fields = Array.from({ length: 1000 }, (_, index): FieldLine => [`x-${index}`, "y"]);
		expect(kindOf(evaluateRequest({ ...EXAMPLE, fields }))).toBe("missing-host");
		expect(evaluateRequest({ ...EXAMPLE, fields: [...EXAMPLE.fields, ...fields] }).ok).toBe(true);
	});
});

describe("createAcceptResponse", () => {
	const request = accepted({
		...EXAMPLE,
		fields: [...EXAMPLE.fields, ["sec-websocket-extensions", "foo; a, bar"]],
	});

	test("RFC 6455 §1.3: the example of a server's handshake", () => {
		expect(createAcceptResponse(request, { protocol: "chat" })).toEqual({
			version: "1.1",
			status: 101,
			reason: "Switching Protocols",
			fields: [
				["upgrade", "websocket"],
				["connection", "Upgrade"],
				["sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
				["sec-websocket-protocol", "chat"],
			],
		});
	});

	test("RFC 6455 §4.2.2 item 4: no subprotocol, no extension: no such field", () => {
		const names = createAcceptResponse(request, { extensions: [] }).fields.map(([name]) => name);
		expect(names).toEqual(["upgrade", "connection", "sec-websocket-accept"]);
	});

	test("RFC 6455 §4.2.2 item 5.6: extensions, and the application's own fields", () => {
		const { fields } = createAcceptResponse(request, {
			extensions: [{ name: "foo", params: [["a", "1"]] }],
			fields: [["Set-Cookie", "session=1"]],
		});
		expect(fields.slice(3)).toEqual([
			["sec-websocket-extensions", "foo; a=1"],
			["set-cookie", "session=1"],
		]);
	});

	test.each([
		["§4.2.2 item 4: a protocol that was not offered", { protocol: "other" }, "ERR_UNOFFERED_PROTOCOL"],
		["§4.2.2 item 4: the empty protocol", { protocol: "" }, "ERR_UNOFFERED_PROTOCOL"],
		["§4.1 item 10: a protocol in another case", { protocol: "Chat" }, "ERR_UNOFFERED_PROTOCOL"],
		["CR LF in a protocol", { protocol: "chat\r\nx: y" }, "ERR_UNOFFERED_PROTOCOL"],
		["a protocol from Object.prototype", { protocol: "constructor" }, "ERR_UNOFFERED_PROTOCOL"],
		[
			"§4.2.2 item 4: an extension that was not offered",
			{ extensions: [{ name: "other", params: [] }] },
			"ERR_UNOFFERED_EXTENSION",
		],
		[
			"CR LF in an extension's parameter",
			{ extensions: [{ name: "foo", params: [["a", "\r\nx: y"] as const] }] },
			"ERR_INVALID_EXTENSION",
		],
		["CR LF in a field", { fields: [["x", "a\r\ny: z"] as const] }, "ERR_INVALID_FIELD_VALUE"],
		["NUL in a field", { fields: [["x", "\0"] as const] }, "ERR_INVALID_FIELD_VALUE"],
		["CR LF in a field name", { fields: [["x\r\ny", "z"] as const] }, "ERR_INVALID_FIELD_NAME"],
		["a second Accept", { fields: [["Sec-WebSocket-Accept", "a"] as const] }, "ERR_RESERVED_FIELD"],
		["a protocol past the check", { fields: [["sec-websocket-protocol", "a"] as const] }, "ERR_RESERVED_FIELD"],
		["Connection", { fields: [["Connection", "close"] as const] }, "ERR_RESERVED_FIELD"],
		["Upgrade", { fields: [["upgrade", "h2c"] as const] }, "ERR_RESERVED_FIELD"],
		["RFC 9110 §8.6: Content-Length", { fields: [["content-length", "0"] as const] }, "ERR_RESERVED_FIELD"],
		["RFC 9112 §6.1", { fields: [["transfer-encoding", "chunked"] as const] }, "ERR_RESERVED_FIELD"],
	])("a caller's misuse: %s", (_, options, code) => {
		expect(() => createAcceptResponse(request, options)).toThrow(expect.objectContaining({ name: "UsageError", code }));
	});
});
