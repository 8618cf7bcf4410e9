import { describe, expect, test } from "vitest";
import type { ConnectionOptions } from "../src/index.ts";
import { movedOwner } from "./moving.ts";
import { openOwner, openServer, serverOwner } from "./owner.ts";
import { BINARY, clientFrame, concat, hex, http, PING, serverFrame, TEXT } from "./wire.ts";

const NEVER = Number.POSITIVE_INFINITY;
const ROLES = ["server", "client"] as const;
const QUIET: ConnectionOptions = { keepAlive: { interval: NEVER } };
const SLOW = "failed message-timeout 1008";

function peerFrame(role: "server" | "client", opcode: number, payload: string): Uint8Array {
	return role === "server" ? clientFrame(opcode, payload) : serverFrame(opcode, payload);
}

describe("an unfinished message has 120 seconds in hand, and each byte gives 50 ms back", () => {
	test.each(ROLES)("%s: one that is cut, and its rest never comes", (role) => {
		for (const size of [1, 3, 9]) {
			const owner = openOwner(role, QUIET);
			owner.hear(peerFrame(role, TEXT, "x".repeat(100)).subarray(0, size));
			owner.pass(119_999);
			expect(owner.happened()).toEqual([]);
			owner.pass(1);
			expect(owner.happened()).toEqual([SLOW]);
			// 1008: "it has received a message that violates its policy".
			expect(owner.sentHex()).toMatch(role === "server" ? /^88..03f0/ : /^88/);
			expect(owner.connection.streamAction).toBe("end");
		}
	});

	test.each(ROLES)("%s: a trickle ends: a byte each 29 seconds", (role) => {
		const owner = openOwner(role, QUIET);
		const frame = peerFrame(role, TEXT, "x".repeat(100));
		owner.hear(frame.subarray(0, 10));
		for (let at = 10; at < 14; at++) {
			owner.pass(29_000);
			expect(owner.happened()).toEqual([]);
			owner.hear(frame.subarray(at, at + 1));
		}
		owner.pass(29_000);
		expect(owner.happened()).toContain(SLOW);
	});

	test.each([
		["fragments of one byte", hex("00 81 00000000 61")],
		["empty fragments, of which only the header comes", hex("00 80 00000000")],
	])("%s, one each ten seconds", (_what, fragment) => {
		const owner = openServer(QUIET);
		owner.hear(hex("01 80 00000000"));
		for (let count = 0; count < 12; count++) {
			owner.pass(10_000);
			owner.hear(fragment);
		}
		owner.pass(10_000);
		expect(owner.happened()).toEqual([SLOW]);
	});

	test("pings in between do not keep it going", () => {
		const owner = openServer(QUIET);
		owner.hear(hex("01 81 00000000 61"));
		for (let count = 0; count < 119; count++) {
			owner.pass(1_000);
			owner.hear(concat(Array(20).fill(clientFrame(PING, "ping"))));
		}
		owner.taken();
		owner.pass(999);
		expect(owner.happened()).toEqual([]);
		owner.pass(1);
		expect(owner.happened()).toEqual([SLOW]);
	});

	test("20 bytes a second are enough, for however long", () => {
		const owner = openServer({ ...QUIET, timeouts: { message: 1_000 } });
		owner.hear(clientFrame(BINARY, "x".repeat(60_000)).subarray(0, 8));
		for (let sent = 0; sent < 60_000; sent += 20) {
			owner.hear(new Uint8Array(20));
			owner.pass(999);
		}
		expect(owner.connection.readyState).toBe("open");
	});

	test("what comes fast saves no more than that", () => {
		const owner = openServer(QUIET);
		owner.hear(clientFrame(TEXT, "x".repeat(60_000)).subarray(0, 50_000));
		owner.pass(119_999);
		expect(owner.happened()).toEqual([]);
		owner.pass(1);
		expect(owner.happened()).toEqual([SLOW]);
	});

	test("each message begins anew, and a whole one ends it", () => {
		const owner = openServer(QUIET);
		const frame = clientFrame(TEXT, "a");
		owner.hear(frame.subarray(0, 3));
		owner.pass(100_000);
		owner.hear(concat([frame.subarray(3), frame.subarray(0, 2)]));
		owner.pass(119_999);
		owner.hear(frame.subarray(2));
		expect(owner.happened()).toEqual(["text a", "text a"]);
		expect(owner.connection.nextDeadline).toBe(NEVER);
	});

	test("the time in which the owner does not ask does not count", () => {
		const owner = openServer({ ...QUIET, timeouts: { message: 1_000 } });
		owner.hear(hex("01 81 00000000 61"));
		owner.pass(400);
		owner.pulls = false;
		owner.hear(hex("00"));
		owner.pass(50_000);
		expect(owner.connection.nextDeadline).toBe(NEVER);
		owner.pulls = true;
		owner.settle();
		// The byte has given back 50 ms.
		owner.pass(649);
		expect(owner.happened()).toEqual([]);
		owner.pass(1);
		expect(owner.happened()).toEqual([SLOW]);
	});

	test("a message in parts may take its time between them: only what gave no part is waited for", () => {
		const owner = openServer({ ...QUIET, parts: true });
		owner.hear(hex("01 82 00000000 61"));
		owner.pass(1_000_000);
		owner.hear(hex("62"));
		owner.pass(1_000_000);
		expect(owner.connection.readyState).toBe("open");
		owner.hear(hex("00"));
		owner.pass(120_000);
		expect(owner.happened().at(-1)).toBe(SLOW);
	});

	test.each([
		["a whole header", "82 85 00000000"],
		["a whole header behind a part", "02 81 00000000 61  80 85 00000000"],
		["an empty fragment", "02 80 00000000"],
		["an empty fragment behind a part", "02 81 00000000 61  00 80 00000000"],
		["a fragment and a ping", "02 80 00000000  89 80 00000000"],
	])("in parts nothing is waited for behind %s", (_, received) => {
		const owner = openServer({ ...QUIET, parts: true });
		owner.hear(hex(received));
		expect(owner.connection.nextDeadline).toBe(NEVER);
		owner.pass(1_000_000);
		expect(owner.connection.readyState).toBe("open");
	});

	test.each([
		["a header", "02 80 00000000  00 85 0000"],
		["a header that comes byte by byte", "02", "85", "00"],
		["a ping", "02 80 00000000  89 85 00000000 61"],
		["a character", "01 81 00000000 e2"],
		["a character, with an empty fragment behind it", "01 81 00000000 e2  00 80 00000000"],
	])("in parts the rest of what is cut is waited for: %s", (_, ...received) => {
		const owner = openServer({ ...QUIET, parts: true });
		for (const chunk of received) owner.hear(hex(chunk));
		owner.pass(120_000);
		expect(owner.happened().at(-1)).toBe(SLOW);
	});

	test("Infinity: it may take as long as it likes", () => {
		const owner = openServer({ ...QUIET, timeouts: { message: NEVER } });
		owner.hear(hex("01"));
		owner.pass(10_000_000);
		expect([owner.connection.readyState, owner.connection.nextDeadline]).toEqual(["open", NEVER]);
	});

	test("once the closing handshake has begun only its deadline counts", () => {
		const owner = openServer({ ...QUIET, timeouts: { message: 1_000, closing: NEVER } });
		owner.hear(hex("01"));
		owner.do((connection, now) => connection.close(1000, "", now));
		owner.hear(hex("81"));
		owner.pass(1_000_000);
		expect(owner.happened()).toEqual([]);
	});

	test("a moved connection goes on with the time that is left", () => {
		const owner = openServer(QUIET);
		owner.hear(hex("01 81 00000000 61"));
		owner.pass(100_000);
		const there = movedOwner(owner, QUIET);
		there.settle();
		there.hear(hex("00"));
		there.pass(20_049);
		expect(there.happened()).toEqual([]);
		there.pass(1);
		expect(there.happened()).toEqual([SLOW]);
	});
});

describe("a request's body has 30 seconds in hand, and each byte gives 4 ms back", () => {
	const POST = http("POST /a HTTP/1.1", "Host: a", "Content-Length: 100000");
	const CHUNKED = http("POST /a HTTP/1.1", "Host: a", "Transfer-Encoding: chunked");
	const LATE = "HTTP/1.1 408 ";

	test("one that never begins", () => {
		const owner = serverOwner();
		owner.hear(POST);
		owner.pass(29_999);
		expect(owner.sentText()).toBe("");
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
		owner.hearEnd();
		expect(owner.happened().at(-1)).toBe("closed: body-timeout");
	});

	test.each([
		["a byte each 29 seconds", POST, "a", 29_000],
		["a chunk of one byte each 10 seconds", CHUNKED, "1\r\na\r\n", 10_000],
		["a chunk extension that goes on", `${CHUNKED}1;`, "x", 10_000],
		["a trailer that goes on", `${CHUNKED}0\r\na: `, "x", 10_000],
	])("a trickle ends: %s", (_what, head, piece, every) => {
		const owner = serverOwner();
		owner.hear(head);
		for (let passed = 0; passed + every <= 30_000; passed += every) {
			expect(owner.sentText()).toBe("");
			owner.hear(piece);
			owner.pass(every);
		}
		owner.pass(1_000);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("250 bytes a second are enough, for however long; and silence is judged by what is in hand", () => {
		const owner = serverOwner({ timeouts: { body: 2_000 } });
		owner.hear(POST);
		for (let sent = 0; sent < 50_000; sent += 250) {
			owner.hear(new Uint8Array(250));
			owner.pass(999);
		}
		expect(owner.sentText()).toBe("");
		owner.pass(1_001);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("the time in which the application does not ask does not count", () => {
		const owner = serverOwner();
		owner.hear(POST);
		owner.pass(20_000);
		owner.pulls = false;
		owner.hear("a");
		owner.pass(600_000);
		expect(owner.sentText()).toBe("");
		owner.pulls = true;
		owner.settle();
		owner.pass(10_003);
		expect(owner.sentText()).toBe("");
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("nor does that in which the client waits for a 100", () => {
		const owner = serverOwner({ timeouts: { httpIdle: NEVER } });
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 5"));
		owner.pass(600_000);
		owner.do((connection) => connection.sendContinue());
		expect(owner.sentText()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
		owner.hear("a");
		owner.pass(29_999);
		expect(owner.sentText()).toBe("");
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("a body that is discarded behind its answer has its time too, and is not answered again", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 9"));
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.sent();
		owner.pass(29_000);
		owner.hear("a");
		owner.pass(1_004);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["end", ""]);
	});

	test("it ends with the body: an answer may take as long as it likes", () => {
		const owner = serverOwner();
		owner.hear(http("POST /a HTTP/1.1", "Host: a", "Content-Length: 1"));
		owner.hear("a");
		owner.pass(1_000_000);
		expect([owner.connection.nextDeadline, owner.connection.streamAction]).toEqual([NEVER, "open"]);
	});
});
