import type { FieldLine, ResponseHead } from "@barewire/http1";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type ClientHandshake,
	type ClientRequestOptions,
	createRequest,
	evaluateResponse,
	type ResponseEvaluation,
} from "../src/client.ts";
import type { ExtensionParameters } from "../src/extension-list.ts";
import { type ClientExtension, negotiateExtensions, offerExtensions } from "../src/negotiation.ts";
import { createAcceptResponse, evaluateRequest } from "../src/server.ts";
import { extensionParameters, fieldLine, mutated, token } from "./arbitraries.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const MINIMAL: ClientRequestOptions = { host: "server.example.com", target: "/chat", key: KEY };

describe("createRequest", () => {
	test("RFC 6455 §1.2: the example", () => {
		const { head, handshake } = createRequest({
			...MINIMAL,
			origin: "http://example.com",
			protocols: ["chat", "superchat"],
		});
		expect(head).toEqual({
			method: "GET",
			target: "/chat",
			version: "1.1",
			fields: [
				["host", "server.example.com"],
				["upgrade", "websocket"],
				["connection", "Upgrade"],
				["sec-websocket-key", KEY],
				["sec-websocket-version", "13"],
				["origin", "http://example.com"],
				["sec-websocket-protocol", "chat, superchat"],
			],
		});
		expect(handshake).toEqual({ key: KEY, protocols: ["chat", "superchat"], offeredExtensions: [] });
	});

	test("RFC 6455 §4.1 items 8, 10, 11: what is not asked for is not there", () => {
		const { head } = createRequest({ ...MINIMAL, protocols: [], extensions: [], fields: [] });
		expect(head.fields.map(([name]) => name)).toEqual([
			"host",
			"upgrade",
			"connection",
			"sec-websocket-key",
			"sec-websocket-version",
		]);
	});

	test("RFC 6455 §4.1 items 11 and 12: extensions, and the application's own fields", () => {
		const extensions: ExtensionParameters[] = [
			{ name: "foo", params: [["a", "1"]] },
			{ name: "foo", params: [] },
		];
		const { head, handshake } = createRequest({ ...MINIMAL, extensions, fields: [["Authorization", "Basic eDp5"]] });
		expect(head.fields.slice(5)).toEqual([
			["sec-websocket-extensions", "foo; a=1, foo"],
			["authorization", "Basic eDp5"],
		]);
		expect(handshake.offeredExtensions).toEqual(extensions);
	});

	test("what the caller does to its lists later changes nothing", () => {
		const protocols = ["chat"];
		const { handshake } = createRequest({ ...MINIMAL, protocols });
		protocols.push("other");
		expect(handshake.protocols).toEqual(["chat"]);
	});

	test.each<[string, Partial<ClientRequestOptions>, string]>([
		["CR LF in the host", { host: "a\r\nx: y" }, "ERR_INVALID_HOST"],
		["no host", { host: "" }, "ERR_INVALID_HOST"],
		["userinfo in the host", { host: "a@b" }, "ERR_INVALID_HOST"],
		["CR LF in the target", { target: "/ HTTP/1.1\r\nx: y" }, "ERR_INVALID_TARGET"],
		["a space in the target", { target: "/a b" }, "ERR_INVALID_TARGET"],
		["a line feed behind the target", { target: "/a\n" }, "ERR_INVALID_TARGET"],
		["a fragment in the target", { target: "/a#b" }, "ERR_INVALID_TARGET"],
		["a target without a slash", { target: "a" }, "ERR_INVALID_TARGET"],
		["no target", { target: "" }, "ERR_INVALID_TARGET"],
		["a non-ASCII target", { target: "/caf\u00e9" }, "ERR_INVALID_TARGET"],
		["a key of the wrong length", { key: "YWJj" }, "ERR_INVALID_KEY"],
		["CR LF behind the key", { key: `${KEY}\r\nx: y` }, "ERR_INVALID_KEY"],
		["CR LF in the origin", { origin: "http://a\r\nx: y" }, "ERR_INVALID_ORIGIN"],
		["an empty origin", { origin: "" }, "ERR_INVALID_ORIGIN"],
		["an origin without a scheme", { origin: "example.com" }, "ERR_INVALID_ORIGIN"],
		["an origin with a path", { origin: "https://example.com/" }, "ERR_INVALID_ORIGIN"],
		["an origin with a query", { origin: "https://example.com?a" }, "ERR_INVALID_ORIGIN"],
		["a non-ASCII origin", { origin: "http://b\u00fccher.example" }, "ERR_INVALID_ORIGIN"],
		["§4.1 item 10: an empty protocol", { protocols: [""] }, "ERR_INVALID_PROTOCOL"],
		["§4.1 item 10: a protocol twice", { protocols: ["a", "b", "a"] }, "ERR_INVALID_PROTOCOL"],
		["§4.1 item 10: two protocols in one", { protocols: ["a, b"] }, "ERR_INVALID_PROTOCOL"],
		["CR LF in a protocol", { protocols: ["a\r\nx: y"] }, "ERR_INVALID_PROTOCOL"],
		["CR LF in an extension", { extensions: [{ name: "a\r\nx: y", params: [] }] }, "ERR_INVALID_EXTENSION"],
		["CR LF in a field", { fields: [["x", "a\r\ny: z"]] }, "ERR_INVALID_FIELD_VALUE"],
		["a second Host", { fields: [["Host", "b"]] }, "ERR_RESERVED_FIELD"],
		["a second Origin", { fields: [["Origin", "http://b"]] }, "ERR_RESERVED_FIELD"],
		["a second key", { fields: [["Sec-WebSocket-Key", KEY]] }, "ERR_RESERVED_FIELD"],
		["another version", { fields: [["Sec-WebSocket-Version", "8"]] }, "ERR_RESERVED_FIELD"],
		["Connection", { fields: [["connection", "close"]] }, "ERR_RESERVED_FIELD"],
		["Upgrade", { fields: [["upgrade", "h2c"]] }, "ERR_RESERVED_FIELD"],
		["a body by length", { fields: [["Content-Length", "5"]] }, "ERR_RESERVED_FIELD"],
		["a body by coding", { fields: [["Transfer-Encoding", "chunked"]] }, "ERR_RESERVED_FIELD"],
	])("a caller's misuse: %s", (_, options, code) => {
		expect(() => createRequest({ ...MINIMAL, ...options })).toThrow(
			expect.objectContaining({ name: "UsageError", code }),
		);
	});

	test.each([
		[["a", "b c"], '"b c" is no token'],
		[["a", "b", "b"], '"b" is there twice'],
	])("the protocols %j: the wrong one is named", (protocols, message) => {
		expect(() => createRequest({ ...MINIMAL, protocols })).toThrow(message);
	});
});

const HANDSHAKE: ClientHandshake = {
	key: KEY,
	protocols: ["chat", "superchat"],
	offeredExtensions: [
		{ name: "foo", params: [] },
		{ name: "bar", params: [] },
	],
};

// RFC 6455 §1.3: the example of a server's handshake.
const EXAMPLE: ResponseHead = {
	version: "1.1",
	status: 101,
	reason: "Switching Protocols",
	fields: [
		["upgrade", "websocket"],
		["connection", "Upgrade"],
		["sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
		["sec-websocket-protocol", "chat"],
	],
};

/** Confirms any answer without the parameter `bad`; the instance is its name. */
function lenient(name: string): ClientExtension<string> {
	return {
		name,
		offers: () => [[]],
		confirm: (answer) =>
			answer.some(([param]) => param === "bad")
				? { ok: false, failure: { kind: "bad-parameter", section: "RFC 0 §1", message: "bad" } }
				: { ok: true, create: () => `${name} in use` },
	};
}

const SUPPORTED = [lenient("bar"), lenient("foo")];

/** The example without the named field, and with these lines behind it. */
function changed(name: string, ...values: string[]): ResponseHead {
	const others = EXAMPLE.fields.filter(([fieldName]) => fieldName !== name);
	return { ...EXAMPLE, fields: [...others, ...values.map((value): FieldLine => [name, value])] };
}

const evaluate = (head: ResponseHead): ResponseEvaluation<string> => evaluateResponse(HANDSHAKE, head, SUPPORTED);

describe("evaluateResponse accepts", () => {
	test("RFC 6455 §1.3: the example", () => {
		expect(evaluate(EXAMPLE)).toEqual({ ok: true, protocol: "chat", extensions: [], accepted: [] });
	});

	test("RFC 6455 §4.2.2 item 4: no subprotocol, although some were offered", () => {
		expect(evaluate(changed("sec-websocket-protocol"))).toMatchObject({ ok: true, protocol: "" });
	});

	test("RFC 6455 §4.1 answer items 2 and 3: in any case, and Connection beside other options", () => {
		expect(evaluate(changed("upgrade", "WebSocket")).ok).toBe(true);
		expect(evaluate(changed("connection", "keep-alive, UPGRADE")).ok).toBe(true);
	});

	test("RFC 6455 §4.1 answer item 4: whitespace around the accept value is ignored", () => {
		expect(evaluate(changed("sec-websocket-accept", " \ts3pPLMBiTxaQ9kYGzzhZRbK+xOo=\t ")).ok).toBe(true);
	});

	test("RFC 6455 §9.1: extensions in the server's order, which is the order of operations", () => {
		const evaluation = evaluate(changed("sec-websocket-extensions", "foo; a=1, bar"));
		expect(evaluation).toMatchObject({
			extensions: ["foo in use", "bar in use"],
			accepted: [
				{ name: "foo", params: [["a", "1"]] },
				{ name: "bar", params: [] },
			],
		});
	});

	test("RFC 6455 §4.2.2 item 5.6: extensions split between several fields", () => {
		expect(evaluate(changed("sec-websocket-extensions", "bar", "foo"))).toMatchObject({
			extensions: ["bar in use", "foo in use"],
		});
	});

	test("the reason phrase does not count (RFC 9112 §4)", () => {
		expect(evaluate({ ...EXAMPLE, reason: "" }).ok).toBe(true);
	});
});

describe("evaluateResponse refuses, each rule broken by itself", () => {
	test.each<[string, ResponseHead, string]>([
		["§4.1 answer item 1: 200", { ...EXAMPLE, status: 200 }, "not-switching"],
		["§4.1 answer item 1: 401", { ...EXAMPLE, status: 401 }, "not-switching"],
		["§4.1 answer item 1: a redirect", { ...EXAMPLE, status: 302 }, "not-switching"],
		["§4.1 answer item 1: another 1xx", { ...EXAMPLE, status: 100 }, "not-switching"],
		["RFC 9110 §15.2: HTTP/1.0", { ...EXAMPLE, version: "1.0" }, "switching-in-http-1.0"],
		["§4.1 answer item 2: no Upgrade", changed("upgrade"), "answer-without-upgrade"],
		["§4.1 answer item 2: another Upgrade", changed("upgrade", "h2c"), "answer-without-upgrade"],
		["§4.1 answer item 2: one of a list", changed("upgrade", "websocket, h2c"), "answer-without-upgrade"],
		["§4.1 answer item 2: twice", changed("upgrade", "websocket", "websocket"), "answer-without-upgrade"],
		["§4.1 answer item 3: no Connection", changed("connection"), "answer-without-connection-upgrade"],
		["§4.1 answer item 3: another option", changed("connection", "close"), "answer-without-connection-upgrade"],
		["§4.1 answer item 4: no accept", changed("sec-websocket-accept"), "missing-accept"],
		["§4.1 answer item 4: empty", changed("sec-websocket-accept", ""), "wrong-accept"],
		["§4.1 answer item 4: the key itself", changed("sec-websocket-accept", KEY), "wrong-accept"],
		[
			"§4.1 answer item 4: another case",
			changed("sec-websocket-accept", "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
			"wrong-accept",
		],
		[
			"§4.1 answer item 4: another key's",
			changed("sec-websocket-accept", "Kfh9QIsMVZcl6xEPYxPHzW8SZ8w="),
			"wrong-accept",
		],
		[
			"§11.3.3: twice",
			changed("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
			"repeated-accept",
		],
		["§4.1 answer item 5: not offered", changed("sec-websocket-extensions", "baz"), "unoffered-extension"],
		["§4.1 answer item 5: in another case", changed("sec-websocket-extensions", "Foo"), "unoffered-extension"],
		["an extension from Object.prototype", changed("sec-websocket-extensions", "__proto__"), "unoffered-extension"],
		["§9.1: twice", changed("sec-websocket-extensions", "foo, foo"), "duplicate-extension"],
		["§9.1: parameters that are no answer", changed("sec-websocket-extensions", "foo; bad"), "unacceptable-extension"],
		["§9.1: malformed", changed("sec-websocket-extensions", "foo;"), "malformed-extension-answer"],
		["§9.1: an unclosed quote", changed("sec-websocket-extensions", 'foo; a="'), "malformed-extension-answer"],
		["§4.1 answer item 6: not offered", changed("sec-websocket-protocol", "other"), "unoffered-protocol"],
		["§4.1 answer item 6: in another case", changed("sec-websocket-protocol", "Chat"), "unoffered-protocol"],
		[
			"§4.1 answer item 6: all that were offered",
			changed("sec-websocket-protocol", "chat, superchat"),
			"unoffered-protocol",
		],
		["§4.2.2 item 4: the empty protocol", changed("sec-websocket-protocol", ""), "unoffered-protocol"],
		["a non-ASCII byte", changed("sec-websocket-protocol", "chat\u00e9"), "unoffered-protocol"],
		["a protocol from Object.prototype", changed("sec-websocket-protocol", "constructor"), "unoffered-protocol"],
		["§11.3.4: twice", changed("sec-websocket-protocol", "chat", "chat"), "repeated-protocol"],
	])("%s", (_, head, kind) => {
		expect(evaluate(head)).toMatchObject({ ok: false, failure: { kind, status: 0, fields: [] } });
	});

	test("§4.1 answer items 5 and 6: anything at all, when nothing was offered", () => {
		const nothing: ClientHandshake = { key: KEY, protocols: [], offeredExtensions: [] };
		expect(evaluateResponse(nothing, EXAMPLE, SUPPORTED)).toMatchObject({
			failure: { kind: "unoffered-protocol" },
		});
		const head = changed("sec-websocket-extensions", "foo");
		expect(evaluateResponse(nothing, head, SUPPORTED)).toMatchObject({ failure: { kind: "unoffered-extension" } });
	});

	test("an extension that was offered, but that the caller can no longer name, is not silently in use", () => {
		expect(evaluateResponse(HANDSHAKE, changed("sec-websocket-extensions", "foo"), [])).toMatchObject({
			failure: { kind: "unacceptable-extension" },
		});
	});
});

describe("whatever the head, there is an answer and never a throw", () => {
	test.each([
		["made of random fields", fc.array(fieldLine, { maxLength: 12 })],
		["an example with a few mistakes", mutated(EXAMPLE.fields)],
	])("%s", (_, lists) => {
		fc.assert(
			fc.property(lists, fc.constantFrom(101, 101, 101, 200, 0, 999), (fields, status) => {
				const evaluation = evaluate({ ...EXAMPLE, status, fields });
				if (!evaluation.ok) return;
				expect(status).toBe(101);
				expect(["", "chat", "superchat"]).toContain(evaluation.protocol);
				expect(evaluation.extensions).toHaveLength(evaluation.accepted.length);
			}),
			{ numRuns: 1000 },
		);
	});
});

test.each([
	["a later extension", { "sec-websocket-extensions": ["foo, bar; bad"] }],
	["the subprotocol", { "sec-websocket-extensions": ["foo"], "sec-websocket-protocol": ["other"] }],
])("no extension is made of an answer that is refused for %s", (_what, fields: Record<string, string[]>) => {
	let made = 0;
	const supported = SUPPORTED.map((extension) => ({
		...extension,
		confirm(answer: Parameters<typeof extension.confirm>[0]) {
			const confirmation = extension.confirm(answer);
			return confirmation.ok ? ({ ok: true, create: () => made++ } as const) : confirmation;
		},
		offers: extension.offers,
		restore: () => made,
	}));
	const names = Object.keys(fields);
	const lines = Object.entries(fields).flatMap(([name, values]) => values.map((value): FieldLine => [name, value]));
	const head = { ...EXAMPLE, fields: [...EXAMPLE.fields.filter(([name]) => !names.includes(name)), ...lines] };
	expect(evaluateResponse(HANDSHAKE, head, supported)).toMatchObject({ ok: false });
	expect(made).toBe(0);
});

test("a client and a server of this package agree, whatever they offer", () => {
	const offers = fc.uniqueArray(extensionParameters, { selector: ({ name }) => name, maxLength: 4 });
	const protocols = fc.uniqueArray(token, { maxLength: 4 });
	fc.assert(
		fc.property(offers, protocols, fc.nat(), (offered, protocols, pick) => {
			const clientExtensions = offered.map(
				({ name, params }): ClientExtension<string> => ({
					name,
					offers: () => [params],
					confirm: () => ({ ok: true, create: () => name }),
				}),
			);
			const { head, handshake } = createRequest({
				...MINIMAL,
				protocols,
				extensions: offerExtensions(clientExtensions),
			});
			const evaluation = evaluateRequest(head);
			if (!evaluation.ok) throw new Error(evaluation.failure.message);
			expect(evaluation.request.protocols).toEqual(protocols);
			expect(evaluation.request.extensions).toEqual(offered);

			// The server supports every second extension, and picks any of the protocols or none.
			const serverExtensions = offered
				.filter((_, index) => index % 2 === 0)
				.map(({ name }) => ({ name, answer: () => ({ params: [], extension: name }) }));
			const { extensions, answer } = negotiateExtensions(evaluation.request.extensions, serverExtensions);
			const protocol = protocols[pick % (protocols.length + 1)];
			const response = createAcceptResponse(evaluation.request, {
				extensions: answer,
				...(protocol === undefined ? {} : { protocol }),
			});
			expect(evaluateResponse(handshake, response, clientExtensions)).toEqual({
				ok: true,
				protocol: protocol ?? "",
				extensions,
				accepted: answer,
			});
		}),
	);
});
