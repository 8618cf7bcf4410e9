import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type ConnectionOptions,
	type ConnectionSnapshot,
	SNAPSHOT_VERSION,
	WebSocketConnection,
} from "../src/index.ts";
import { movedSettings, ROLLING, rolling } from "./moving.ts";
import { newClock, type Owner, openOwner, openServer } from "./owner.ts";
import { begin, beginning, Life, OPTIONS, run, steps } from "./steps.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, hex } from "./wire.ts";

function snapshotOf(owner: Owner<WebSocketConnection>): ConnectionSnapshot {
	return owner.connection.snapshot(owner.clock.now);
}

function restore(snapshot: unknown, options: ConnectionOptions = {}): string {
	return misuse(() => WebSocketConnection.restore(snapshot, movedSettings(options), 0));
}

/** Anything but a snapshot, or a part of one. */
type Plain = Record<string, unknown>;

/** A copy in which the field at that path is another. */
function withField(snapshot: ConnectionSnapshot, path: string, value: unknown): unknown {
	const copy = structuredClone(snapshot) as unknown as Plain;
	const names = path.split(".");
	const last = names.pop()!;
	let at = copy;
	for (const name of names) at = at[name] as Plain;
	at[last] = value;
	return copy;
}

const MIB = 1024 * 1024;

/** Of a connection that puts a message of 1 MiB and a byte together. */
function puttingTogether(): ConnectionSnapshot {
	const owner = openServer();
	const wire = clientFrame(2, new Uint8Array(MIB + 1));
	for (const chunk of [wire.slice(0, MIB), wire.slice(MIB)]) owner.connection.receive(chunk, owner.clock.now);
	if (owner.connection.nextEvent() !== null) throw new Error("the message came at once");
	return snapshotOf(owner);
}

describe("what is no snapshot: ERR_SNAPSHOT, and the message names the field", () => {
	test("another version, with both", () => {
		const other = withField(snapshotOf(openServer()), "version", SNAPSHOT_VERSION + 1);
		expect(restore(other)).toBe("ERR_SNAPSHOT");
		expect(() => WebSocketConnection.restore(other, movedSettings(), 0)).toThrow(
			`of version ${SNAPSHOT_VERSION + 1}, and this package reads ${SNAPSHOT_VERSION}`,
		);
	});

	test.each([
		[undefined],
		[null],
		[0],
		[""],
		[[]],
		[{}],
		[new Uint8Array(4)],
		[{ version: SNAPSHOT_VERSION }],
		[{ version: "1" }],
	])("%j", (value) => {
		expect(restore(value)).toBe("ERR_SNAPSHOT");
	});

	test.each([
		["role", "proxy"],
		["protocol", 1],
		["parts", 0],
		["extensions", {}],
		["extensions", Array(2).fill({ name: "x-rolling", state: { sent: 0, received: 0 } })],
		["reader.frames.unread", [1, 2]],
		["reader.frames.message", {}],
		["reader.held", hex("61")],
		["reader.complete", "text"],
		["reader.complete", "part"],
		["reader.complete", undefined],
		["reader.hasPart", true],
		["sender.frames", null],
		["sender.frames.data", 1],
		["sender.frames.isClosed", true],
		["sender.waiting", [{ kind: "text", bytes: hex("61"), plain: false }]],
		["sender.waiting", [{ kind: "text", bytes: hex("61"), plain: false, key: 1 }]],
		["sender.waiting", [{ kind: "text", bytes: hex("ff"), plain: false, key: null }]],
		["sender.waiting", Array(2).fill({ kind: "text", bytes: hex("61"), plain: false, key: "a" })],
		["sender.delayedPong", hex("61")],
		["sender.delayedPong", { payload: new Uint8Array(126), behind: 1 }],
		["sender.delayedPong", { payload: hex("61"), behind: 1 }],
		["sender.dropped", -1],
		["life.outbound", "http"],
		["life.outbound", "closeSent"],
		["life.outbound", "finishing"],
		["life.inbound", "closeReceived"],
		["life.stage", "closed"],
		["life.closeCode", 999],
		["life.closeReason", "x".repeat(124)],
		["life.failure", "tired"],
		["life.closedTaken", true],
		["timers.idle", Number.NaN],
		["timers.closing", 1],
		["timers.message", "1"],
		["pending", -1],
		["rate", { messages: 0, bytes: Number.NaN, pause: null }],
		["rate", { messages: 0, bytes: 0 }],
		["sinceInput", Number.NaN],
		["isAborted", true],
		["raised", "keepalive-timeout"],
		["pendingClose", { code: 1000, reason: "" }],
		["more", 1],
		["reader.more", 1],
	])("%s: %j", (path, value) => {
		const snapshot = withField(snapshotOf(openServer()), path, value);
		expect(restore(snapshot)).toBe("ERR_SNAPSHOT");
		expect(() => WebSocketConnection.restore(snapshot, movedSettings(), 0)).toThrow("snapshot.");
	});

	// The first two bytes of four, and a whole frame: [received, the field, its value].
	test.each([
		["01 84 01020304 60 60", "opcode", 8],
		["01 84 01020304 60 60", "rsv", 8],
		["01 84 01020304 60 60", "size", 1],
		["01 84 01020304 60 60", "size", 5],
		["01 84 01020304 60 60", "fragments", 0],
		["01 84 01020304 60 60", "remaining", 5],
		["01 84 01020304 60 60", "fin", 0],
		["01 84 01020304 60 60", "key", 2 ** 31],
		["01 81 01020304 60", "fin", true],
		["01 81 01020304 60", "key", 1],
	])("%s, a message under way, %s: %j", (bytes, name, value) => {
		const owner = openServer();
		owner.hear(hex(bytes));
		expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		expect(restore(withField(snapshotOf(owner), `reader.frames.message.${name}`, value))).toBe("ERR_SNAPSHOT");
	});

	test.each([
		["reader.complete", null],
		["reader.held", hex("")],
		["reader.decodedSize", 1],
		["reader.hasPart", true],
		["reader.frames.message", { opcode: 2, rsv: 0, size: 1, fragments: 1, remaining: 1, fin: true, key: 0 }],
		["parts", true],
		["life", { ...snapshotOf(openServer()).life, inbound: "closeReceived", endedBy: "peer" }],
	])("a message that is put together, %s: %j", (path, value) => {
		const snapshot = puttingTogether();
		expect(restore(snapshot)).toBe("nothing thrown");
		expect(restore(withField(snapshot, path, value))).toBe("ERR_SNAPSHOT");
	});

	test("a place of a message in fragments with a key", () => {
		const { connection } = openServer();
		connection.beginMessage("text");
		connection.beginMessage("binary");
		const place = { kind: "beginBinary", bytes: hex(""), plain: false, key: null };
		const snapshot = connection.snapshot(0);
		expect(snapshot.sender.waiting).toEqual([place]);
		expect(restore(snapshot)).toBe("nothing thrown");
		expect(restore(withField(snapshot, "sender.waiting", [{ ...place, key: "a" }]))).toBe("ERR_SNAPSHOT");
	});

	test("prepared frames that wait to be sent by a client", () => {
		const owner = openOwner("client");
		owner.connection.enqueue("text", bytesOf("a"));
		const message = { kind: "prepared", bytes: hex("810161"), plain: true, key: null };
		expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		expect(restore(withField(snapshotOf(owner), "sender.waiting", [message]))).toBe("ERR_SNAPSHOT");
	});

	test("something unread where nothing more is read", () => {
		const owner = openServer();
		owner.hear(clientFrame(CLOSE));
		expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		expect(restore(withField(snapshotOf(owner), "reader.frames.unread", [hex("89")]))).toBe("ERR_SNAPSHOT");
	});

	test("no state between two bytes of a valid text", () => {
		// A character of each row of RFC 3629 §4.
		const characters = ["61", "c280", "e0a080", "e18080", "ed8080", "ee8080", "f0908080", "f1808080", "f4808080"];
		const states = new Map<number, ConnectionSnapshot>();
		for (const bytes of characters.map(hex))
			for (let to = 1; to <= bytes.length; to++) {
				const owner = openServer();
				owner.do((connection) => connection.sendFragment("text", bytes.subarray(0, to), false));
				const snapshot = snapshotOf(owner);
				states.set(snapshot.sender.frames!.unfinished?.utf8 ?? 0, snapshot);
			}
		for (const [state, snapshot] of states)
			for (const by of [0, 1, -1, 0x100, -0x100, 0x10000, -0x10000, 0.5, Number.NaN, 2 ** 32]) {
				const other = restore(withField(snapshot, "sender.frames.unfinished.utf8", state + by));
				expect(other).toBe(states.has(state + by) ? "nothing thrown" : "ERR_SNAPSHOT");
			}
	});

	test.each([
		{ code: 1005, reason: "" },
		{ code: 2000, reason: "" },
		{ code: null, reason: "why" },
		{ code: 1000, reason: "€".repeat(42) },
	])("a Close frame that waits and can't be sent: %j", (close) => {
		const owner = openServer();
		owner.do((connection) => connection.sendFragment("text", bytesOf("a"), false));
		owner.do((connection, now) => connection.close(1000, "bye", now));
		expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		expect(restore(withField(snapshotOf(owner), "pendingClose", close))).toBe("ERR_SNAPSHOT");
	});

	test("a message with reserved bits that no extension claims", () => {
		const owner = openOwner("client", {}, newClock(), { extensions: [rolling()] });
		owner.hear(hex("42 01 61"));
		expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		expect(restore(withField(snapshotOf(owner), "extensions", []))).toBe("ERR_SNAPSHOT");
	});
});

describe("ERR_SNAPSHOT_LIMIT: more is held than the settings allow", () => {
	function halfMessage(options: ConnectionOptions = {}): ConnectionSnapshot {
		const owner = openServer(options);
		owner.hear(hex("01 82 00000000 6162 00 84 00000000 63"));
		return snapshotOf(owner);
	}

	test.each([
		["maxMessageSize", false, { framing: { maxMessageSize: 5 } }, { framing: { maxMessageSize: 6 } }],
		[
			"maxStreamedSize",
			true,
			{ framing: { maxStreamedSize: 5 } },
			{ framing: { maxStreamedSize: 6, maxFragments: 1 } },
		],
		["maxFragments", false, { framing: { maxFragments: 1 } }, { framing: { maxFragments: 2 } }],
	])("%s", (name, parts, tooSmall, enough) => {
		const snapshot = halfMessage({ parts });
		expect(restore(snapshot, { parts, ...tooSmall })).toBe("ERR_SNAPSHOT_LIMIT");
		expect(() => WebSocketConnection.restore(snapshot, movedSettings({ parts, ...tooSmall }), 0)).toThrow(name);
		expect(restore(snapshot, { parts, ...enough })).toBe("nothing thrown");
	});

	test("maxMessageSize, by what an extension has made of the message", () => {
		const owner = openOwner("client", {}, newClock(), { extensions: [rolling()] });
		owner.hear(hex("42 03 616263"));
		expect(restore(snapshotOf(owner), { framing: { maxMessageSize: 2 } })).toBe("ERR_SNAPSHOT_LIMIT");
		expect(restore(snapshotOf(owner), { framing: { maxMessageSize: 3 } })).toBe("nothing thrown");
	});

	test("maxMessageSize, by a message that is put together", () => {
		const snapshot = puttingTogether();
		expect(restore(snapshot, { framing: { maxMessageSize: MIB } })).toBe("ERR_SNAPSHOT_LIMIT");
		expect(restore(snapshot, { framing: { maxMessageSize: MIB + 1 } })).toBe("nothing thrown");
	});

	test("maxBufferedBytes: messages that are not framed", () => {
		const { connection } = openServer();
		connection.enqueue("text", bytesOf("abc"), { key: "k" });
		const snapshot = connection.snapshot(0);
		expect(restore(snapshot, { maxBufferedBytes: 66 })).toBe("ERR_SNAPSHOT_LIMIT");
		expect(restore(snapshot, { maxBufferedBytes: 67 })).toBe("nothing thrown");
	});

	test("maxBufferedBytes: output and what waits behind an unfinished message", () => {
		const { connection } = openServer();
		connection.sendFragment("text", bytesOf("a"), false);
		connection.sendText("bcd");
		const snapshot = connection.snapshot(0);
		expect(restore(snapshot, { maxBufferedBytes: 5 })).toBe("ERR_SNAPSHOT_LIMIT");
		expect(restore(snapshot, { maxBufferedBytes: connection.bufferedAmount })).toBe("nothing thrown");
	});
});

describe("ERR_SNAPSHOT_SETTINGS: they lack what the connection needs", () => {
	test("a message under way is received in parts, or whole", () => {
		for (const parts of [true, false]) {
			const owner = openServer({ parts });
			owner.hear(hex("01 82 00000000 6162"));
			expect(restore(snapshotOf(owner), { parts: !parts })).toBe("ERR_SNAPSHOT_SETTINGS");
			expect(restore(snapshotOf(owner), { parts })).toBe("nothing thrown");
		}
		expect(restore(puttingTogether(), { parts: true })).toBe("ERR_SNAPSHOT_SETTINGS");
	});

	test.each(["server", "client"] as const)("%s: an extension that is not there, or can't be restored", (role) => {
		const snapshot = snapshotOf(openOwner(role, {}, newClock(), { extensions: [rolling()] }));
		const { restore: _, ...unable } = ROLLING;
		const name = `${role}Extensions` as const;
		expect(restore(snapshot)).toBe("nothing thrown");
		expect(restore(snapshot, { [name]: [] })).toBe("ERR_SNAPSHOT_SETTINGS");
		expect(restore(snapshot, { [name]: [unable] })).toBe("ERR_SNAPSHOT_SETTINGS");
		expect(() => WebSocketConnection.restore(snapshot, movedSettings({ [name]: [] }), 0)).toThrow("x-rolling");
	});

	test("extensions that were made are released when it fails", () => {
		let released = 0;
		const made = { ...ROLLING, restore: () => ({ ...rolling(), release: () => void released++ }) };
		const snapshot = snapshotOf(openOwner("server", {}, newClock(), { extensions: [rolling()] }));
		const two = [...snapshot.extensions, { name: "x-other", state: null }];
		expect(restore({ ...snapshot, extensions: two }, { serverExtensions: [made] })).toBe("ERR_SNAPSHOT_SETTINGS");
		expect(released).toBe(1);
	});
});

test("a snapshot of each state is one", () => {
	const ends: ((owner: Owner<WebSocketConnection>) => void)[] = [
		(owner) => owner.do((connection, now) => connection.close(1000, "", now)),
		(owner) => owner.hear(clientFrame(CLOSE, closePayload(1000))),
		(owner) => owner.hear(hex("f1 00")),
		(owner) => owner.hearEnd(),
		(owner) => owner.hearReset(),
	];
	for (const first of ends)
		for (const second of ends) {
			const owner = openServer();
			first(owner);
			expect(restore(snapshotOf(owner))).toBe("nothing thrown");
			if (first === second && first === ends[0]) continue;
			misuse(() => second(owner));
			expect(restore(snapshotOf(owner))).toBe("nothing thrown");
		}
});

describe("a snapshot that something has damaged", () => {
	const VALUES: readonly unknown[] = [
		...[Number.NaN, -1, 2 ** 53, 1e308, Number.NEGATIVE_INFINITY, 0, 1, 2, 3, 4, 1.5, 1000, 1005, -(2 ** 31)],
		...[true, false, null, undefined, "", "€", "x".repeat(2_000), [], {}, 1n, [null], { length: 1 }],
		...["open", "finishing", "closeSent", "ended", "closeReceived", "failed", "closing", "closed", "local", "peer"],
		...["stream", "server", "client", "text", "binary", "prepared", "beginText", "stream-reset", "close-code"],
		...[new Uint8Array(0), hex("e2 82"), hex("81 01 61"), new Uint8Array(200), new Uint16Array(2), new ArrayBuffer(8)],
		...[[{ kind: "text", bytes: hex("61"), plain: false }], [{ name: "x-rolling", state: { sent: 1, received: 2 } }]],
		{ code: 1000, reason: "bye" },
	];

	/** Every place of the data, by the object that holds it and its name there. */
	function places(value: unknown, found: [Plain, string][] = []): [Plain, string][] {
		if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return found;
		for (const [name, inner] of Object.entries(value)) {
			found.push([value as Plain, name]);
			places(inner, found);
		}
		return found;
	}

	/** Another value of the same kind, that is more likely to be taken for a true one. */
	function similar(before: unknown, value: number): unknown {
		if (typeof before === "boolean") return !before;
		if (typeof before === "number")
			return [before + 1, before - 1, before * 2, 0, -before, before + 0.5, value][value % 7];
		if (!(before instanceof Uint8Array)) {
			const alike = VALUES.filter((each) => typeof each === typeof before && each !== null);
			return structuredClone(before === null ? VALUES[value % VALUES.length] : alike[value % alike.length]);
		}
		if (value % 3 === 0) return before.subarray(0, value % (before.length + 1));
		if (value % 3 === 1) return Uint8Array.from([...before, value]);
		return before.map((byte, at) => (at === value % before.length ? value : byte));
	}

	type Damage = readonly [place: number, kind: "change" | "delete" | "add" | "similar", value: number];

	function damage(snapshot: unknown, [place, kind, value]: Damage): void {
		const all = places(snapshot);
		const [holder, name] = all[place % all.length]!;
		const other = structuredClone(VALUES[value % VALUES.length]);
		const before = holder[name];
		if (kind === "delete") delete holder[name];
		else if (kind === "add" && Array.isArray(before)) before.push(other ?? structuredClone(before[0]));
		else if (kind === "add")
			(typeof before === "object" && before !== null ? (before as Plain) : holder)[`x${value}`] = other;
		else holder[name] = kind === "change" ? other : similar(before, value);
	}

	const damages: fc.Arbitrary<Damage[]> = fc.array(
		fc.tuple(
			fc.nat(200),
			fc.constantFrom("change", "delete", "add", "similar", "similar", "similar", "similar"),
			fc.nat(1_000),
		),
		{ minLength: 1, maxLength: 3 },
	);
	/** The headers of the messages that the limit lets pass, pongs, pings and Close come on top. */
	const most = OPTIONS.maxBufferedBytes! + 64 * 1024 + 10_000;

	test("is refused by a UsageError, or a connection that nothing but a UsageError comes out of, within its limits", () => {
		fc.assert(
			fc.property(beginning, steps, damages, steps, (start, before, changes, after) => {
				const life = begin(start);
				for (const step of before) run(life, step);
				const snapshot = structuredClone(life.connection.snapshot(life.now));
				for (const change of changes) damage(snapshot, change);
				const there = new Life(life.connection, life.now, life.coming);
				const code = misuse(() => {
					there.connection = WebSocketConnection.restore(
						snapshot,
						movedSettings({ ...OPTIONS, parts: start.parts }),
						there.now,
					);
				});
				// Anything but a UsageError has gone through.
				if (code !== "nothing thrown") return;
				for (const step of [...after, ...before].slice(0, 20)) {
					run(there, step);
					expect(there.connection.bufferedAmount).toBeLessThanOrEqual(most);
					expect(there.connection.nextDeadline).not.toBeNaN();
				}
				there.connection.receiveReset(there.now);
				there.takeEvents();
				expect(there.connection.readyState).toBe("closed");
			}),
			{ numRuns: 5_000 },
		);
	});
});
