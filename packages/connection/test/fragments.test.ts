import { encodeMessage } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { ConnectionOptions, WebSocketConnection } from "../src/index.ts";
import { newClock, openOwner, openServer } from "./owner.ts";
import { openPair } from "./pair.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, hex, PING, TEXT, textOf, upper } from "./wire.ts";

// Messages that are sent in fragments, and what waits behind them. RFC 6455 §5.4.

const ROLES = ["server", "client"] as const;

/** A server that has begun a text, with that fragment taken. */
function sending(options?: ConnectionOptions) {
	const owner = openServer(options);
	owner.do((connection) => connection.sendFragment("text", bytesOf("a"), false));
	owner.sent();
	return owner;
}

describe("sendFragment", () => {
	test.each(ROLES)("%s: the fragments of one message of either kind", (role) => {
		const pair = openPair({ [role === "server" ? "client" : "server"]: { parts: true } });
		const peer = role === "server" ? pair.client : pair.server;
		const { connection } = pair[role];
		connection.sendFragment("text", hex("e2"), false);
		expect(connection.isSending).toBe(true);
		connection.sendFragment("text", hex("82ac"), false);
		connection.sendFragment("text", hex(""), true);
		expect(connection.isSending).toBe(false);
		connection.sendFragment("binary", hex("00"), true);
		pair[role].settle();
		pair.run();
		const parts = ["first part text e282ac", "last part text ", "first last part binary 00"];
		expect(peer.happened()).toEqual(parts);
	});

	test("is FIN and an opcode on the wire, and no frame for an empty fragment but the last", () => {
		const owner = openServer();
		for (const [bytes, last] of [
			["", false],
			["01", false],
			["", false],
			["", true],
		] as const)
			owner.do((connection) => connection.sendFragment("binary", hex(bytes), last));
		expect(owner.sentHex()).toBe("020101" + "8000");
	});

	test("control frames leave between the fragments", () => {
		const owner = sending();
		owner.do((connection) => connection.sendPing(bytesOf("p")));
		owner.hear(clientFrame(PING, "q"));
		owner.do((connection) => connection.sendFragment("text", bytesOf("z"), true));
		expect(owner.sentHex()).toBe("890170" + "8a0171" + "80017a");
	});

	test("what can't be the next fragment throws, and changes nothing", () => {
		const { connection } = sending();
		expect(misuse(() => connection.sendFragment("binary", hex(""), true))).toBe("ERR_MESSAGE_UNFINISHED");
		expect(misuse(() => connection.sendFragment("text", hex("ff"), false))).toBe("ERR_INVALID_UTF8");
		expect(misuse(() => connection.sendFragment("text", hex("c3"), true))).toBe("ERR_INVALID_UTF8");
		expect(misuse(() => connection.sendFragment("text", "b" as unknown as Uint8Array, true))).toBe(
			"ERR_INVALID_PAYLOAD",
		);
		expect([connection.isSending, connection.bufferedAmount]).toEqual([true, 0]);
	});
});

describe("behind an unfinished message", () => {
	test("others wait in their order", () => {
		const owner = sending();
		const { connection } = owner;
		owner.do(() => connection.sendText("b"));
		owner.do(() => connection.sendPrepared(encodeMessage("c")));
		owner.do(() => connection.sendBinary(bytesOf("d")));
		expect(owner.sentHex()).toBe("");
		// Each counts 64 bytes besides its own.
		expect(connection.bufferedAmount).toBe(3 * 64 + 1 + 3 + 1);
		owner.do(() => connection.sendFragment("text", bytesOf("z"), true));
		expect(owner.sentText()).toBe("\x80\x01z\x81\x01b\x81\x01c\x82\x01d");
		expect(connection.bufferedAmount).toBe(0);
	});

	test("a message that begins has its place, and those behind it wait on", () => {
		const owner = sending();
		const { connection } = owner;
		connection.sendText("b");
		connection.beginMessage("binary");
		connection.sendText("d");
		connection.sendFragment("text", bytesOf("z"), true);
		expect(connection.isSending).toBe(true);
		owner.settle();
		expect(owner.sentText()).toBe("\x80\x01z\x81\x01b");
		owner.do(() => connection.sendFragment("binary", bytesOf("c"), true));
		expect([owner.sentText(), connection.isSending]).toEqual(["\x82\x01c\x81\x01d", false]);
	});

	test("a plain message that begins passes no extension", () => {
		const owner = openOwner("server", {}, newClock(), { extensions: [upper()] });
		owner.do((connection) => connection.beginMessage("text", true));
		owner.do((connection) => connection.sendFragment("text", bytesOf("a"), true));
		owner.do((connection) => connection.beginMessage("text"));
		owner.do((connection) => connection.sendFragment("text", bytesOf("a"), true));
		expect(owner.sentText()).toBe("\x81\x01a\xc1\x01A");
	});

	test("no frame is prepared for others by an extension whose state will be another", () => {
		const { connection } = openOwner("server", {}, newClock(), { extensions: [upper()] });
		expect(connection.preparedFor("text", 1)).toBe("x-upper always;");
		connection.sendFragment("text", bytesOf("a"), false);
		expect([connection.preparedFor("text", 1), sending().connection.preparedFor("text", 1)]).toEqual([null, ""]);
	});

	test.each(ROLES)("%s: misuse is found at once, not when its turn comes", (role) => {
		const owner = openOwner(role);
		const { connection } = owner;
		connection.sendFragment("text", bytesOf("a"), false);
		const { bufferedAmount } = connection;
		expect(misuse(() => connection.sendText(1 as unknown as string))).toBe("ERR_INVALID_TEXT");
		expect(misuse(() => connection.sendBinary("b" as unknown as Uint8Array))).toBe("ERR_INVALID_PAYLOAD");
		const [frames, code] =
			role === "client" ? [encodeMessage("b"), "ERR_PREPARED_NOT_ALLOWED"] : ["b", "ERR_INVALID_PAYLOAD"];
		expect(misuse(() => connection.sendPrepared(frames as Uint8Array))).toBe(code);
		const gone = new Uint8Array(10);
		structuredClone(gone, { transfer: [gone.buffer] });
		expect(misuse(() => connection.sendBinary(gone))).toBe("ERR_TRANSFERRED");
		expect(connection.bufferedAmount).toBe(bufferedAmount);
	});
});

describe("close() behind an unfinished message", () => {
	test("waits for the last fragment and for what was sent before it, then the Close frame leaves", () => {
		const owner = sending();
		owner.do((connection) => connection.sendText("b"));
		owner.do((connection, now) => connection.close(1000, "bye", now));
		expect([owner.sentHex(), owner.connection.readyState]).toEqual(["", "closing"]);
		owner.do((connection) => connection.sendFragment("text", bytesOf("y"), false));
		owner.do((connection) => connection.sendFragment("text", bytesOf("z"), true));
		expect(owner.sentText()).toBe("\x00\x01y\x80\x01z\x81\x01b\x88\x05\x03\xe8bye");
		owner.hear(clientFrame(CLOSE, closePayload(1000)));
		owner.hearEnd();
		expect(owner.happened()).toEqual(["close 1000", 'closed 1000 "" clean by local at closed: fine']);
	});

	test("waits for a message that has begun and is not ended too", () => {
		const owner = sending();
		owner.do((connection) => connection.beginMessage("binary"));
		owner.do((connection, now) => connection.close(undefined, undefined, now));
		owner.do((connection) => connection.sendFragment("text", bytesOf("z"), true));
		expect(owner.sentText()).toBe("\x80\x01z");
		owner.do((connection) => connection.sendFragment("binary", bytesOf("b"), true));
		expect(owner.sentText()).toBe("\x82\x01b\x88\x00");
	});

	test("no other message may be sent, no other Close, and no second message begun", () => {
		const { connection } = sending();
		connection.close(1000, undefined, 0);
		expect(misuse(() => connection.sendText("b"))).toBe("ERR_STATE");
		expect(misuse(() => connection.beginMessage("text"))).toBe("ERR_STATE");
		expect(misuse(() => connection.close(1000, undefined, 0))).toBe("ERR_STATE");
		connection.sendPing(hex(""));
		connection.sendFragment("text", hex(""), true);
		expect(misuse(() => connection.sendFragment("text", hex(""), true))).toBe("ERR_STATE");
	});

	test("what the peer sends is still read, and pings are answered", () => {
		const owner = sending();
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.hear(clientFrame(TEXT, "b"));
		owner.hear(clientFrame(PING, "p"));
		expect([owner.happened(), owner.sentHex()]).toEqual([["text b", "ping 70"], "8a0170"]);
	});

	test("its deadline cuts the connection, is not put off by progress, and tells what waited", () => {
		const owner = sending();
		owner.do((connection) => connection.sendText("bc"));
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(6_000);
		owner.do((connection) => connection.sendFragment("text", bytesOf("y"), false));
		owner.do((connection, now) => connection.noteProgress(now));
		owner.pass(3_999);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
		const end = 'closed 1006 "" unclean by local at open: closing-timeout, 66 bytes unsent';
		expect(owner.happened()).toEqual([end]);
	});

	test("progress puts it off again once the Close frame has left", () => {
		const owner = sending();
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(9_000);
		owner.do((connection) => connection.sendFragment("text", hex(""), true));
		owner.do((connection, now) => connection.noteProgress(now));
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("open");
	});

	test.each([
		["open", (_: WebSocketConnection) => {}],
		["finishing", (connection: WebSocketConnection) => connection.close(1000, undefined, 5_000)],
	])("the peer's Close is answered at once, and what waited is dropped and told: %s", (state, begin) => {
		const owner = sending();
		owner.do((connection) => connection.sendText("bc"));
		owner.do(begin);
		owner.hear(clientFrame(CLOSE, closePayload(1001)));
		expect(owner.sentHex()).toBe("880203e9");
		expect(misuse(() => owner.connection.sendFragment("text", hex(""), true))).toBe("ERR_STATE");
		owner.hearEnd();
		const by = state === "open" ? "peer" : "local";
		const end = `closed 1001 "" clean by ${by} at closed: fine, 66 bytes unsent`;
		expect(owner.happened()).toEqual(["close 1001", end]);
	});

	test("a violation is answered at once", () => {
		const owner = sending();
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.hear(hex("81 00"));
		expect(owner.sentHex().slice(0, 2)).toBe("88");
		expect(owner.happened()).toEqual(["failed unmasked-frame 1002"]);
	});

	test("terminate and a reset count what waited", () => {
		for (const end of ["terminate", "receiveReset"] as const) {
			const owner = sending();
			owner.do((connection) => connection.sendText("b"));
			owner.do((connection, now) => connection[end](now));
			expect(owner.happened().at(-1)).toMatch(/65 bytes unsent$/);
		}
	});
});

describe("closeAtOnce", () => {
	test("sends the Close frame in front of what waits, which is dropped and told", () => {
		const owner = sending();
		owner.do((connection) => connection.sendText("b"));
		owner.do((connection, now) => connection.closeAtOnce(1011, "why", now));
		expect(owner.sentText()).toBe("\x88\x05\x03\xf3why");
		owner.hear(clientFrame(CLOSE, closePayload(1011)));
		owner.hearEnd();
		const end = 'closed 1011 "" clean by local at closed: fine, 65 bytes unsent';
		expect(owner.happened()).toEqual(["close 1011", end]);
	});

	test("takes the place of a Close frame that waits, within the same deadline", () => {
		const owner = sending();
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.pass(4_000);
		owner.do((connection, now) => connection.closeAtOnce(1011, "", now));
		expect(owner.sentHex()).toBe("880203f3");
		owner.pass(5_999);
		expect(owner.connection.streamAction).toBe("open");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("does nothing when a Close frame has been sent or the connection has ended, and checks its code", () => {
		const owner = openServer();
		expect(misuse(() => owner.connection.closeAtOnce(1005, "", 0))).toBe("ERR_INVALID_CLOSE_CODE");
		expect(misuse(() => owner.connection.closeAtOnce(1000, "x".repeat(124), 0))).toBe("ERR_CLOSE_REASON_TOO_LONG");
		expect([owner.connection.readyState, owner.connection.bufferedAmount]).toEqual(["open", 0]);
		owner.do((connection, now) => connection.close(1000, undefined, now));
		owner.sent();
		owner.do((connection, now) => connection.closeAtOnce(1011, "", now));
		expect(owner.sentHex()).toBe("");
	});
});

describe("ERR_BUFFER_FULL", () => {
	const options = { maxBufferedBytes: 100 };

	test.each(ROLES)("%s: up to the limit nothing is refused, and what is refused changes nothing", (role) => {
		const { connection } = openOwner(role, options);
		connection.sendBinary(new Uint8Array(50));
		const before = connection.bufferedAmount;
		const room = 100 - before;
		const calls = [
			() => connection.sendText("a".repeat(room + 1)),
			() => connection.sendBinary(new Uint8Array(room + 1)),
			() => connection.sendFragment("text", bytesOf("a".repeat(room + 1)), false),
		];
		if (role === "server") calls.push(() => connection.sendPrepared(encodeMessage("a".repeat(room))));
		for (const call of calls) expect(misuse(call)).toBe("ERR_BUFFER_FULL");
		expect([connection.bufferedAmount, connection.isSending, connection.readyState]).toEqual([before, false, "open"]);
		connection.sendText("a".repeat(room));
		connection.nextOutput();
		expect(misuse(() => connection.sendText("b"))).toBe("nothing thrown");
	});

	test("counts bytes of a text, not characters", () => {
		const { connection } = openServer(options);
		expect(misuse(() => connection.sendText("€".repeat(34)))).toBe("ERR_BUFFER_FULL");
		expect(misuse(() => connection.sendText("€".repeat(33)))).toBe("nothing thrown");
	});

	test("what waits behind an unfinished message counts, with 64 bytes for each", () => {
		const owner = sending(options);
		const { connection } = owner;
		connection.sendText("b");
		for (const call of [() => connection.sendText(""), () => connection.beginMessage("text")])
			expect(misuse(call)).toBe("ERR_BUFFER_FULL");
		owner.do(() => connection.sendFragment("text", bytesOf("z"), true));
		expect(owner.sentText()).toBe("\x80\x01z\x81\x01b");
	});

	test("what waits behind an unfinished message doesn't keep it from its end", () => {
		const owner = sending(options);
		const { connection } = owner;
		connection.sendText("b".repeat(35));
		owner.settle();
		expect(misuse(() => connection.sendFragment("text", bytesOf("z".repeat(98)), true))).toBe("nothing thrown");
	});

	test("a Close frame and control frames are never refused", () => {
		const { connection } = openServer(options);
		connection.sendText("a".repeat(100));
		connection.sendPing(new Uint8Array(125));
		connection.receive(clientFrame(PING, "p"), 0);
		connection.nextEvent();
		connection.close(1000, undefined, 0);
		expect(connection.bufferedAmount).toBe(102 + 127 + 3 + 4);
	});
});

describe("closed.unsent", () => {
	test("is 0 after a clean close, with all output taken", () => {
		const pair = openPair();
		pair.server.do((connection) => connection.sendFragment("text", bytesOf("a"), false));
		pair.server.do((connection) => connection.sendText("b"));
		pair.server.do((connection, now) => connection.close(1000, undefined, now));
		pair.server.do((connection) => connection.sendFragment("text", bytesOf("z"), true));
		pair.run();
		const { server, client } = pair.happened();
		expect(server.at(-1)).toBe('closed 1000 "" clean by local at closed: fine');
		expect(client).toEqual(["text az", "text b", "close 1000", 'closed 1000 "" clean by peer at closed: fine']);
	});

	test.each(ROLES)("%s: counts messages that are framed and never taken, not the Close frame behind them", (role) => {
		const { connection } = openOwner(role);
		connection.sendText("in vain");
		const { bufferedAmount } = connection;
		connection.close(1000, undefined, 0);
		connection.receiveReset(0);
		expect(connection.nextEvent()).toMatchObject({ type: "closed", unsent: bufferedAmount });
	});

	test("`closed` comes behind the last output: what can still leave is not lost", () => {
		const { connection } = openServer();
		connection.sendText("last");
		connection.receive(clientFrame(CLOSE, closePayload(1000)), 0);
		connection.receiveEnd(0);
		expect([connection.nextEvent()?.type, connection.nextEvent()]).toEqual(["close", null]);
		expect(textOf(connection.nextOutput()!)).toBe("\x81\x04last\x88\x02\x03\xe8");
		expect(connection.nextEvent()).toMatchObject({ type: "closed", wasClean: true, unsent: 0 });
	});
});

test("a client masks each fragment with a key of its own", () => {
	let calls = 0;
	const random = (into: Uint8Array) => void into.fill(++calls);
	const owner = openOwner("client", {}, newClock(), { random });
	owner.do((connection) => connection.sendFragment("binary", hex("00"), false));
	owner.do((connection) => connection.sendFragment("binary", hex("00"), true));
	expect(owner.sentHex()).toBe("02810101010101" + "80810202020202");
});
