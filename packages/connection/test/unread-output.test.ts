import { describe, expect, test } from "vitest";
import { type ConnectionOptions, connectionSettings, WebSocketConnection } from "../src/index.ts";
import { movedOwner } from "./moving.ts";
import { type Owner, openOwner, openServer, serverOwner } from "./owner.ts";
import { CLOSE, clientFrame, closePayload, http, PING, PONG, serverFrame } from "./wire.ts";

const NEVER = Number.POSITIVE_INFINITY;
const ROLES = ["server", "client"] as const;
const MEBIBYTE = 1 << 20;

function peerFrame(role: "server" | "client", opcode: number, payload: Uint8Array | string = ""): Uint8Array {
	return role === "server" ? clientFrame(opcode, payload) : serverFrame(opcode, payload);
}

/** Sends a message that makes so many bytes of output, frames' headers too. Gives the milliseconds of a reader that reads 20 KB/s. */
function burst(owner: Owner<WebSocketConnection>, size: number): number {
	owner.sent();
	owner.do((connection) => connection.sendBinary(new Uint8Array(size)));
	return owner.sent().length / 20;
}

/** Lets time go by up to that moment, of which `began` was the first. */
function passTo(owner: Owner<WebSocketConnection>, began: number, moment: number): void {
	owner.pass(began + moment - owner.clock.now);
}

describe("keepalive: a pong is due when a reader of 20 KB/s has come to its ping", () => {
	test.each(ROLES)("%s: what was given out before it may be unread", (role) => {
		const owner = openOwner(role);
		const began = owner.clock.now;
		const time = burst(owner, 2 * MEBIBYTE);
		passTo(owner, began, 20_000 + time);
		owner.sent();
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 20_000 + time - 1);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 20_000 + Math.ceil(time));
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("but no more than the system holds: less than `stalled`, however much it was", () => {
		const owner = openServer();
		const began = owner.clock.now;
		burst(owner, 60 * MEBIBYTE);
		passTo(owner, began, 20_000 + 209_715);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 20_000 + 209_716);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("what a reader of 20 KB/s has read meanwhile is not waited for", () => {
		const owner = openServer();
		const began = owner.clock.now;
		for (let second = 0; second < 20; second++) {
			burst(owner, 19_000);
			owner.pass(1_000);
		}
		passTo(owner, began, 39_999);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 40_000);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test.each(ROLES)("%s: the pong tells that all before its ping is read", (role) => {
		const owner = openOwner(role);
		const began = owner.clock.now;
		burst(owner, 2 * MEBIBYTE);
		passTo(owner, began, 20_500);
		owner.hear(peerFrame(role, PONG));
		owner.taken();
		passTo(owner, began, 59_999);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 60_000);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("and nothing of what was given out behind the ping", () => {
		const owner = openServer();
		const began = owner.clock.now;
		passTo(owner, began, 10_000);
		burst(owner, MEBIBYTE);
		passTo(owner, began, 20_000);
		const time = burst(owner, 2 * MEBIBYTE);
		passTo(owner, began, 21_000);
		owner.hear(clientFrame(PONG));
		owner.taken();
		passTo(owner, began, 20_000 + time + 20_000 - 1);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 20_000 + time + 20_000 + 1);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("the pong of an earlier ping, or of the application's own, does not tell that of the latest one", () => {
		const owner = openServer();
		const began = owner.clock.now;
		passTo(owner, began, 10_000);
		const time = burst(owner, 3 * MEBIBYTE);
		passTo(owner, began, 41_000);
		owner.hear(clientFrame(PONG));
		owner.hear(clientFrame(PONG, "mine"));
		owner.taken();
		passTo(owner, began, 10_000 + time + 20_000 - 1);
		expect(owner.happened()).toEqual([]);
		passTo(owner, began, 10_000 + time + 20_000 + 1);
		expect(owner.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("a connection that is idle holds none of it, nor one that has sent nothing for a while", () => {
		const owner = openServer();
		const unread = () => owner.connection.snapshot(owner.clock.now).sender.unread;
		const quiet = () => {
			owner.pass(20_000);
			owner.hear(clientFrame(PONG));
			return unread();
		};
		expect([quiet(), quiet()]).toEqual([null, null]);
		burst(owner, 40_000);
		expect(unread()).toMatchObject({ pings: 0, behindPing: 0 });
		expect(quiet()).toBeNull();
	});

	test("a moved connection goes on with it", () => {
		const owner = openServer();
		const began = owner.clock.now;
		const time = burst(owner, 2 * MEBIBYTE);
		passTo(owner, began, 15_000);
		const there = movedOwner(owner);
		there.settle();
		there.pass(5_000 + time - 1);
		expect(there.happened()).toEqual([]);
		there.pass(2);
		expect(there.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});
});

const SILENT: ConnectionOptions = { keepAlive: { interval: NEVER } };

describe("closing: a slow peer gets all that was sent before the end", () => {
	/** What it does that ends the connection, and whether a slow peer is waited for. */
	const ENDS: readonly [string, boolean, (owner: Owner<WebSocketConnection>, role: "server" | "client") => void][] = [
		["close()", true, (owner) => owner.do((connection, now) => connection.close(4001, "bye", now))],
		["the answer to the peer's Close", true, (owner, role) => owner.hear(peerFrame(role, CLOSE, closePayload(1000)))],
		["closeAtOnce()", false, (owner) => owner.do((connection, now) => connection.closeAtOnce(1013, "too slow", now))],
		["no room", false, (owner) => owner.do((connection, now) => connection.fail("no-room", now))],
		["the peer's violation", false, (owner) => owner.hear(Uint8Array.of(0xff, 0xff))],
		[
			"a violation behind close()",
			false,
			(owner) => {
				owner.do((connection, now) => connection.close(4001, "bye", now));
				owner.hear(Uint8Array.of(0xff, 0xff));
			},
		],
	];
	const cases = ROLES.flatMap((role) => ENDS.map(([what, waits, end]) => [role, what, waits, end] as const));

	test.each(cases)("%s, %s: while the stream has no room the deadline rests: %s", (role, _what, waits, end) => {
		const owner = openOwner(role, SILENT);
		owner.isCongested = true;
		owner.do((connection) => connection.sendText("waits"));
		end(owner, role);
		owner.pass(9_999);
		expect(owner.connection.streamAction).not.toBe("destroy");
		owner.pass(waits ? 1_000_000 : 1);
		expect(owner.connection.streamAction === "destroy").toBe(!waits);
		if (!waits) return;
		owner.drain();
		owner.pass(9_999);
		expect(owner.connection.streamAction).not.toBe("destroy");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test.each(cases)("%s, %s: what the system may hold is waited for: %s", (role, _what, waits, end) => {
		const owner = openOwner(role, SILENT);
		const time = burst(owner, 2 * MEBIBYTE);
		end(owner, role);
		const wait = 10_000 + (waits ? time : 0);
		owner.pass(wait - 2);
		expect(owner.connection.streamAction).not.toBe("destroy");
		owner.pass(3);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test.each(ROLES)("%s: also what leaves after close()", (role) => {
		const owner = openOwner(role, SILENT);
		owner.isCongested = true;
		owner.do((connection) => connection.sendBinary(new Uint8Array(2 * MEBIBYTE)));
		owner.do((connection, now) => connection.close(4001, "bye", now));
		owner.pass(9_000);
		owner.isCongested = false;
		owner.settle();
		const time = owner.sent().length / 20;
		owner.pass(10_000 + time - 2);
		expect(owner.connection.streamAction).not.toBe("destroy");
		owner.pass(3);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("a message that is sent without end is not waited for", () => {
		const owner = openServer(SILENT);
		owner.do((connection) => connection.sendFragment("binary", new Uint8Array(2 * MEBIBYTE), false));
		owner.do((connection, now) => connection.close(1000, "", now));
		owner.isCongested = true;
		owner.pass(10_000);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("pongs that the peer does not take, behind the Close frame, do not put the end off", () => {
		const owner = openServer(SILENT);
		owner.do((connection, now) => connection.close(1000, "", now));
		owner.do((connection, now) => connection.noteProgress(now));
		owner.isCongested = true;
		owner.hear(clientFrame(PING));
		owner.pass(10_000);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("a moved connection still knows whether it waits", () => {
		for (const waits of [true, false]) {
			const owner = openServer(SILENT);
			owner.isCongested = true;
			owner.do((connection) => connection.sendText("waits"));
			owner.do((connection, now) => (waits ? connection.close(1013, "", now) : connection.closeAtOnce(1013, "", now)));
			const there = movedOwner(owner, SILENT);
			there.isCongested = true;
			there.pass(10_000);
			expect(there.connection.streamAction).toBe(waits ? "open" : "destroy");
		}
	});
});

describe("closing, of HTTP: a slow client gets the whole last answer", () => {
	const LAST = http("GET / HTTP/1.1", "Host: a", "Connection: close");

	function answered(size: number, isCongested: boolean) {
		const owner = serverOwner();
		owner.hear(LAST);
		owner.isCongested = isCongested;
		owner.do((connection, now) => connection.respond({ status: 200, body: true }, now));
		owner.do((connection) => connection.sendBody(new Uint8Array(size)));
		owner.do((connection, now) => connection.endBody([], now));
		return owner;
	}

	test("while the stream has no room the deadline rests", () => {
		const owner = answered(100, true);
		owner.pass(1_000_000);
		expect(owner.connection.streamAction).toBe("end");
		owner.drain();
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(1);
		expect([owner.connection.streamAction, owner.happened().at(-1)]).toEqual(["destroy", "closed: closing-timeout"]);
	});

	test("what the system may hold is waited for", () => {
		const owner = answered(2 * MEBIBYTE, false);
		const time = owner.sent().length / 20;
		owner.pass(10_000 + time - 2);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(3);
		expect(owner.connection.streamAction).toBe("destroy");
	});

	test("also where the server shuts down behind it", () => {
		const owner = serverOwner();
		owner.hear(http("GET / HTTP/1.1", "Host: a"));
		owner.isCongested = true;
		owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
		owner.do((connection, now) => connection.shutDown(now));
		owner.pass(1_000_000);
		expect(owner.connection.streamAction).toBe("end");
	});

	test("not behind a request that was refused", () => {
		const owner = serverOwner();
		owner.isCongested = true;
		owner.hear("nonsense\r\n\r\n");
		owner.pass(9_999);
		expect(owner.connection.streamAction).toBe("end");
		owner.pass(1);
		expect(owner.connection.streamAction).toBe("destroy");
	});
});

test.each([1_000_000, -999_000])(
	"a connection that is moved while it closes keeps the time that its peer needs, at %i too",
	(shift) => {
		const settings = connectionSettings({ timeouts: { closing: 1_100 } });
		const connection = new WebSocketConnection({ role: "server" }, settings, 0);
		connection.sendBinary(new Uint8Array(70_000));
		const there = WebSocketConnection.restore(connection.snapshot(0), settings, shift);
		there.close(1000, "bye", shift);
		while (there.nextOutput() !== null);
		// 70,017 bytes at 20 a millisecond.
		expect(there.nextDeadline - shift).toBe(4_601);
		expect(WebSocketConnection.restore(there.snapshot(shift), settings, 0).nextDeadline).toBe(4_601);
	},
);

test("of an answer that is read at once, the closing time is exact, also at a time below 0", () => {
	const owner = serverOwner({}, { now: -1_000_000 });
	owner.hear(http("GET / HTTP/1.1", "Host: a", "Connection: close"));
	owner.do((connection, now) => connection.respond({ status: 204, body: false }, now));
	expect(owner.connection.nextDeadline - owner.clock.now).toBe(10_000);
});
