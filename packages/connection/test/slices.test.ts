import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import {
	type ConnectionOptions,
	connectionSettings,
	Http1Client,
	Http1Server,
	WebSocketConnection,
	type WebSocketEvent,
} from "../src/index.ts";
import { CLIENT_REQUEST, newClock, Owner, random } from "./owner.ts";
import { CLOSE, clientFrame, closePayload, concat, PING, serverFrame } from "./wire.ts";

const MIB = 1024 * 1024;

/** Makes 1 MiB of zeros of each byte, and leaves what would make more than about `most`. */
function growing(): Extension {
	const extension = {
		name: "x-growing",
		rsv: 0b100,
		shared: null,
		left: 0,
		decode(piece: Uint8Array, _last: boolean, _room: number, most: number) {
			const taken = Math.min(piece.length, Math.ceil(most / MIB));
			extension.left = piece.length - taken;
			return new Uint8Array(taken * MIB);
		},
		outgoingRsv: () => 0,
		encode: (piece: Uint8Array) => piece,
		encodeShared: (payload: Uint8Array) => payload,
		snapshot: () => ({ ok: true as const, state: null }),
		release() {},
	};
	return extension;
}

const GROWING = {
	name: "x-growing",
	answer: () => null,
	offers: () => [],
	confirm: () => ({ ok: true as const, create: growing }),
	restore: growing,
};

const OPTIONS: ConnectionOptions = { serverExtensions: [GROWING], clientExtensions: [GROWING], random };

/** A message of three bytes that the extension has encoded. */
function encoded(role: "server" | "client"): Uint8Array {
	const frame = (role === "server" ? clientFrame : serverFrame)(0x2, "abc");
	frame[0] = 0xc2;
	return frame;
}

function open(role: "server" | "client", options: ConnectionOptions = {}): WebSocketConnection {
	const settings = connectionSettings({ ...OPTIONS, ...options });
	return new WebSocketConnection({ role, random, extensions: [growing()] }, settings, 0);
}

/** What one call gives. */
function call(connection: WebSocketConnection): string {
	const event: WebSocketEvent | null = connection.nextEvent();
	if (event === null) return connection.hasMore ? "more" : "none";
	return event.type === "binary" ? `binary ${event.bytes.length / MIB}` : event.type;
}

function callsOf(connection: WebSocketConnection, count: number): string[] {
	return Array.from({ length: count }, () => call(connection));
}

/** A message of 3 MiB is decoded by three calls, of which the last one gives nothing either, and put together by three. */
const MORE: readonly string[] = Array<string>(5).fill("more");

describe.each(["server", "client"] as const)("%s: a message that is decoded by slices", (role) => {
	const frame = role === "server" ? clientFrame : serverFrame;

	test("nextEvent() gives null, and hasMore tells that there is more, until the message is there", () => {
		const connection = open(role);
		expect(connection.hasMore).toBe(false);
		connection.receive(concat([encoded(role), frame(PING)]), 0);
		// Nobody has asked yet.
		expect(connection.hasMore).toBe(false);
		expect(callsOf(connection, 8)).toEqual([...MORE, "binary 3", "ping", "none"]);
	});

	test("hasMore is false behind an event, and when bytes have come since", () => {
		const connection = open(role);
		connection.receive(concat([frame(PING), encoded(role)]), 0);
		connection.nextEvent();
		expect([connection.hasMore, connection.unread > 0]).toEqual([false, true]);
		expect(call(connection)).toBe("more");
		connection.receive(frame(PING), 0);
		expect(connection.hasMore).toBe(false);
		expect(callsOf(connection, 7)).toEqual([...MORE.slice(1), "binary 3", "ping", "none"]);
	});

	test("the peer's Close and its end come behind it", () => {
		const connection = open(role);
		connection.receive(concat([encoded(role), frame(CLOSE, closePayload(1000))]), 0);
		connection.receiveEnd(0);
		expect(callsOf(connection, 7)).toEqual([...MORE, "binary 3", "close"]);
		while (connection.nextOutput() !== null);
		expect(call(connection)).toBe("closed");
	});

	test("the end of the stream without a Close, too", () => {
		const connection = open(role);
		connection.receive(encoded(role), 0);
		connection.receiveReset(0);
		expect(callsOf(connection, 7)).toEqual([...MORE, "binary 3", "closed"]);
	});

	test("terminate() gives up what is left of it", () => {
		const connection = open(role);
		connection.receive(encoded(role), 0);
		expect(call(connection)).toBe("more");
		connection.terminate(0);
		expect([connection.unread, call(connection), connection.hasMore]).toEqual([0, "closed", false]);
	});

	test("while there is more, the peer is not idle, and a ping judges nothing", () => {
		const connection = open(role, { timeouts: { idle: 100 }, keepAlive: { interval: 1_000, timeout: 50 } });
		connection.receive(encoded(role), 0);
		expect(call(connection)).toBe("more");
		connection.handleTimeout(100);
		expect(connection.readyState).toBe("open");
		connection.handleTimeout(1_000);
		connection.handleTimeout(1_100);
		expect([connection.readyState, ...callsOf(connection, 6)]).toEqual(["open", ...MORE.slice(1), "binary 3", "none"]);
	});

	test("a snapshot between two slices goes on exactly", () => {
		const connection = open(role);
		connection.receive(concat([encoded(role), frame(PING)]), 0);
		expect(call(connection)).toBe("more");
		const snapshot = structuredClone(connection.snapshot(0));
		const restored = WebSocketConnection.restore(snapshot, connectionSettings(OPTIONS), 0);
		// Nobody has asked this one yet.
		expect([restored.hasMore, restored.unread]).toEqual([false, connection.unread]);
		for (const each of [restored, connection])
			expect(callsOf(each, 7)).toEqual([...MORE.slice(1), "binary 3", "ping", "none"]);
	});
});

describe.each(["server", "client"] as const)("%s: a message that is put together by slices", (role) => {
	const frame = role === "server" ? clientFrame : serverFrame;

	/** It has come, in chunks of 1 MiB, and all of it is parsed. `settings` of a connection that has no extension. */
	function parsed(settings: ConnectionOptions = {}): { connection: WebSocketConnection; wire: Uint8Array } {
		const connection = new WebSocketConnection({ role, random }, connectionSettings({ random, ...settings }), 0);
		const wire = frame(0x2, new Uint8Array(3 * MIB));
		for (let at = 0; at < wire.length; at += MIB) connection.receive(wire.slice(at, at + MIB), 0);
		expect([call(connection), connection.unread]).toEqual(["more", 0]);
		return { connection, wire };
	}

	test("hasMore is true although nothing is unread, until the message is there", () => {
		const { connection } = parsed();
		expect(callsOf(connection, 3)).toEqual(["more", "binary 3", "none"]);
	});

	test("what comes meanwhile is behind it", () => {
		const { connection } = parsed();
		connection.receive(concat([frame(PING), frame(CLOSE, closePayload(1000))]), 0);
		connection.receiveEnd(0);
		expect(callsOf(connection, 4)).toEqual(["more", "binary 3", "ping", "close"]);
	});

	test.each(["receiveEnd", "receiveReset"] as const)("%s comes behind it", (end) => {
		const { connection } = parsed();
		connection[end](0);
		const calls = callsOf(connection, 3);
		while (connection.nextOutput() !== null);
		expect([...calls, call(connection)].filter((each) => each !== "none")).toEqual(["more", "binary 3", "closed"]);
	});

	test("close() meanwhile does not stop it", () => {
		const { connection } = parsed();
		connection.close(1000, "", 0);
		expect(callsOf(connection, 3)).toEqual(["more", "binary 3", "none"]);
	});

	test("terminate() and fail() give it up", () => {
		for (const [end, event] of [
			[(it: WebSocketConnection) => it.terminate(0), "closed"],
			[(it: WebSocketConnection) => it.fail("no-room", 0), "failed"],
		] as const) {
			const { connection } = parsed();
			end(connection);
			expect([connection.held > 1000, call(connection), connection.hasMore]).toEqual([false, event, false]);
		}
	});

	test("it is complete: no time is up for it, and it counts no longer as unfinished", () => {
		const timeouts = { message: 100, idle: 200 };
		const connection = new WebSocketConnection({ role, random }, connectionSettings({ random, timeouts }), 0);
		const wire = frame(0x2, new Uint8Array(3 * MIB));
		connection.receive(wire.slice(0, MIB), 0);
		expect([call(connection), connection.unfinished]).toEqual(["none", MIB]);
		// At this time it would be late.
		expect(connection.nextDeadline).toBe(100);
		connection.receive(wire.slice(MIB), 99);
		expect([call(connection), connection.unfinished]).toEqual(["more", 0]);
		// As much is put together as was let go.
		expect(connection.held).toBe(wire.length);
		for (const now of [1_000, 100_000]) {
			connection.handleTimeout(now);
			expect([connection.readyState, connection.nextDeadline > now]).toEqual(["open", true]);
		}
		expect(callsOf(connection, 3)).toEqual(["more", "binary 3", "none"]);
	});

	test("it counts for the rates as it came, once", () => {
		const rates = { maxMessagesPerSecond: 1000, maxBytesPerSecond: 4 * MIB };
		const { connection, wire } = parsed({ rates });
		const ping = frame(PING);
		connection.receive(ping, 0);
		expect(connection.snapshot(0).rate).toEqual({ messages: 0, bytes: 0, pause: null });
		expect(callsOf(connection, 2)).toEqual(["more", "binary 3"]);
		expect(connection.snapshot(0).rate?.messages).toBe(1);
		expect(connection.snapshot(0).rate?.bytes).toBeCloseTo((wire.length / (4 * MIB)) * 1000, 6);
		expect([connection.snapshot(0).pending, call(connection), call(connection)]).toEqual([ping.length, "ping", "none"]);
	});

	test("a snapshot between two slices goes on with the same message", () => {
		const { connection } = parsed();
		connection.receive(frame(PING), 0);
		const snapshot = structuredClone(connection.snapshot(0));
		const restored = WebSocketConnection.restore(snapshot, connectionSettings(OPTIONS), 0);
		expect([restored.hasMore, restored.held]).toEqual([false, 3 * MIB + frame(PING).length]);
		// All that was put together is copied already, and is put together again.
		expect(callsOf(restored, 5)).toEqual(["more", "more", "binary 3", "ping", "none"]);
		expect(callsOf(connection, 4)).toEqual(["more", "binary 3", "ping", "none"]);
	});
});

test("an owner that asks again until there is no more gets the message", () => {
	const owner = new Owner(open("server"), newClock());
	owner.hear(encoded("server"));
	expect(owner.taken()).toMatchObject([{ type: "binary" }]);
});

test("HTTP never has more", () => {
	const settings = connectionSettings({ random });
	expect(new Http1Server(settings, 0).hasMore).toBe(false);
	expect(new Http1Client(settings, CLIENT_REQUEST, 0).hasMore).toBe(false);
});
