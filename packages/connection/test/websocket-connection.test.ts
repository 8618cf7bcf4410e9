import { encodeMessage } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { WebSocketConnection } from "../src/index.ts";
import { openClient, openOwner, openServer, serverOwner } from "./owner.ts";
import { httpPair, openPair } from "./pair.ts";
import { misuse } from "./usage.ts";
import {
	bytesOf,
	CLOSE,
	clientFrame,
	closePayload,
	concat,
	hex,
	http,
	PING,
	SWITCHING,
	serverFrame,
	TEXT,
	textOf,
	toHex,
	UPGRADE,
} from "./wire.ts";

const ROLES = ["server", "client"] as const;

/** A whole frame of the peer of that role. */
function peerFrame(role: "server" | "client", opcode: number, payload: Uint8Array | string = ""): Uint8Array {
	return role === "server" ? clientFrame(opcode, payload) : serverFrame(opcode, payload);
}

describe("two connections", () => {
	test("the opening handshake", () => {
		const pair = httpPair({ request: { protocols: ["a"] } });
		pair.server.react = (event, connection, now) =>
			event.type === "request" ? connection.accept({ protocol: "a" }, now) : null;
		pair.run();
		expect(pair.happened()).toEqual({ server: ["request GET /chat upgrade"], client: ["open a"] });
		expect([pair.server.webSocket.readyState, pair.client.webSocket.readyState]).toEqual(["open", "open"]);
	});

	test("messages both ways", () => {
		const pair = openPair();
		pair.client.do((connection) => connection.sendText("héllo €"));
		pair.client.do((connection) => connection.sendBinary(hex("00 ff")));
		pair.server.do((connection) => connection.sendBinary(hex("")));
		pair.server.do((connection) => connection.sendText("x".repeat(70_000)));
		pair.server.do((connection) => connection.sendPrepared(encodeMessage("to all")));
		pair.run();
		expect(pair.happened()).toEqual({
			server: ["text héllo €", "binary 00ff"],
			client: ["binary ", `text ${"x".repeat(70_000)}`, "text to all"],
		});
	});

	test("RFC 6455 §5.5.2: a ping is answered with its payload", () => {
		const pair = openPair();
		pair.client.do((connection) => connection.sendPing(bytesOf("c")));
		pair.server.do((connection) => connection.sendPing(bytesOf("s")));
		pair.run();
		expect(pair.happened()).toEqual({ server: ["ping 63", "pong 73"], client: ["ping 73", "pong 63"] });
	});

	test("the server may speak in the same turn in which it accepts", () => {
		const pair = httpPair();
		pair.server.react = (event, connection, now) => {
			if (event.type !== "request") return null;
			const webSocket = connection.accept({}, now);
			webSocket.sendText("welcome");
			return webSocket;
		};
		pair.run();
		expect(pair.happened().client).toEqual(["open", "text welcome"]);
	});
});

describe("what goes out, in bytes", () => {
	test("a server's frames", () => {
		const owner = openServer();
		owner.do((connection) => connection.sendText("Hello"));
		expect(owner.sentHex()).toBe("810548656c6c6f");
		owner.do((connection) => connection.sendBinary(hex("01")));
		owner.do((connection) => connection.sendPing(bytesOf("Hello")));
		expect(owner.sentHex()).toBe("820101890548656c6c6f");
		owner.hear(clientFrame(PING, "Hello"));
		expect(owner.sentHex()).toBe("8a0548656c6c6f");
	});

	test("RFC 6455 §5.7: a client's frames are masked", () => {
		const owner = openClient();
		owner.do((connection) => connection.sendText("Hello"));
		expect(owner.sentHex()).toBe("818537fa213d7f9f4d5158");
		owner.hear(serverFrame(PING, "Hello"));
		expect(owner.sentHex()).toBe("8a8537fa213d7f9f4d5158");
	});

	test("the head of the switch comes before the frames", () => {
		const { connection } = serverOwner();
		connection.receive(bytesOf(UPGRADE), 0);
		connection.nextEvent();
		const webSocket = connection.accept({}, 0);
		webSocket.sendText("Hello");
		const size = webSocket.bufferedAmount;
		const pieces: Uint8Array[] = [];
		for (let piece = webSocket.nextOutput(); piece !== null; piece = webSocket.nextOutput()) pieces.push(piece);
		expect(textOf(concat(pieces))).toBe(`${SWITCHING}\x81\x05Hello`);
		expect([concat(pieces).length, webSocket.bufferedAmount]).toEqual([size, 0]);
	});

	test.each(ROLES)("%s: payloads given to send are never written to", (role) => {
		for (const size of [3, 125, 5_000, 70_000]) {
			const owner = openOwner(role);
			const payload = Uint8Array.from({ length: size }, (_, at) => at);
			const before = payload.slice();
			owner.do((connection) => connection.sendBinary(payload));
			owner.do((connection) => connection.sendPing(payload.subarray(0, 125)));
			const sent = owner.sent();
			// Whoever writes the output must not get at the payload by way of a mask either.
			expect(payload).toEqual(before);
			expect(sent.length).toBeGreaterThan(size);
		}
	});

	test("a large payload of a server is sent as it is, not copied", () => {
		const { connection } = openServer();
		const payload = new Uint8Array(70_000);
		connection.sendBinary(payload);
		expect(toHex(connection.nextOutput()!)).toBe("827f0000000000011170");
		expect(connection.nextOutput()!.buffer).toBe(payload.buffer);
		expect(connection.nextOutput()).toBeNull();
	});
});

describe("RFC 6455 §5.5.3: pongs of a peer that pings and does not read", () => {
	test("above the backlog only the latest one waits, and the output is bounded", () => {
		const { connection } = openServer();
		const pings = concat(Array.from({ length: 300 }, (_, at) => clientFrame(PING, `${at}`.padEnd(125, "."))));
		for (let round = 0; round < 20; round++) {
			connection.receive(pings.slice(), 0);
			while (connection.nextEvent() !== null);
		}
		expect(connection.bufferedAmount).toBeLessThan(64 * 1024 + 127);
		const pongs: Uint8Array[] = [];
		for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) pongs.push(piece);
		const sent = textOf(concat(pongs));
		expect(sent.length).toBeLessThan(64 * 1024 + 2 * 127);
		expect(sent.slice(0, 127)).toBe(`\x8a\x7d${"0".padEnd(125, ".")}`);
		expect(sent.slice(-127)).toBe(`\x8a\x7d${"299".padEnd(125, ".")}`);
	});

	test("the one that waits is the latest, also when the output has been taken meanwhile", () => {
		const { connection } = openServer();
		connection.sendBinary(new Uint8Array(70_000));
		connection.receive(clientFrame(PING, "1"), 0);
		connection.nextEvent();
		while (connection.bufferedAmount > 0) connection.nextOutput();
		connection.receive(clientFrame(PING, "2"), 0);
		connection.nextEvent();
		expect([toHex(connection.nextOutput()!), connection.nextOutput()]).toEqual(["8a0132", null]);
	});

	test("once the output is taken every ping is answered again", () => {
		const owner = openServer();
		owner.connection.sendBinary(new Uint8Array(70_000));
		owner.connection.receive(concat([clientFrame(PING, "1"), clientFrame(PING, "2")]), 0);
		owner.settle();
		expect(toHex(owner.sent().slice(-6))).toBe(`${"00".repeat(3)}8a0132`);
		owner.hear(concat([clientFrame(PING, "3"), clientFrame(PING, "4")]));
		expect(owner.sentHex()).toBe("8a01338a0134");
	});

	// RFC 6455 §1.4: what comes behind a Close frame is discarded.
	test.each([
		["its own", (connection: WebSocketConnection) => connection.close(1000, undefined, 0), "8a0131880203e8"],
		["the peer's", (connection: WebSocketConnection) => connection.receive(clientFrame(CLOSE, ""), 0), "8a01318800"],
		["that of a failure", (connection: WebSocketConnection) => connection.receive(hex("c18000000000"), 0), "8a013188"],
	])("the pong that waits leaves before the Close frame: %s", (_name, end, expected) => {
		const { connection } = openServer();
		connection.sendBinary(new Uint8Array(70_000));
		connection.receive(clientFrame(PING, "1"), 0);
		while (connection.nextEvent() !== null);
		end(connection);
		while (connection.nextEvent() !== null);
		const pieces: Uint8Array[] = [];
		for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) pieces.push(piece);
		expect(toHex(concat(pieces).slice(10 + 70_000)).slice(0, expected.length)).toBe(expected);
	});

	test("the pong that waits is a copy: its chunk may be used again", () => {
		const { connection } = openServer();
		connection.sendBinary(new Uint8Array(70_000));
		const chunk = clientFrame(PING, "1");
		connection.receive(chunk, 0);
		while (connection.nextEvent() !== null);
		chunk.fill(0);
		let last: Uint8Array | null = null;
		for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) last = piece;
		expect(toHex(last!)).toBe("8a0131");
	});

	test("none comes behind the end", () => {
		const { connection } = openServer();
		connection.sendBinary(new Uint8Array(70_000));
		connection.receive(concat([clientFrame(PING, "1"), clientFrame(CLOSE)]), 0);
		while (connection.nextEvent() !== null);
		while (connection.bufferedAmount > 0) connection.nextOutput();
		// Now the owner ends the stream.
		expect([connection.streamAction, connection.nextOutput()]).toEqual(["end", null]);
	});
});

describe("the rule: after any call, events, then output", () => {
	test.each(ROLES)("%s: nothing is parsed, and no ping answered, before it is asked for", (role) => {
		const { connection } = openOwner(role);
		const frames = concat([peerFrame(role, PING, "a"), peerFrame(role, TEXT, "b")]);
		connection.receive(frames, 6_000);
		expect([connection.unread, connection.nextOutput()]).toEqual([frames.length, null]);
		expect(connection.nextEvent()).toMatchObject({ type: "ping" });
		expect(connection.unread).toBe(peerFrame(role, TEXT, "b").length);
		expect(connection.nextOutput()).not.toBeNull();
		expect(connection.nextEvent()).toEqual({ type: "text", text: "b" });
		expect([connection.unread, connection.nextEvent()]).toEqual([0, null]);
	});

	test.each(ROLES)("%s: spurious calls change nothing", (role) => {
		const owner = openOwner(role);
		const { connection, clock } = owner;
		const deadline = connection.nextDeadline;
		for (let count = 0; count < 3; count++) {
			connection.receive(new Uint8Array(0), clock.now);
			connection.handleTimeout(clock.now);
			connection.noteProgress(clock.now);
			expect([connection.nextEvent(), connection.nextOutput()]).toEqual([null, null]);
		}
		expect(connection.nextDeadline).toBe(deadline);
		expect([connection.readyState, connection.streamAction, connection.bufferedAmount]).toEqual(["open", "open", 0]);
	});

	test("spurious calls before the switch neither", () => {
		const answered = http("GET / HTTP/1.1", "Host: a");
		for (const beginning of ["", "GET / HT", answered]) {
			const owner = serverOwner();
			owner.hear(beginning);
			if (beginning === answered) {
				owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
			}
			owner.taken();
			owner.sent();
			const deadline = owner.connection.nextDeadline;
			owner.clock.now += 100;
			owner.hear("");
			owner.do((connection, now) => connection.handleTimeout(now));
			owner.do((connection, now) => connection.noteProgress(now));
			expect([owner.connection.nextDeadline, owner.happened(), owner.sentText()]).toEqual([deadline, [], ""]);
		}
	});

	test.each(ROLES)("%s: after the end nothing comes any more", (role) => {
		const owner = openOwner(role);
		const { connection, clock } = owner;
		owner.hearReset();
		expect(owner.happened()).toEqual(['closed 1006 "" unclean by stream at open: stream-reset']);
		for (let count = 0; count < 3; count++) {
			owner.hear(peerFrame(role, TEXT, "late"));
			owner.hearEnd();
			owner.hearReset();
			owner.do((_, now) => connection.terminate(now));
			owner.pass(1_000_000);
		}
		expect([owner.happened(), owner.sentHex(), clock.now]).toEqual([[], "", clock.now]);
		expect([connection.nextDeadline, connection.streamAction]).toEqual([Number.POSITIVE_INFINITY, "destroy"]);
	});

	test.each(ROLES)("%s: bytes behind the peer's end are none of the connection", (role) => {
		const { connection } = openOwner(role);
		connection.receive(peerFrame(role, TEXT, "a"), 0);
		connection.receiveEnd(0);
		connection.receive(peerFrame(role, TEXT, "b"), 0);
		expect([connection.nextEvent(), connection.nextEvent()?.type]).toEqual([{ type: "text", text: "a" }, "closed"]);
	});
});

describe("misuse", () => {
	test.each(ROLES)("%s: what can't be sent throws, and nothing is sent", (role) => {
		const owner = openOwner(role);
		const { connection } = owner;
		expect(misuse(() => connection.sendPing(new Uint8Array(126)))).toBe("ERR_CONTROL_TOO_LONG");
		expect(misuse(() => connection.sendText(1 as unknown as string))).toBe("ERR_INVALID_TEXT");
		expect(misuse(() => connection.sendBinary("a" as unknown as Uint8Array))).toBe("ERR_INVALID_PAYLOAD");
		expect(misuse(() => connection.close(1005, undefined, 0))).toBe("ERR_INVALID_CLOSE_CODE");
		expect(misuse(() => connection.close(1000, "x".repeat(124), 0))).toBe("ERR_CLOSE_REASON_TOO_LONG");
		expect(misuse(() => connection.close(undefined, "why", 0))).toBe("ERR_INVALID_CLOSE_CODE");
		expect([connection.readyState, connection.bufferedAmount]).toEqual(["open", 0]);
	});

	test.each(ROLES)("%s: RFC 6455 §5.5.1: no data after Close, and no second Close", (role) => {
		const owner = openOwner(role);
		const { connection } = owner;
		owner.do((_, now) => connection.close(1000, undefined, now));
		owner.sent();
		expect(misuse(() => connection.sendText("a"))).toBe("ERR_STATE");
		expect(misuse(() => connection.sendBinary(hex("01")))).toBe("ERR_STATE");
		expect(misuse(() => connection.sendPrepared(encodeMessage("a")))).toBe("ERR_STATE");
		expect(misuse(() => connection.close(1000, undefined, 0))).toBe("ERR_STATE");
		expect(owner.sentHex()).toBe("");
		// Control frames may still go out, and pings are still answered.
		owner.do(() => connection.sendPing(hex("")));
		owner.hear(peerFrame(role, PING));
		expect(owner.sentHex()).toBe(role === "server" ? "89008a00" : "898037fa213d8a8037fa213d");
	});

	test("a client masks frame by frame, so it sends nothing that was made for many", () => {
		const { connection } = openClient();
		expect(misuse(() => connection.sendPrepared(encodeMessage("a")))).toBe("ERR_PREPARED_NOT_ALLOWED");
	});

	test.each(ROLES)("%s: nothing is sent over a stream that is gone", (role) => {
		const { connection } = openOwner(role);
		connection.terminate(0);
		for (const call of [
			() => connection.sendText("a"),
			() => connection.sendPing(hex("")),
			() => connection.close(1000, undefined, 0),
		]) {
			expect(misuse(call)).toBe("ERR_STATE");
		}
		expect(connection.nextOutput()).toBeNull();
	});
});

describe("the end of the stream", () => {
	test.each(ROLES)("%s, open: the peer ends without Close", (role) => {
		const owner = openOwner(role);
		owner.hear(peerFrame(role, TEXT, "last"));
		owner.hear(peerFrame(role, TEXT, "cut").subarray(0, 4));
		owner.hearEnd();
		expect(owner.happened()).toEqual(["text last", 'closed 1006 "" unclean by stream at open: stream-ended']);
		expect(owner.connection.streamAction).toBe("end");
		owner.hearReset();
		expect([owner.happened(), owner.connection.streamAction]).toEqual([[], "destroy"]);
	});

	test.each(ROLES)("%s, open: a reset drops the output and tells what came before it", (role) => {
		const { connection } = openOwner(role);
		connection.sendText("in vain");
		connection.receive(peerFrame(role, TEXT, "last"), 0);
		connection.receiveReset(0);
		expect([connection.nextEvent(), connection.nextEvent()]).toMatchObject([
			{ type: "text", text: "last" },
			{ type: "closed", code: 1006, by: "stream", failure: { kind: "stream-reset" } },
		]);
		expect([connection.bufferedAmount, connection.nextOutput(), connection.streamAction]).toEqual([0, null, "destroy"]);
	});

	test.each(ROLES)(
		"%s, open: a Close that is read after the stream has gone counts, though it can't be answered",
		(role) => {
			const { connection } = openOwner(role);
			connection.receive(peerFrame(role, CLOSE, closePayload(1001, "away")), 0);
			connection.receiveReset(0);
			expect([connection.nextEvent(), connection.nextEvent(), connection.nextOutput()]).toMatchObject([
				{ type: "close", code: 1001 },
				{ type: "closed", code: 1001, reason: "away", wasClean: false, by: "peer", stage: "closing" },
				null,
			]);
		},
	);

	test.each(ROLES)("%s, open: a violation that is read after it can't be answered either", (role) => {
		const { connection } = openOwner(role);
		connection.receive(hex("f1 00"), 0);
		connection.receiveReset(0);
		expect([connection.nextEvent(), connection.nextEvent(), connection.nextOutput()]).toMatchObject([
			{ type: "failed", failure: { kind: "reserved-bits" } },
			{ type: "closed", code: 1006, by: "stream", failure: { kind: "stream-reset" } },
			null,
		]);
	});

	test.each([
		["server", "end", "closed: fine"],
		["server", "reset", "closed: stream-reset"],
		["client", "reset", "closed: stream-reset"],
	] as const)("%s, before the switch: %s", (role, how, last) => {
		const owner = httpPair()[role];
		if (how === "end") owner.hearEnd();
		else owner.hearReset();
		expect(owner.happened().at(-1)).toBe(last);
	});

	test.each(ROLES)("%s, closeSent: the peer ends instead of answering, or resets", (role) => {
		for (const [reset, failure] of [
			[false, "fine"],
			[true, "stream-reset"],
		] as const) {
			const owner = openOwner(role);
			owner.do((connection, now) => connection.close(1000, undefined, now));
			if (reset) owner.hearReset();
			else owner.hearEnd();
			expect(owner.happened()).toEqual([`closed 1006 "" unclean by local at closing: ${failure}`]);
		}
	});

	test.each(ROLES)("%s, closeReceived: a reset after both Close frames leaves it clean", (role) => {
		const owner = openOwner(role);
		owner.hear(peerFrame(role, CLOSE, closePayload(1000)));
		owner.hearReset();
		expect(owner.happened()).toEqual(["close 1000", 'closed 1000 "" clean by peer at closed: stream-reset']);
	});

	test.each(ROLES)("%s, failed: the end, or a reset", (role) => {
		for (const reset of [false, true]) {
			const owner = openOwner(role);
			owner.hear(hex("f1 00"));
			if (reset) owner.hearReset();
			else owner.hearEnd();
			expect(owner.happened()).toEqual([
				"failed reserved-bits 1002",
				'closed 1006 "" unclean by local at closing: reserved-bits',
			]);
		}
	});
});

describe("terminate", () => {
	test.each(ROLES)("%s: no Close, no output, no further event but the end", (role) => {
		const { connection } = openOwner(role);
		connection.sendText("in vain");
		connection.receive(peerFrame(role, TEXT, "unread"), 0);
		connection.terminate(0);
		expect([connection.nextOutput(), connection.streamAction, connection.unread]).toEqual([null, "destroy", 0]);
		expect(connection.nextEvent()).toMatchObject({
			type: "closed",
			code: 1006,
			by: "local",
			stage: "open",
			failure: null,
		});
		expect([connection.nextEvent(), connection.nextDeadline]).toEqual([null, Number.POSITIVE_INFINITY]);
	});

	test("the reset that it makes is no failure", () => {
		const { connection } = openServer();
		connection.terminate(0);
		connection.receiveReset(0);
		expect(connection.nextEvent()).toMatchObject({ type: "closed", by: "local", failure: null });
	});

	test("before the switch", () => {
		const owner = serverOwner();
		owner.hear("GET / HT");
		owner.do((connection, now) => connection.terminate(now));
		expect(owner.happened()).toEqual(["closed: fine"]);
	});
});

test("a text is decoded by the owner's decoder when there is one", () => {
	const owner = openServer({ decodeText: (bytes) => (bytes.length > 3 ? null : `<${textOf(bytes)}>`) });
	owner.hear(clientFrame(TEXT, "abc"));
	owner.hear(clientFrame(TEXT, "abcd"));
	expect(owner.happened()).toEqual(["text <abc>", "failed invalid-utf8 1007"]);
});

test("the role is told", () => {
	expect(ROLES.map((role) => openOwner(role).connection.role)).toEqual(ROLES);
});
