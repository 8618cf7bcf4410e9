import { describe, expect, test } from "vitest";
import { type ConnectionOptions, SNAPSHOT_VERSION, WebSocketConnection } from "../src/index.ts";
import { movedOwner, movedSettings, rolling } from "./moving.ts";
import { newClock, type Owner, openOwner, openServer } from "./owner.ts";
import { misuse } from "./usage.ts";
import { CLOSE, clientFrame, closePayload, hex, PING, serverFrame, TEXT, upper } from "./wire.ts";

type Open = Owner<WebSocketConnection>;

/** A place in a connection's life, with what happens behind it. */
interface Place {
	readonly name: string;
	readonly role: "server" | "client";
	readonly options?: ConnectionOptions;
	readonly isExtended?: true;
	readonly before: (owner: Open) => void;
	readonly after: (owner: Open) => void;
	/** What comes of it behind that place. */
	readonly events: readonly string[];
	readonly sent: string;
}

const NEVER = Number.POSITIVE_INFINITY;
const hear = (bytes: string) => (owner: Open) => owner.hear(hex(bytes));

const PLACES: readonly Place[] = [
	{
		name: "half a header",
		role: "server",
		before: hear("81 83 01 02"),
		after: hear("03 04 60 60 60"),
		events: ["text abc"],
		sent: "",
	},
	{
		name: "half a control frame",
		role: "server",
		before: hear("89 83 01020304 60"),
		after: hear("60 60"),
		events: ["ping 616263"],
		sent: "8a03616263",
	},
	{
		name: "half a masked payload, inside the masking key",
		role: "server",
		before: hear("82 85 01020304 6063"),
		after: hear("626560"),
		events: ["binary 6161616161"],
		sent: "",
	},
	{
		name: "half a text in fragments, inside a character",
		role: "client",
		before: hear("01 02 61 e2"),
		after: hear("00 01 82 89 00 80 01 ac"),
		events: ["ping ", "text a€"],
		sent: "8a8037fa213d",
	},
	{
		name: "the same with a byte that can't follow",
		role: "client",
		before: hear("01 02 61 e2"),
		after(owner) {
			owner.hear(hex("00 01 61"));
			// 03ef, masked.
			expect(owner.sentHex().slice(12, 16)).toBe("3415");
		},
		events: ["failed invalid-utf8 1007"],
		sent: "",
	},
	{
		name: "half a text in parts, inside a character",
		role: "client",
		options: { parts: true },
		before: hear("01 02 61 e2"),
		after: hear("00 01 82 80 01 ac"),
		events: ["last part text e282ac"],
		sent: "",
	},
	{
		name: "bytes that were not asked for",
		role: "client",
		before: (owner) => {
			owner.pulls = false;
			owner.hear(hex("81 01 61 82 01"));
		},
		after: (owner) => {
			owner.pulls = true;
			owner.hear(hex("62"));
		},
		events: ["text a", "binary 62"],
		sent: "",
	},
	{
		name: "half a message that an extension decodes, half of one that it encodes, and others behind it",
		role: "client",
		isExtended: true,
		before(owner) {
			owner.hear(hex("42 02 6162"));
			owner.do((connection) => connection.sendFragment("binary", hex("0000"), false));
			owner.do((connection) => connection.sendText("p", true));
			owner.do((connection) => connection.sendText("q"));
		},
		after(owner) {
			owner.hear(hex("80 01 63"));
			owner.do((connection) => connection.sendFragment("binary", hex("00"), true));
		},
		events: ["binary 616161"],
		// Masked: 02, 70 and 74.
		sent: "808137fa213d35 818137fa213d47 c18137fa213d43".replaceAll(" ", ""),
	},
	{
		name: "the closing handshake under way: this endpoint's Close is sent",
		role: "server",
		before(owner) {
			owner.do((connection, now) => connection.close(1000, "bye", now));
			owner.pass(4_000);
		},
		after(owner) {
			owner.hear(clientFrame(CLOSE, closePayload(1000, "so long")));
			owner.hearEnd();
		},
		events: ["close 1000 so long", 'closed 1000 "so long" clean by local at closed: fine'],
		sent: "",
	},
	{
		name: "the same, and its deadline goes on",
		role: "server",
		before(owner) {
			owner.do((connection, now) => connection.close(1000, "bye", now));
			owner.pass(4_000);
		},
		after(owner) {
			owner.pass(5_999);
			expect(owner.connection.streamAction).toBe("open");
			owner.pass(1);
			expect(owner.connection.streamAction).toBe("destroy");
		},
		events: ['closed 1006 "" unclean by local at closing: closing-timeout'],
		sent: "",
	},
	{
		name: "the same without a deadline",
		role: "server",
		options: { timeouts: { closing: NEVER } },
		before: (owner) => owner.do((connection, now) => connection.close(1000, "bye", now)),
		after: hear("88 80 00000000"),
		events: ["close 1005"],
		sent: "",
	},
	{
		name: "the peer's Close is answered",
		role: "client",
		before: (owner) => owner.hear(serverFrame(CLOSE, closePayload(1001, "away"))),
		after: (owner) => owner.hearEnd(),
		events: ['closed 1001 "away" clean by peer at closed: fine'],
		sent: "",
	},
	{
		name: "a violation is answered",
		role: "server",
		before: hear("81 00"),
		after(owner) {
			owner.hear(clientFrame(TEXT, "late"));
			owner.hearEnd();
		},
		events: ['closed 1006 "" unclean by local at closing: unmasked-frame'],
		sent: "",
	},
	{
		name: "a pong that waits for output to be taken",
		role: "server",
		before(owner) {
			owner.connection.sendBinary(new Uint8Array(70_000));
			owner.connection.receive(clientFrame(PING, "1"), owner.clock.now);
			expect(owner.connection.nextEvent()?.type).toBe("ping");
		},
		after: (owner) => owner.settle(),
		events: [],
		sent: `827f0000000000011170${"00".repeat(70_000)}8a0131`,
	},
	{
		name: "output that is not taken",
		role: "client",
		before(owner) {
			owner.connection.sendText("a");
			owner.connection.sendPing(hex(""));
		},
		after: (owner) => owner.do((connection) => connection.sendText("b")),
		events: [],
		sent: "818137fa213d56 898037fa213d 818137fa213d55".replaceAll(" ", ""),
	},
	{
		name: "a Close frame and messages wait behind an unfinished one",
		role: "server",
		before(owner) {
			owner.do((connection) => connection.sendFragment("text", hex("e2"), false));
			owner.do((connection) => connection.sendText("b"));
			owner.do((connection) => connection.sendPrepared(hex("820163")));
			owner.do((connection) => connection.beginMessage("binary", true));
			owner.do((connection, now) => connection.close(4_000, "bye", now));
		},
		after(owner) {
			expect(misuse(() => owner.connection.sendFragment("text", hex("61"), true))).toBe("ERR_INVALID_UTF8");
			owner.do((connection) => connection.sendFragment("text", hex("82ac"), true));
			owner.do((connection) => connection.sendFragment("binary", hex("64"), true));
		},
		events: [],
		sent: "800282ac 810162 820163 820164 88050fa0627965".replaceAll(" ", ""),
	},
	{
		name: "what was dropped is told",
		role: "server",
		before(owner) {
			owner.do((connection) => connection.sendFragment("text", hex("61"), false));
			owner.do((connection) => connection.sendText("b"));
			owner.hear(clientFrame(CLOSE));
		},
		after: (owner) => owner.hearEnd(),
		events: ['closed 1005 "" clean by peer at closed: fine, 65 bytes unsent'],
		sent: "",
	},
	{
		name: "a ping is out, and judged by its own deadline",
		role: "server",
		before: (owner) => owner.pass(30_000),
		after(owner) {
			owner.pass(9_999);
			expect(owner.connection.readyState).toBe("open");
			owner.pass(1);
			expect(owner.sentHex().slice(0, 8)).toBe("883a03f3");
		},
		events: ["failed keepalive-timeout 1011"],
		sent: "",
	},
	{
		name: "a ping is out, and something came",
		role: "server",
		before(owner) {
			owner.pass(30_000);
			owner.hear(clientFrame(PING).subarray(0, 1));
		},
		after: (owner) => owner.pass(10_000),
		events: [],
		// The next ping.
		sent: "8900",
	},
	{
		name: "the keepalive has failed, and its event was asked for",
		role: "server",
		before: (owner) => owner.pass(40_000),
		after: (owner) => owner.hearEnd(),
		events: ['closed 1006 "" unclean by local at closing: keepalive-timeout'],
		sent: "",
	},
	{
		name: "the keepalive has failed, and its event waits",
		role: "server",
		before(owner) {
			owner.pass(39_999);
			owner.clock.now += 1;
			owner.connection.handleTimeout(owner.clock.now);
			owner.connection.nextOutput();
		},
		after: (owner) => owner.hearEnd(),
		events: ["failed keepalive-timeout 1011", 'closed 1006 "" unclean by local at closing: keepalive-timeout'],
		sent: "",
	},
	{
		name: "silence, counted from the last message",
		role: "client",
		options: { timeouts: { idle: 1_000 } },
		before(owner) {
			owner.pass(500);
			owner.hear(serverFrame(TEXT, "a"));
			owner.pass(800);
		},
		after(owner) {
			owner.pass(199);
			expect(owner.connection.readyState).toBe("open");
			owner.pass(1);
			expect(owner.connection.readyState).toBe("closing");
		},
		events: [],
		sent: "888637fa213d341348595b9f",
	},
	{
		name: "silence, counted from when a message came that is not read",
		role: "client",
		options: { timeouts: { idle: 1_000 } },
		before(owner) {
			owner.pass(500);
			owner.pulls = false;
			owner.hear(serverFrame(TEXT, "a"));
			owner.clock.now += 300;
		},
		after(owner) {
			owner.pulls = true;
			owner.settle();
			owner.pass(699);
			expect(owner.connection.readyState).toBe("open");
			owner.pass(1);
			expect(owner.connection.readyState).toBe("closing");
		},
		events: ["text a"],
		sent: "888637fa213d341348595b9f",
	},
	{
		name: "the peer's end is not read",
		role: "client",
		before(owner) {
			owner.pulls = false;
			owner.hear(serverFrame(TEXT, "a"));
			owner.hearEnd();
		},
		after(owner) {
			owner.pulls = true;
			owner.settle();
		},
		events: ["text a", 'closed 1006 "" unclean by stream at open: stream-ended'],
		sent: "",
	},
	{
		name: "a reset is not read",
		role: "client",
		before(owner) {
			owner.pulls = false;
			owner.hear(serverFrame(TEXT, "a"));
			owner.hearReset();
		},
		after(owner) {
			owner.pulls = true;
			owner.settle();
		},
		events: ["text a", 'closed 1006 "" unclean by stream at open: stream-reset'],
		sent: "",
	},
	{
		name: "a reset behind the peer's end, and neither is read",
		role: "client",
		before(owner) {
			owner.pulls = false;
			owner.hear(serverFrame(CLOSE, closePayload(1001)));
			owner.hearEnd();
			owner.hearReset();
		},
		after(owner) {
			owner.pulls = true;
			owner.settle();
		},
		events: ["close 1001", 'closed 1001 "" unclean by peer at closing: fine'],
		sent: "",
	},
	{
		name: "the same with output left, which is lost",
		role: "client",
		before({ connection, clock }) {
			connection.sendText("a");
			connection.receive(serverFrame(CLOSE, closePayload(1001)), clock.now);
			connection.receiveEnd(clock.now);
			connection.receiveReset(clock.now);
		},
		after: (owner) => owner.settle(),
		events: ["close 1001", 'closed 1001 "" unclean by peer at closing: stream-reset, 7 bytes unsent'],
		sent: "",
	},
	{
		name: "the end has come",
		role: "server",
		before: (owner) => owner.hearReset(),
		after(owner) {
			owner.hear(clientFrame(TEXT, "late"));
			owner.hearEnd();
			owner.pass(1_000_000);
		},
		events: [],
		sent: "",
	},
	{
		name: "the end has come inside a message that an extension decodes",
		role: "client",
		isExtended: true,
		before(owner) {
			owner.do((connection) => connection.sendFragment("binary", hex("00"), false));
			owner.hear(hex("42 02 6162"));
			owner.hearEnd();
		},
		after: (owner) => owner.hearReset(),
		events: [],
		sent: "",
	},
];

/** What shows how a connection goes on. */
function outlook({ connection, clock }: Open) {
	const { streamAction, readyState, bufferedAmount, isSending, role, protocol, nextDeadline } = connection;
	// Extensions are not moved once nothing passes them any more.
	const extensions = readyState === "open" ? connection.extensions : [];
	const left = nextDeadline - clock.now;
	return { streamAction, readyState, bufferedAmount, isSending, role, protocol, extensions, left };
}

describe("a connection goes on in another process as if nothing had been", () => {
	test.each(PLACES)("$role: $name", ({ role, options = {}, isExtended, before, after, events, sent }) => {
		const open = { protocol: "chat", extensions: isExtended === undefined ? [] : [rolling()] };
		const still = openOwner(role, options, newClock(), open);
		before(still);
		still.taken();
		still.sent();
		const there = movedOwner(still, options);
		expect(outlook(there)).toEqual(outlook(still));
		for (const owner of [still, there]) {
			after(owner);
			expect([owner.happened(), owner.sentHex()]).toEqual([events, sent]);
		}
		expect(outlook(there)).toEqual(outlook(still));
	});
});

test("a snapshot is plain data, of one version, with times relative to now", () => {
	const owner = openServer();
	owner.pass(1_500);
	owner.hear(clientFrame(TEXT, "a"));
	owner.clock.now += 200;
	owner.connection.handleTimeout(owner.clock.now);
	owner.clock.now += 300;
	expect(owner.connection.snapshot(owner.clock.now)).toEqual({
		version: SNAPSHOT_VERSION,
		role: "server",
		protocol: "",
		parts: false,
		extensions: [],
		reader: {
			frames: { unread: [], message: null },
			decodedSize: 0,
			held: hex(""),
			complete: null,
			hasPart: false,
		},
		sender: {
			frames: { output: hex(""), data: 0, unfinished: null, isClosed: false },
			waiting: [],
			delayedPong: null,
			dropped: 0,
			untilEnd: 0,
			unread: null,
		},
		life: {
			outbound: "open",
			inbound: "open",
			stage: "open",
			endedBy: null,
			closeCode: 1006,
			closeReason: "",
			failure: null,
			found: null,
			isAtOnce: false,
			closedTaken: false,
		},
		timers: { idle: null, pong: null, message: null, keepAlive: 18_000, closing: null },
		sinceInput: 300,
		eventsDrained: true,
		pending: 0,
		rate: null,
		endReceived: false,
		isAborted: false,
		raised: null,
		pendingClose: null,
	});
});

test("taking one changes nothing, and one may be used again", () => {
	const owner = openServer();
	owner.hear(hex("01 81 00000000 61"));
	owner.connection.sendText("b");
	const snapshot = owner.connection.snapshot(owner.clock.now);
	const before = structuredClone(snapshot);
	expect(owner.connection.snapshot(owner.clock.now)).toEqual(before);
	for (let round = 0; round < 2; round++) {
		const connection = WebSocketConnection.restore(snapshot, movedSettings(), 0);
		connection.receive(hex("80 81 01010101 63"), 0);
		expect(connection.nextEvent()).toEqual({ type: "text", text: "ab" });
		expect(connection.nextOutput()).toEqual(hex("810162"));
		expect(snapshot).toEqual(before);
	}
	owner.hear(hex("80 81 00000000 7a"));
	expect([owner.happened(), owner.sentHex()]).toEqual([["text az"], "810162"]);
	expect(snapshot).toEqual(before);
});

describe("where it is restored the settings may be others", () => {
	test("deadlines that run go on with the time that is left, later ones are by the new settings", () => {
		const owner = openServer();
		owner.pass(5_000);
		const there = movedOwner(owner, { keepAlive: { interval: 100, timeout: 30 } });
		there.pass(14_999);
		expect(there.sentHex()).toBe("");
		there.pass(1);
		expect(there.sentHex()).toBe("8900");
		there.pass(30);
		expect(there.happened()).toEqual(["failed keepalive-timeout 1011"]);
	});

	test("a timer that was off and is on here begins now, one that was on and is off runs out once", () => {
		const owner = openServer({ keepAlive: { interval: NEVER }, timeouts: { idle: NEVER } });
		owner.pass(500_000);
		const there = movedOwner(owner, { keepAlive: { interval: 100 }, timeouts: { idle: 150 } });
		there.pass(99);
		expect(there.sentHex()).toBe("");
		there.pass(1);
		expect(there.sentHex()).toBe("8900");
		const off = movedOwner(there, { keepAlive: { interval: NEVER, timeout: NEVER } });
		off.hear(clientFrame(PING));
		off.pass(1_000_000);
		expect([off.happened(), off.connection.readyState, off.connection.nextDeadline]).toEqual([
			["ping "],
			"open",
			NEVER,
		]);
	});

	test("between two messages a connection may be received in parts from now on, or whole", () => {
		const owner = openServer();
		owner.hear(clientFrame(TEXT, "a"));
		const there = movedOwner(owner, { parts: true });
		there.hear(clientFrame(TEXT, "b"));
		const back = movedOwner(there);
		back.hear(clientFrame(TEXT, "c"));
		expect([there.happened(), back.happened()]).toEqual([["first last part text 62"], ["text c"]]);
	});
});

describe("ERR_SNAPSHOT_UNAVAILABLE", () => {
	test("while an extension can't be moved, with its name and reason, and nothing is changed", () => {
		const extension = { ...upper(), snapshot: () => ({ ok: false, reason: "its window is shared" }) as const };
		const owner = openOwner("server", {}, newClock(), { extensions: [extension] });
		expect(misuse(() => owner.connection.snapshot(0))).toBe("ERR_SNAPSHOT_UNAVAILABLE");
		expect(() => owner.connection.snapshot(0)).toThrow("x-upper can't be moved: its window is shared");
		owner.do((connection) => connection.sendText("a"));
		expect(owner.sentHex()).toBe("c10141");
	});

	test("not when the connection has ended and the extension is released", () => {
		const extension = { ...upper(), snapshot: () => ({ ok: false, reason: "its window is shared" }) as const };
		const owner = openOwner("server", {}, newClock(), { extensions: [extension] });
		owner.hearReset();
		expect(movedOwner(owner).connection.readyState).toBe("closed");
	});
});

test.each([
	["in a frame", 5000, false],
	["behind an unfinished message", 10, true],
])("no snapshot while a payload that was transferred waits %s", (_name, size, behind) => {
	const { connection } = openOwner("server");
	if (behind) connection.beginMessage("binary");
	const payload = new Uint8Array(size);
	connection.sendBinary(payload);
	structuredClone(payload, { transfer: [payload.buffer] });
	expect(misuse(() => connection.snapshot(0))).toBe("ERR_TRANSFERRED");
});

test("a client that is restored masks with the settings' random", () => {
	let calls = 0;
	const owner = movedOwner(openOwner("client"), { random: (into) => void into.fill(++calls) });
	owner.do((connection) => connection.sendText("a"));
	expect(owner.sentHex()).toBe("81810101010160");
	const snapshot = openOwner("client").connection.snapshot(0);
	const settings = { ...movedSettings(), random: null };
	expect(misuse(() => WebSocketConnection.restore(snapshot, settings, 0))).toBe("ERR_RANDOM_REQUIRED");
});
