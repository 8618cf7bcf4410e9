import { describe, expect, test } from "vitest";
import type { ConnectionOptions } from "../src/index.ts";
import { CLIENT_SWITCHING, clientOwner, openClient, openOwner, openServer, serverOwner } from "./owner.ts";
import { httpPair, openPair } from "./pair.ts";
import {
	bytesOf,
	CLOSE,
	clientFrame,
	closePayload,
	concat,
	http,
	PING,
	PONG,
	serverFrame,
	TEXT,
	UPGRADE,
} from "./wire.ts";

const NEVER = Number.POSITIVE_INFINITY;
const ROLES = ["server", "client"] as const;
const GET = http("GET / HTTP/1.1", "Host: a");
const LATE = "HTTP/1.1 408 ";

function peerFrame(role: "server" | "client", opcode: number, payload: Uint8Array | string = ""): Uint8Array {
	return role === "server" ? clientFrame(opcode, payload) : serverFrame(opcode, payload);
}

describe("halfOpen: the time for an answer whose client has ended its half", () => {
	test.each([
		["a request", GET, GET],
		["a handshake", UPGRADE, UPGRADE],
		["a request with a body", http("POST / HTTP/1.1", "Host: a", "Content-Length: 2"), "hi"],
	])("%s: then the connection is cut", (_what, head, rest) => {
		const owner = serverOwner();
		owner.hear(head);
		if (rest !== head) owner.hear(rest);
		owner.pass(1_000);
		owner.hearEnd();
		owner.pass(99);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test.each([
		["a body that nobody reads", http("POST / HTTP/1.1", "Host: a", "Content-Length: 2"), "hi"],
		["a part of a body that nobody reads", http("POST / HTTP/1.1", "Host: a", "Content-Length: 9"), "hi"],
		["another request", GET, GET],
		["an empty line", GET, "\r\n"],
	])("%s behind the head: the same", (_what, head, rest) => {
		const owner = serverOwner();
		owner.hear(head);
		owner.pulls = false;
		owner.hear(rest);
		owner.hearEnd();
		owner.pass(99);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("it begins anew with each part of the body that is read", () => {
		const owner = serverOwner();
		owner.hear(http("POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"));
		owner.pulls = false;
		owner.hear("2\r\nhi\r\n0\r\n\r\n");
		owner.hearEnd();
		owner.happened();
		owner.pass(99);
		expect(owner.connection.nextEvent()?.type).toBe("body");
		owner.pass(99);
		expect(owner.connection.streamAction).toBe("open");
		expect(owner.connection.nextEvent()?.type).toBe("bodyEnd");
		owner.pass(99);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("an answer in time is sent, and a request behind it has its own time", () => {
		const owner = serverOwner();
		const answer = (): void => owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.hear(GET);
		owner.hear(GET);
		owner.hearEnd();
		owner.pass(99);
		answer();
		owner.pass(99);
		answer();
		expect(owner.sentText().match(/HTTP\/1\.1 204/g)).toHaveLength(2);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("Infinity: such clients get their answers", () => {
		const owner = serverOwner({ timeouts: { halfOpen: Number.POSITIVE_INFINITY } });
		owner.hear(GET);
		owner.hearEnd();
		owner.pass(1_000_000);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		expect(owner.sentText().startsWith("HTTP/1.1 204 ")).toBe(true);
	});
});

describe("handshake: the time for a head", () => {
	test("a server cuts a client that says nothing", () => {
		const owner = serverOwner();
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["end", ""]);
		owner.hearEnd();
		expect(owner.happened()).toEqual(["closed: handshake-timeout"]);
	});

	test("bytes of the head bring no more time, and are answered with 408", () => {
		const owner = serverOwner({ timeouts: { handshake: 100 } });
		owner.pass(50);
		owner.hear("GET / HTTP/1.1\r\n");
		owner.pass(49);
		owner.hear("Host: a\r\n");
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
		expect(owner.connection.streamAction).toBe("end");
		owner.hear("\r\n");
		expect(owner.happened()).toEqual(["failed handshake-timeout"]);
	});

	test("a later request has its time from its first byte on", () => {
		const owner = serverOwner({ timeouts: { handshake: 100, httpIdle: 1_000 } });
		owner.hear(GET);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.sent();
		owner.pass(500);
		owner.hear("GET / HT");
		owner.pass(99);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["open", ""]);
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("a pipelined one from the answer before it on", () => {
		const owner = serverOwner({ timeouts: { handshake: 100 } });
		owner.hear(`${GET}GET / HT`);
		owner.pass(5_000);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.sent();
		owner.pass(99);
		expect(owner.sentText()).toBe("");
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
	});

	test("an application that takes its time to answer is not timed", () => {
		for (const head of [GET, UPGRADE]) {
			const owner = serverOwner();
			owner.hear(head);
			owner.pass(1_000_000);
			expect([owner.connection.nextDeadline, owner.connection.streamAction]).toEqual([NEVER, "open"]);
		}
	});

	test("nor is an owner that does not ask for the head", () => {
		const server = serverOwner();
		server.pulls = false;
		server.hear(UPGRADE);
		server.pass(50_000);
		server.pulls = true;
		server.settle();
		expect([server.happened(), server.sentText()]).toEqual([["request GET /chat upgrade"], ""]);
		const client = clientOwner();
		client.pulls = false;
		client.hear(CLIENT_SWITCHING);
		client.pass(50_000);
		client.pulls = true;
		client.settle();
		expect(client.happened()).toEqual(["open"]);
	});

	test("a client cuts a server that does not answer", () => {
		const owner = clientOwner();
		owner.sent();
		owner.hear("HTTP/1.1 101 Switching");
		owner.pass(9_999);
		expect([owner.happened(), owner.connection.streamAction]).toEqual([[], "open"]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["closed: handshake-timeout"]);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("the body of a refusal has the handshake's time too", () => {
		const owner = clientOwner();
		owner.hear(http("HTTP/1.1 403 Forbidden", "Content-Length: 5"));
		owner.pass(5_000);
		owner.hear("no");
		owner.pass(4_999);
		expect(owner.happened()).toEqual(["refused 403 not-switching", "body no"]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["closed: handshake-timeout"]);
	});
});

describe("httpIdle: the silence of an HTTP peer", () => {
	test("between two requests: it ends without an answer that nobody waits for", () => {
		const owner = serverOwner();
		owner.hear(GET);
		owner.pass(30_000);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.sent();
		owner.pass(74_999);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["end", ""]);
		owner.hearEnd();
		expect(owner.happened().at(-1)).toBe("closed: http-idle-timeout");
	});

	test("inside a body: counted from its latest byte, answered with 408", () => {
		const owner = serverOwner({ timeouts: { body: NEVER } });
		owner.hear(http("POST / HTTP/1.1", "Host: a", "Content-Length: 9"));
		owner.pass(40_000);
		owner.hear("a");
		owner.pass(74_999);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["open", ""]);
		owner.pass(1);
		expect(owner.sentText().startsWith(LATE)).toBe(true);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("inside a body whose answer has begun: there is no second answer", () => {
		const owner = serverOwner({ timeouts: { body: NEVER } });
		owner.hear(http("POST / HTTP/1.1", "Host: a", "Content-Length: 9"));
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.sent();
		owner.pass(75_000);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["end", ""]);
	});

	test("an owner that does not ask for the body is not timed as a silent peer", () => {
		const owner = serverOwner();
		owner.hear(http("POST / HTTP/1.1", "Host: a", "Content-Length: 2"));
		owner.pulls = false;
		owner.hear("hi");
		owner.pass(600_000);
		expect([owner.connection.streamAction, owner.sentText()]).toEqual(["open", ""]);
		owner.pulls = true;
		owner.settle();
		expect(owner.happened()).toEqual(["request POST / length", "body hi", "bodyEnd"]);
	});

	test("nor is one that is still busy with the latest piece", () => {
		const server = serverOwner();
		server.hear(http("POST / HTTP/1.1", "Host: a", "Content-Length: 2"));
		server.pulls = false;
		server.hear("h");
		expect(server.connection.nextEvent()?.type).toBe("body");
		server.pass(600_000);
		expect(server.connection.streamAction).toBe("open");
		const client = clientOwner();
		client.pulls = false;
		client.hear(`${http("HTTP/1.1 403 Forbidden", "Content-Length: 2")}n`);
		expect([client.connection.nextEvent()?.type, client.connection.nextEvent()?.type]).toEqual(["refused", "body"]);
		client.pass(600_000);
		expect(client.connection.streamAction).toBe("open");
	});

	test("once the last answer is out only the end is waited for", () => {
		const owner = serverOwner({ timeouts: { httpIdle: 10, closing: 1_000 } });
		owner.hear(http("POST / HTTP/1.1", "Host: a", "Connection: close", "Content-Length: 9"));
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.pass(999);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
		expect(owner.happened().at(-1)).toBe("closed: closing-timeout");
	});
});

describe("idle: no message from a WebSocket peer", () => {
	const options: ConnectionOptions = { timeouts: { idle: 1_000 }, keepAlive: { interval: NEVER } };

	test.each(ROLES)("%s: closes with 1001", (role) => {
		const owner = openOwner(role, options);
		owner.pass(999);
		expect(owner.connection.readyState).toBe("open");
		owner.pass(1);
		expect(owner.connection.readyState).toBe("closing");
		expect(owner.sentHex()).toBe(role === "server" ? "880603e969646c65" : "888637fa213d341348595b9f");
		owner.hear(peerFrame(role, CLOSE, closePayload(1001)));
		owner.hearEnd();
		expect(owner.happened()).toEqual(["close 1001", 'closed 1001 "" clean by local at closed: fine']);
	});

	test.each(ROLES)("%s: a message counts, a ping and a pong don't", (role) => {
		const owner = openOwner(role, options);
		owner.pass(600);
		owner.hear(peerFrame(role, TEXT, "a"));
		owner.pass(900);
		owner.hear(concat([peerFrame(role, PING), peerFrame(role, PONG)]));
		owner.pass(99);
		expect(owner.connection.readyState).toBe("open");
		owner.pass(1);
		expect(owner.connection.readyState).toBe("closing");
	});

	test.each(ROLES)("%s: an owner that does not ask is not timed as a silent peer", (role) => {
		const owner = openOwner(role, options);
		owner.pulls = false;
		owner.hear(peerFrame(role, TEXT, "a"));
		owner.pass(10_000);
		expect(owner.connection.readyState).toBe("open");
		owner.pulls = true;
		owner.settle();
		owner.pass(999);
		expect([owner.happened(), owner.connection.readyState]).toEqual([["text a"], "open"]);
		owner.pass(1);
		expect(owner.connection.readyState).toBe("closing");
	});
});

describe("keepAlive and pong", () => {
	const PINGS = { server: "8900", client: "898037fa213d" };

	test.each(ROLES)("%s: a ping at each interval while the peer answers", (role) => {
		const owner = openOwner(role);
		for (let count = 0; count < 5; count++) {
			owner.pass(19_999);
			expect(owner.sentHex()).toBe("");
			owner.pass(1);
			expect(owner.sentHex()).toBe(PINGS[role]);
			owner.hear(peerFrame(role, PONG));
		}
		expect(owner.connection.readyState).toBe("open");
	});

	test.each(ROLES)("%s: a peer that answers the first ping and no more fails by the second", (role) => {
		const owner = openOwner(role);
		owner.pass(20_000);
		owner.hear(peerFrame(role, PONG));
		owner.pass(20_000);
		owner.sent();
		owner.pass(19_999);
		expect([owner.connection.readyState, owner.sentHex()]).toEqual(["open", ""]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["pong ", "failed keepalive-timeout 1011"]);
		// No ping in front of the Close.
		expect(owner.sentHex().slice(0, 2)).toBe("88");
		expect(owner.connection.streamAction).toBe("end");
		owner.hear(peerFrame(role, PONG));
		owner.hearEnd();
		expect(owner.happened()).toEqual(['closed 1006 "" unclean by local at closing: keepalive-timeout']);
	});

	test.each(ROLES)("%s: its own timeout, also when that is longer or shorter than the interval", (role) => {
		for (const [interval, timeout] of [
			[100, 30],
			[100, 250],
		] as const) {
			const owner = openOwner(role, { keepAlive: { interval, timeout } });
			owner.pass(interval + timeout - 1);
			expect(owner.happened()).toEqual([]);
			owner.pass(1);
			expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
		}
	});

	test.each(ROLES)("%s: a clock with fractions gives whole deadlines, also from a snapshot", (role) => {
		const owner = openOwner(role, { keepAlive: { interval: 100, timeout: 30 } });
		owner.pass(0.4);
		owner.hear(peerFrame(role, TEXT, "ab"));
		owner.pass(99.2);
		// The first ping is sent up to half a millisecond early.
		const { connection, clock } = owner;
		expect(owner.sent().length).toBeGreaterThan(0);
		expect(connection.nextDeadline % 1).toBe(0);
		const { timers, sinceInput } = connection.snapshot(clock.now);
		for (const time of [...Object.values(timers), sinceInput])
			expect(time === null || Number.isInteger(time)).toBe(true);
	});

	test.each(ROLES)("%s: a time of less than a millisecond is a timer that lies ahead", (role) => {
		const times = { keepAlive: { interval: 0.4, timeout: 0.4 }, timeouts: { closing: 0.4 } };
		const owner = openOwner(role, times);
		owner.pass(1);
		expect(owner.sentHex()).toBe(PINGS[role]);
		expect([owner.happened(), owner.connection.readyState]).toEqual([[], "open"]);
		owner.connection.close(1000, "", owner.clock.now);
		owner.connection.handleTimeout(owner.clock.now);
		expect(owner.connection.streamAction).toBe("open");
		expect(owner.connection.nextDeadline).toBeGreaterThan(owner.clock.now);
	});

	test.each(ROLES)("%s: what came just before the ping, within its millisecond, does not answer it", (role) => {
		const owner = openOwner(role, { keepAlive: { interval: 20_000, timeout: 5_000 } });
		owner.clock.now += 19_999.6;
		owner.connection.receive(peerFrame(role, PONG), owner.clock.now);
		owner.settle();
		owner.pass(0.7);
		owner.pass(5_001);
		expect(owner.happened()).toEqual(["pong ", "failed keepalive-timeout 1011"]);
	});

	test.each(ROLES)("%s: any byte is a sign of life", (role) => {
		const owner = openOwner(role, { keepAlive: { interval: 100, timeout: 30 } });
		owner.pass(129);
		owner.hear(peerFrame(role, TEXT, "ab").subarray(0, 1));
		owner.pass(100);
		expect([owner.happened(), owner.connection.readyState]).toEqual([[], "open"]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test.each(ROLES)("%s: an owner that does not ask may have the pong in front of it", (role) => {
		const owner = openOwner(role, { keepAlive: { interval: 100, timeout: 30 } });
		owner.pulls = false;
		owner.hear(peerFrame(role, TEXT, "a"));
		owner.pass(1_020);
		// The ping of 1,000 was sent while something waited: that it now waits no more proves nothing against the peer.
		owner.pulls = true;
		owner.settle();
		owner.pass(109);
		expect([owner.happened(), owner.connection.readyState]).toEqual([["text a"], "open"]);
		owner.pass(1);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	describe("while the stream has no room", () => {
		const often: ConnectionOptions = { keepAlive: { interval: 100, timeout: 30 } };

		test.each(ROLES)("%s: the pong is not judged, and no ping is added to what waits", (role) => {
			const owner = openOwner(role, often);
			owner.pass(100);
			expect(owner.sentHex()).toBe(PINGS[role]);
			owner.isCongested = true;
			owner.pass(100_000);
			expect([owner.happened(), owner.connection.readyState]).toEqual([[], "open"]);
			expect(owner.connection.bufferedAmount).toBe(0);
		});

		test.each(ROLES)("%s: when it has room again, a peer that is silent is found by the next ping", (role) => {
			const owner = openOwner(role, often);
			owner.pass(100);
			owner.isCongested = true;
			owner.pass(10_000);
			owner.drain();
			owner.sent();
			owner.pass(99);
			expect(owner.sentHex()).toBe("");
			owner.pass(1);
			expect(owner.sentHex()).toBe(PINGS[role]);
			owner.pass(29);
			expect(owner.happened()).toEqual([]);
			owner.pass(1);
			expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
		});
	});

	test("frames behind the handshake that nobody has asked for yet count as such too", () => {
		const owner = serverOwner({ keepAlive: { interval: 100, timeout: 30 } });
		owner.hear(concat([bytesOf(UPGRADE), clientFrame(TEXT, "a")]));
		owner.pulls = false;
		owner.do((connection, now) => connection.accept({}, now));
		owner.pass(1_000);
		expect(owner.webSocket.readyState).toBe("open");
	});

	test("neither is due after a Close", () => {
		const owner = openServer({ keepAlive: { interval: 100, timeout: 30 } });
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.sent();
		owner.pass(9_999);
		expect([owner.sentHex(), owner.happened()]).toEqual(["", []]);
	});

	test("two that are alive keep one another alive for hours", () => {
		const pair = openPair();
		pair.pass(4 * 3_600_000);
		expect([pair.server.connection.readyState, pair.client.connection.readyState]).toEqual(["open", "open"]);
		const { server } = pair.happened();
		expect(server.filter((line) => line === "ping ").length).toBe((4 * 3_600) / 20);
	});

	test("when the line goes dead both notice, and both end", () => {
		const pair = openPair();
		pair.carries = false;
		pair.pass(39_999);
		expect(pair.happened()).toEqual({ server: [], client: [] });
		pair.pass(1);
		expect(pair.happened()).toEqual({
			server: ["failed keepalive-timeout 1011"],
			client: ["failed keepalive-timeout 1011"],
		});
		pair.pass(10_000);
		const end = 'closed 1006 "" unclean by local at closing: keepalive-timeout';
		expect(pair.happened()).toEqual({ server: [end], client: [end] });
	});
});

describe("closing: the time to the end", () => {
	test.each(ROLES)("%s: a peer that does not answer the Close is cut", (role) => {
		const owner = openOwner(role);
		owner.pass(100);
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(9_999);
		owner.hear(peerFrame(role, TEXT, "still talking"));
		expect([owner.happened(), owner.connection.streamAction]).toEqual([["text still talking"], "open"]);
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
		expect(owner.happened()).toEqual(['closed 1006 "" unclean by local at closing: closing-timeout']);
	});

	test.each(ROLES)("%s: so is one that answers and does not end, counted from the first Close", (role) => {
		const owner = openOwner(role);
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(9_000);
		owner.hear(peerFrame(role, CLOSE, closePayload(1000)));
		owner.pass(999);
		expect([owner.happened(), owner.connection.streamAction]).toEqual([
			["close 1000"],
			role === "server" ? "end" : "open",
		]);
		owner.pass(1);
		expect(owner.happened()).toEqual(['closed 1000 "" clean by local at closed: closing-timeout']);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test.each(ROLES)("%s: and one that has failed", (role) => {
		const owner = openOwner(role);
		owner.hear(Uint8Array.of(0xff, 0xff));
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
		expect(owner.happened().at(-1)).toBe('closed 1006 "" unclean by local at closing: reserved-bits');
	});

	test.each(ROLES)("%s: an owner that does not ask does not stop it: close() ends by its deadline", (role) => {
		const owner = openOwner(role);
		owner.pulls = false;
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.hear(peerFrame(role, CLOSE, closePayload(1000)));
		owner.pass(10_000);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("HTTP: from the end of the last answer on", () => {
		const owner = serverOwner();
		owner.hear(http("GET / HTTP/1.0"));
		owner.pass(20_000);
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
		expect(owner.happened().at(-1)).toBe("closed: closing-timeout");
	});

	test("a peer that is still taking what was sent before gets more time; else there is nothing to extend", () => {
		const owner = openServer();
		owner.do((connection, now) => connection.noteProgress(now));
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(9_999);
		owner.do((connection, now) => connection.noteProgress(now));
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("after the end the stream itself must go in time, and then nothing is due", () => {
		const owner = openServer();
		owner.hearEnd();
		expect([owner.happened().length, owner.connection.streamAction]).toEqual([1, "end"]);
		owner.pass(10_000);
		expect([owner.connection.streamAction, owner.connection.nextDeadline]).toEqual(["destroy", NEVER]);
		expect(owner.happened()).toEqual([]);
	});
});

test("handleTimeout may come too early, too late, or for several at once", () => {
	const early = openClient({ keepAlive: { interval: 100, timeout: 30 } });
	for (let at = 0; at < 99; at++) early.pass(1);
	expect(early.sentHex()).toBe("");
	const late = openServer({ keepAlive: { interval: 100, timeout: 30 }, timeouts: { idle: 120 } });
	late.clock.now += 10_000;
	late.do((connection, now) => connection.handleTimeout(now));
	expect([late.sentHex(), late.happened()]).toEqual(["880603e969646c65", []]);
});

test("a clean end leaves no timer behind", () => {
	const pair = httpPair();
	pair.run();
	pair.client.do((_, now) => pair.client.webSocket.close(1000, undefined, now));
	pair.run();
	expect([pair.client.current.nextDeadline, pair.server.current.nextDeadline]).toEqual([NEVER, NEVER]);
});

test("a peer that pings does not put off the closing deadline once the Close frame has left", () => {
	const owner = openServer({ timeouts: { closing: 1_000 } });
	owner.do((connection, now) => connection.close(1000, undefined, now));
	owner.do((connection, now) => connection.noteProgress(now));
	owner.pass(600);
	owner.hear(clientFrame(PING));
	owner.do((connection, now) => connection.noteProgress(now));
	owner.pass(400);
	expect(owner.happened().at(-1)).toContain("closing-timeout");
});

describe("while the owner does not read, for a reason of its own, no time passes for the peer", () => {
	test.each(ROLES)("%s: an unfinished message, and idle", (role) => {
		for (const timeouts of [{ message: 1_000 }, { idle: 1_000 }]) {
			const owner = openOwner(role, { timeouts, keepAlive: { interval: NEVER } });
			owner.hear(peerFrame(role, TEXT, "hello").subarray(0, 4));
			owner.pass(900);
			owner.pulls = false;
			owner.connection.restReading(owner.clock.now);
			owner.pass(5_000);
			owner.pulls = true;
			owner.settle();
			owner.pass(99);
			expect(owner.connection.readyState).toBe("open");
			owner.pass(1);
			expect(owner.connection.readyState).toBe("closing");
		}
	});

	test.each(ROLES)("%s: a pong that is awaited may be unread", (role) => {
		const owner = openOwner(role, { keepAlive: { interval: 1_000, timeout: 500 } });
		owner.pass(1_000);
		owner.pulls = false;
		owner.connection.restReading(owner.clock.now);
		owner.pass(900);
		expect(owner.connection.readyState).toBe("open");
	});

	test("what it has is given out meanwhile, and there may be more", () => {
		const owner = openServer();
		owner.hear(clientFrame(TEXT, "hello"));
		owner.connection.restReading(owner.clock.now);
		expect([owner.connection.hasMore, owner.connection.unread]).toEqual([false, 0]);
	});

	test.each([
		["a head", { handshake: 1_000 }, "GET / HTTP/1.1\r\n"],
		["a body", { body: 1_000, httpIdle: NEVER }, http("POST / HTTP/1.1", "Host: a", "Content-Length: 9")],
		["a body, in silence", { httpIdle: 1_000 }, http("POST / HTTP/1.1", "Host: a", "Content-Length: 9")],
	])("%s", (_what, timeouts, sent) => {
		const owner = serverOwner({ timeouts });
		owner.hear(sent);
		owner.pass(500);
		owner.pulls = false;
		owner.connection.restReading(owner.clock.now);
		owner.pass(5_000);
		owner.pulls = true;
		owner.settle();
		owner.pass(400);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1_000);
		expect(owner.sentText()).toContain(LATE);
	});

	test("a client's handshake", () => {
		const owner = clientOwner({ timeouts: { handshake: 1_000 } });
		owner.pass(500);
		owner.pulls = false;
		owner.connection.restReading(owner.clock.now);
		owner.pass(5_000);
		expect(owner.connection.streamAction).toBe("open");
		owner.pulls = true;
		owner.settle();
		owner.pass(1_000);
		expect(owner.connection.streamAction).toBe("destroy");
	});
});

test("the arrays in which output waits: what is framed, and what is not", () => {
	const { connection } = openServer();
	const frames = [5_000, 6_000, 7_000].map((size) => connection.prepare(new Uint8Array(size)));
	const [first, second, third] = frames as [Uint8Array, Uint8Array, Uint8Array];
	connection.sendPrepared(first);
	connection.enqueue("prepared", second, { key: "a" });
	connection.enqueue("prepared", third, { key: "a" });
	expect(connection.pieces).toEqual([first, third]);
	expect(connection.pieces[0]).toBe(first);
	expect(connection.heldOutput).toBe(connection.held);
	while (connection.nextOutput() !== null);
	expect([connection.pieces, connection.heldOutput]).toEqual([[], 0]);
});
