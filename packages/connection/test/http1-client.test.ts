import { describe, expect, test } from "vitest";
import { connectionSettings, Http1Client } from "../src/index.ts";
import { CLIENT_HANDSHAKE, CLIENT_REQUEST, CLIENT_SWITCHING, clientOwner, openClient, random } from "./owner.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, closePayload, concat, http, serverFrame, TEXT, upper } from "./wire.ts";

describe("RFC 6455 §4.1: the opening handshake", () => {
	test("goes out at once", () => {
		const owner = clientOwner();
		expect(owner.sentText()).toBe(CLIENT_HANDSHAKE);
		expect(owner.connection.streamAction).toBe("open");
	});

	test("with origin, subprotocols, extensions and the application's fields", () => {
		const offers = (): [string, string][][] => [[["p", "1"]], []];
		const extension = { name: "x-a", offers, confirm: () => ({ ok: true, create: upper }) as const };
		const owner = clientOwner(
			{ clientExtensions: [extension] },
			{ origin: "http://a", protocols: ["a", "b"], fields: [["Cookie", "x=y"]] },
		);
		expect(owner.sentText()).toBe(
			CLIENT_HANDSHAKE.replace(
				"\r\n\r\n",
				"\r\norigin: http://a\r\nsec-websocket-protocol: a, b\r\nsec-websocket-extensions: x-a; p=1, x-a\r\ncookie: x=y\r\n\r\n",
			),
		);
	});

	test("is accepted, and frames follow in the same chunk", () => {
		const owner = clientOwner();
		owner.hear(concat([bytesOf(CLIENT_SWITCHING), serverFrame(TEXT, "one"), serverFrame(TEXT, "two").subarray(0, 3)]));
		expect(owner.taken()).toMatchObject([
			{ type: "open", connection: { role: "client", protocol: "" }, head: { status: 101 } },
			{ type: "text", text: "one" },
		]);
		owner.hear(serverFrame(TEXT, "two").subarray(3));
		expect(owner.happened()).toEqual(["text two"]);
	});

	test("a subprotocol is agreed upon", () => {
		const owner = clientOwner({}, { protocols: ["a", "b"] });
		owner.hear(CLIENT_SWITCHING.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: b\r\n\r\n"));
		expect(owner.happened()).toEqual(["open b"]);
	});

	test("RFC 9110 §15.2: interim responses come before the answer", () => {
		const owner = clientOwner();
		owner.hear(http("HTTP/1.1 103 Early Hints", "Link: </a>"));
		expect([owner.happened(), owner.connection.streamAction]).toEqual([[], "open"]);
		owner.hear(`${http("HTTP/1.1 100 Continue")}${CLIENT_SWITCHING}`);
		expect([owner.happened(), owner.webSocket.readyState]).toEqual([["open"], "open"]);
	});

	test.each([
		["7Ubo2JRe6fIuZAdGHq7kDA4XEQ0=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "wrong-accept"],
		["Upgrade: websocket", "Upgrade: h2c", "answer-without-upgrade"],
		["\r\n\r\n", "\r\nSec-WebSocket-Protocol: b\r\n\r\n", "unoffered-protocol"],
		["\r\n\r\n", "\r\nSec-WebSocket-Extensions: x-a\r\n\r\n", "unoffered-extension"],
	])("%j → %j: %s, and what follows is not read", (from, to, kind) => {
		const owner = clientOwner();
		owner.hear(concat([bytesOf(CLIENT_SWITCHING.replace(from, to)), serverFrame(TEXT, "one")]));
		expect(owner.happened()).toEqual([`refused 101 ${kind}`]);
		expect(owner.connection.streamAction).toBe("end");
		owner.hear(serverFrame(TEXT, "two"));
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: fine"]);
	});

	test("misuse is found before anything is sent", () => {
		const make = (request: object) => () =>
			new Http1Client(connectionSettings({ random }), { ...CLIENT_REQUEST, ...request }, 0);
		expect(misuse(make({ target: "no path" }))).toBe("ERR_INVALID_TARGET");
		expect(misuse(make({ protocols: ["a", "a"] }))).toBe("ERR_INVALID_PROTOCOL");
		expect(misuse(make({ fields: [["x", "a\r\nb: c"]] }))).toBe("ERR_INVALID_FIELD_VALUE");
		expect(misuse(() => new Http1Client(connectionSettings(), CLIENT_REQUEST, 0))).toBe("ERR_RANDOM_REQUIRED");
	});
});

describe("a server that does not switch", () => {
	const head = ["HTTP/1.1 401 Unauthorized", "WWW-Authenticate: Basic"];

	test("a body of a length", () => {
		const owner = clientOwner();
		owner.hear(`${http(...head, "Content-Length: 4")}who`);
		expect(owner.happened()).toEqual(["refused 401 not-switching", "body who"]);
		expect(owner.connection.streamAction).toBe("open");
		owner.hear("?");
		expect(owner.happened()).toEqual(["body ?", "bodyEnd"]);
		expect(owner.connection.streamAction).toBe("end");
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: fine"]);
	});

	test("chunked", () => {
		const owner = clientOwner();
		owner.hear(`${http(...head, "Transfer-Encoding: chunked")}4\r\nwho?\r\n0\r\n\r\n`);
		expect(owner.happened()).toEqual(["refused 401 not-switching", "body who?", "bodyEnd"]);
	});

	test("until the end", () => {
		const owner = clientOwner();
		owner.hear(`${http(...head)}who?`);
		expect(owner.happened()).toEqual(["refused 401 not-switching", "body who?"]);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["bodyEnd", "closed: fine"]);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("none", () => {
		const owner = clientOwner();
		owner.hear(http("HTTP/1.1 204 No Content"));
		expect(owner.happened()).toEqual(["refused 204 not-switching", "bodyEnd"]);
	});

	test("a redirect is told and not followed", () => {
		const owner = clientOwner();
		owner.sent();
		owner.hear(http("HTTP/1.1 302 Found", "Location: ws://other/", "Content-Length: 0"));
		expect(owner.taken()[0]).toMatchObject({ type: "refused", head: { status: 302 } });
		expect(owner.sentText()).toBe("");
	});

	test("what is no HTTP is refused without a head", () => {
		const owner = clientOwner();
		owner.hear("SSH-2.0-OpenSSH\r\n");
		expect(owner.taken()).toMatchObject([{ type: "refused", head: null }]);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("a body that breaks off, or breaks the rules, just ends", () => {
		for (const rest of ["who", "x\r\n"]) {
			const owner = clientOwner();
			owner.hear(http(...head, rest === "who" ? "Content-Length: 4" : "Transfer-Encoding: chunked") + rest);
			owner.hearEnd();
			const lines = owner.happened().filter((line) => !line.startsWith("body "));
			expect(lines).toEqual(["refused 401 not-switching", "bodyEnd", "closed: fine"]);
		}
	});

	test("an end instead of an answer", () => {
		const owner = clientOwner();
		owner.hear("HTTP/1.1 101 Swit");
		owner.hearEnd();
		expect(owner.happened()).toEqual(["refused incomplete-message", "closed: fine"]);
		const reset = clientOwner();
		reset.hearReset();
		expect(reset.happened().at(-1)).toBe("closed: stream-reset");
	});
});

test("an answer that is read after the stream has gone opens nothing", () => {
	const owner = clientOwner();
	owner.pulls = false;
	owner.hear(concat([bytesOf(CLIENT_SWITCHING), serverFrame(TEXT, "one")]));
	owner.hearReset();
	owner.pulls = true;
	owner.settle();
	expect(owner.happened()).toEqual(["closed: stream-reset"]);
});

test.each([
	[
		"it has ended it",
		(owner: ReturnType<typeof clientOwner>) => owner.do((client, now) => client.terminate(now)),
		"fine",
	],
	["time has run out", (owner: ReturnType<typeof clientOwner>) => owner.pass(10_000), "handshake-timeout"],
] as const)("nothing comes behind `closed`, also when the stream goes afterwards: %s", (_name, end, failure) => {
	const owner = clientOwner();
	end(owner);
	expect(owner.happened()).toEqual([`closed: ${failure}`]);
	owner.hearEnd();
	owner.hearReset();
	expect(owner.happened()).toEqual([]);
});

test("a client that has ended it tells nothing of an answer that it has not read", () => {
	const owner = clientOwner();
	owner.pulls = false;
	owner.hear(http("HTTP/1.1 403 Forbidden", "Content-Length: 0"));
	owner.do((client, now) => client.terminate(now));
	owner.pulls = true;
	owner.settle();
	expect([owner.happened(), owner.connection.unread]).toEqual([["closed: fine"], 0]);
});

test("RFC 6455 §7.1.1: the client waits for the server to end first", () => {
	const owner = openClient();
	owner.hear(serverFrame(CLOSE, closePayload(1001, "bye")));
	// 1001 is 03e9; masked with 37fa it is 3413.
	expect(owner.sentHex()).toBe("888237fa213d3413");
	expect([owner.happened(), owner.connection.streamAction]).toEqual([["close 1001 bye"], "open"]);
	owner.hearEnd();
	expect(owner.connection.streamAction).toBe("end");
	expect(owner.happened()).toEqual(['closed 1001 "bye" clean by peer at closed: fine']);
});
