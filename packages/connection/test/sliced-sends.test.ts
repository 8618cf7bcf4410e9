import { encodeMessage } from "@barewire/framing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConnectionOptions, connectionSettings, WebSocketConnection } from "../src/index.ts";
import { firstSlice, SLICE_SIZE } from "../src/slice.ts";
import { moved, rolling } from "./moving.ts";
import { type AnyEvent, openOwner, random } from "./owner.ts";
import { misuse } from "./usage.ts";
import { bytesOf, CLOSE, clientFrame, closePayload, concat, hex, PING, textOf, toHex, upper } from "./wire.ts";

// Large messages that are deflated or masked leave in slices, each a fragment. RFC 6455 §5.4.

const LARGE = new Uint8Array(2 * SLICE_SIZE + 1).fill(0x61);

/** A server whose extension makes upper case of all it sends. */
function extended(options: ConnectionOptions = {}): WebSocketConnection {
	return new WebSocketConnection({ role: "server", extensions: [upper()] }, connectionSettings(options), 0);
}

/** What one call gives: the first bytes of the piece, in hex, and its length. */
function call(connection: WebSocketConnection): string {
	const piece = connection.nextOutput();
	return piece === null ? "none" : `${toHex(piece.subarray(0, 14))} ${piece.length}`;
}

function all(connection: WebSocketConnection): Uint8Array {
	const pieces: Uint8Array[] = [];
	for (let piece = connection.nextOutput(); piece !== null; piece = connection.nextOutput()) pieces.push(piece.slice());
	return concat(pieces);
}

/** The first bytes of each frame of an unmasked stream, and its length. */
function framesOf(bytes: Uint8Array): string[] {
	const frames: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const view = new DataView(bytes.buffer, bytes.byteOffset + at);
		const short = view.getUint8(1);
		const [size, header] =
			short < 126 ? [short, 2] : short === 126 ? [view.getUint16(2), 4] : [Number(view.getBigUint64(2)), 10];
		frames.push(`${toHex(bytes.subarray(at, at + 1))} ${size}`);
		at += header + size;
	}
	return frames;
}

describe("on the wire", () => {
	test("a server's, encoded: the reserved bit on the first fragment alone, FIN on the last", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		expect([1, 2, 3, 4, 5, 6].map(() => call(connection))).toEqual([
			"427f0000000000040000 10",
			`4141414141414141414141414141 ${SLICE_SIZE}`,
			"007f0000000000040000 10",
			`4141414141414141414141414141 ${SLICE_SIZE}`,
			"800141 3",
			"none",
		]);
	});

	test("a client's, masked: each fragment with a key", () => {
		const connection = new WebSocketConnection({ role: "client", random }, connectionSettings({}), 0);
		connection.sendText("a".repeat(SLICE_SIZE + 1));
		expect([1, 2, 3].map(() => call(connection))).toEqual([
			`01ff000000000004000037fa213d ${14 + SLICE_SIZE}`,
			"808137fa213d56 7",
			"none",
		]);
	});

	test.each([
		["without an extension", () => new WebSocketConnection({ role: "server" }, connectionSettings({}), 0), false],
		["that is plain", () => extended(), true],
	] as const)("a server's %s: one frame, by reference", (_, open, plain) => {
		const connection = open();
		connection.sendBinary(LARGE, plain);
		expect([connection.outputIsWork, call(connection)]).toEqual([false, "827f0000000000080001 10"]);
		expect(connection.nextOutput()?.buffer).toBe(LARGE.buffer);
	});

	test("one of a slice's size is one frame", () => {
		const connection = extended();
		connection.sendBinary(LARGE.subarray(0, SLICE_SIZE));
		connection.sendText("a".repeat(SLICE_SIZE));
		expect(connection.outputIsWork).toBe(false);
		expect(framesOf(all(connection))).toEqual([`c2 ${SLICE_SIZE}`, `c1 ${SLICE_SIZE}`]);
	});
});

describe("slices of a text", () => {
	const PAIR = "\u{1F600}";

	test.each([0, 1, 2, 3])(
		"a character of four bytes, %i of which would fit, comes whole in the next one",
		(fitting) => {
			const text = `${"a".repeat(SLICE_SIZE - fitting)}${PAIR}b`;
			const { bytes, rest } = firstSlice(text, true);
			expect([bytes.length, rest]).toEqual([SLICE_SIZE - fitting, `${PAIR}b`]);
			const ofBytes = firstSlice(new TextEncoder().encode(text), true);
			expect([ofBytes.bytes.length, ofBytes.rest.length]).toEqual([SLICE_SIZE - fitting, 5]);
		},
	);

	test("a lone surrogate becomes U+FFFD as in any text", () => {
		const text = `\ud83d${"é".repeat(SLICE_SIZE)}\ud83d`;
		const pieces: Uint8Array[] = [];
		for (let rest: string | Uint8Array = text; rest.length > 0; ) {
			const slice = firstSlice(rest, true);
			pieces.push(slice.bytes);
			rest = slice.rest;
		}
		expect([short("", concat(pieces)) === short("", new TextEncoder().encode(text)), pieces.length]).toEqual([true, 3]);
	});

	test("bytes that are no UTF-8 are cut somewhere", () => {
		expect(firstSlice(new Uint8Array(SLICE_SIZE * 2).fill(0x80), true).bytes.length).toBe(SLICE_SIZE - 3);
	});
});

describe("one slice at a time", () => {
	test("what is not made yet is held and buffered, and a call makes no more than one", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		expect([connection.bufferedAmount, connection.held]).toEqual([LARGE.length + 64, LARGE.length + 64]);
		const amounts: (number | boolean)[] = [];
		while (connection.bufferedAmount > 0) {
			const isWork = connection.outputIsWork;
			connection.nextOutput();
			amounts.push(isWork, connection.bufferedAmount);
		}
		expect(amounts).toEqual([
			...[true, LARGE.length + 64],
			...[false, SLICE_SIZE + 1 + 64],
			...[true, SLICE_SIZE + 1 + 64],
			...[false, 1 + 64],
			...[true, 0],
		]);
	});

	test("it counts for maxBufferedBytes", () => {
		const connection = extended({ maxBufferedBytes: LARGE.length + 100, framing: { maxMessageSize: 1000 } });
		connection.sendBinary(LARGE);
		expect(misuse(() => connection.sendText("x".repeat(5_000)))).toBe("ERR_BUFFER_FULL");
		expect(misuse(() => extended({ maxBufferedBytes: 100_000 }).sendBinary(LARGE))).toBe("ERR_BUFFER_FULL");
	});

	test("what is sent later waits behind it", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		connection.sendText("b");
		connection.sendPrepared(encodeMessage("c"));
		connection.enqueue("text", bytesOf("d"));
		expect([connection.isHolding, connection.isSending]).toEqual([true, false]);
		const frames = framesOf(all(connection));
		expect(frames).toEqual([`42 ${SLICE_SIZE}`, `00 ${SLICE_SIZE}`, "80 1", "c1 1", "81 1", "c1 1"]);
	});

	test("pings and pongs leave between its slices", () => {
		const owner = openOwner("server", {}, undefined, { extensions: [upper()] });
		const { connection } = owner;
		connection.sendBinary(LARGE);
		connection.nextOutput();
		connection.nextOutput();
		connection.receive(clientFrame(PING, "q"), owner.clock.now);
		connection.nextEvent();
		expect([connection.outputIsWork, framesOf(all(connection))]).toEqual([false, ["8a 1", `00 ${SLICE_SIZE}`, "80 1"]]);
	});

	test("a frame that is shared is not sent between what an extension has yet to see", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		expect(connection.preparedFor("text", 1)).toBe(null);
		all(connection);
		expect(connection.preparedFor("text", 1)).toBe("x-upper always;");
	});

	test("a payload that is transferred meanwhile is told with the next slice", () => {
		const connection = extended();
		const bytes = LARGE.slice();
		connection.sendBinary(bytes);
		connection.nextOutput();
		connection.nextOutput();
		structuredClone(bytes, { transfer: [bytes.buffer] });
		connection.close(1000, "", 0);
		expect(misuse(() => connection.snapshot(0))).toBe("ERR_TRANSFERRED");
		expect(misuse(() => connection.nextOutput())).toBe("ERR_TRANSFERRED");
		// No Close frame goes past it.
		expect(connection.nextOutput()).toBe(null);
	});
});

describe("a message in fragments behind it", () => {
	test("has its place, and waits for its turn", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		connection.beginMessage("text");
		connection.sendText("z");
		expect([connection.isSending, connection.awaitsFragments]).toEqual([false, true]);
		expect(framesOf(all(connection)).length).toBe(3);
		expect(connection.isSending).toBe(true);
		connection.sendFragment("text", bytesOf("s"), true);
		expect([textOf(all(connection)), connection.awaitsFragments]).toEqual(["\xc1\x01S\xc1\x01Z", false]);
	});

	test("that does not wait has all before it framed", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		connection.sendFragment("text", bytesOf("s"), true);
		expect(framesOf(all(connection))).toEqual([`42 ${SLICE_SIZE}`, `00 ${SLICE_SIZE}`, "80 1", "c1 1"]);
	});

	test("a large one behind a message in fragments waits for its end, and is not framed with it", () => {
		const connection = extended();
		connection.sendFragment("text", bytesOf("s"), false);
		connection.sendBinary(LARGE);
		connection.sendText("z");
		expect([textOf(all(connection)), connection.outputIsWork]).toEqual(["\x41\x01S", false]);
		connection.sendFragment("text", bytesOf("t"), true);
		expect(connection.nextOutput()?.length).toBe(3);
		expect(connection.outputIsWork).toBe(true);
		expect(framesOf(all(connection)).at(-1)).toBe("c1 1");
	});

	test("close() waits for both", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		connection.beginMessage("text");
		connection.close(1000, "bye", 0);
		const there = moved(connection, 0, { serverExtensions: [UPPER] }, 0);
		for (const each of [connection, there]) {
			expect(framesOf(all(each)).length).toBe(3);
			each.sendFragment("text", bytesOf("s"), true);
			expect(textOf(all(each))).toBe("\xc1\x01S\x88\x05\x03\xe8bye");
		}
	});
});

const UPPER = { name: "x-upper", answer: () => null, restore: upper };

describe("the end", () => {
	/** It has begun to send a large message and a small one behind it. */
	function begun(): WebSocketConnection {
		const connection = extended({ timeouts: { closing: 1_000 } });
		connection.sendBinary(LARGE);
		connection.sendText("z");
		connection.nextOutput();
		connection.nextOutput();
		return connection;
	}

	const REST = [`00 ${SLICE_SIZE}`, "80 1", "c1 1"];

	test("close(): the Close frame leaves behind all, also from another process", () => {
		const connection = begun();
		connection.close(1000, "\ufeffbye", 0);
		expect(connection.readyState).toBe("closing");
		const there = moved(connection, 0, { serverExtensions: [UPPER] }, 0);
		for (const each of [connection, there]) {
			const sent = all(each);
			expect(framesOf(sent)).toEqual([...REST, "88 8"]);
			expect(toHex(sent.subarray(-8))).toBe("03e8efbbbf627965");
			expect(each.bufferedAmount).toBe(0);
		}
	});

	test("a Close without a code, straight behind a large message: nothing seems to be left between them", () => {
		const connection = extended();
		connection.sendBinary(LARGE);
		connection.close(undefined, undefined, 0);
		for (let taken = 0; connection.bufferedAmount > 0; taken++)
			expect([taken < 8, connection.nextOutput() === null]).toEqual([true, false]);
		expect(connection.nextOutput()).toBe(null);
		expect(connection.snapshot(0).sender.frames?.isClosed).toBe(true);
	});

	test("the peer's Close is answered behind it, and then the half ends", () => {
		const connection = begun();
		connection.receive(clientFrame(CLOSE, closePayload(1000)), 0);
		expect(connection.nextEvent()).toMatchObject({ type: "close" });
		const there = moved(connection, 0, { serverExtensions: [UPPER] }, 0);
		for (const each of [connection, there]) {
			expect([framesOf(all(each)), each.streamAction]).toEqual([[...REST, "88 2"], "end"]);
			each.receiveEnd(0);
			expect(each.nextEvent()).toMatchObject({ type: "closed", wasClean: true, unsent: 0 });
		}
	});

	test("where the peer's bytes end without a Close, what was sent leaves", () => {
		const connection = begun();
		connection.receiveEnd(0);
		expect(connection.nextEvent()).toBe(null);
		const there = moved(connection, 0, { serverExtensions: [UPPER] }, 0);
		for (const each of [connection, there]) {
			expect(framesOf(all(each))).toEqual(REST);
			expect(each.nextEvent()).toMatchObject({ type: "closed", wasClean: false, unsent: 0 });
		}
	});

	test.each([
		["closeAtOnce()", (connection: WebSocketConnection) => connection.closeAtOnce(1011, "", 0)],
		[
			"a peer that breaks a rule",
			(connection: WebSocketConnection) => {
				connection.receive(hex("0f80 37fa213d"), 0);
				connection.nextEvent();
			},
		],
	] as const)("%s: the Close frame comes at once", (_, end) => {
		const connection = begun();
		end(connection);
		expect([framesOf(all(connection)).map((frame) => frame.slice(0, 2)), connection.held]).toEqual([["88"], 0]);
		connection.receiveReset(0);
		const closed = connection.nextEvent() ?? connection.nextEvent();
		expect(closed).toMatchObject({ type: expect.stringMatching(/closed|failed/) });
	});

	test("closeAtOnce() frames what is small before a large one that has not begun", () => {
		const connection = extended();
		connection.enqueue("text", bytesOf("a"));
		connection.sendBinary(LARGE);
		connection.sendText("z");
		connection.closeAtOnce(1011, "", 0);
		expect(textOf(all(connection))).toBe("\xc1\x01A\x88\x02\x03\xf3");
		connection.receiveReset(0);
		expect(connection.nextEvent()).toMatchObject({ type: "closed", unsent: LARGE.length + 64 + 1 + 64 });
	});

	test("what waits for a message in fragments is dropped with it when the peer closes", () => {
		const connection = begun();
		connection.beginMessage("text");
		connection.sendText("never");
		connection.receive(clientFrame(CLOSE, closePayload(1000)), 0);
		connection.nextEvent();
		expect(framesOf(all(connection))).toEqual([...REST, "88 2"]);
		connection.receiveEnd(0);
		expect(connection.nextEvent()).toMatchObject({ type: "closed", unsent: 64 + 5 + 64 });
	});

	test("the closing deadline does not run while slices are made", () => {
		const connection = begun();
		connection.close(1000, "", 0);
		connection.handleTimeout(900);
		connection.nextOutput();
		connection.handleTimeout(1_800);
		expect(connection.streamAction).toBe("open");
		all(connection);
		// And then the slowest peer has to read it.
		const end = 2_800 + LARGE.length / 20;
		connection.handleTimeout(end - 1_900);
		expect(connection.streamAction).toBe("open");
		connection.handleTimeout(end);
		expect(connection.streamAction).toBe("destroy");
	});

	test("output that the peer takes while the Close frame waits puts the deadline off", () => {
		const connection = begun();
		connection.close(1000, "", 0);
		for (const now of [600, 1_200, 1_800]) {
			connection.noteProgress(now);
			connection.handleTimeout(now);
		}
		expect(connection.streamAction).toBe("open");
	});
});

describe("what a large message leaves behind", () => {
	const MESSAGE = new Uint8Array(5_000).fill(0x61);

	/** A large message, and one behind it, or none. */
	function behind(...messages: readonly Uint8Array[]): WebSocketConnection {
		const connection = new WebSocketConnection({ role: "server", extensions: [rolling()] }, connectionSettings({}), 0);
		connection.sendBinary(LARGE);
		for (const message of messages) connection.sendBinary(message);
		return connection;
	}

	function takeUntil(connection: WebSocketConnection, left: number): void {
		while (connection.bufferedAmount > left) connection.nextOutput();
	}

	test("the Close frame never waits alone: it is framed with the last message", () => {
		const connection = behind(MESSAGE);
		connection.close(4001, "", 0);
		takeUntil(connection, 4);
		expect([connection.bufferedAmount, call(connection), call(connection)]).toEqual([4, "88020fa1 4", "none"]);
	});

	test("two messages in fragments keep their places", () => {
		const connection = behind();
		connection.beginMessage("text");
		takeUntil(connection, 64);
		connection.beginMessage("text");
		expect(connection.isSending).toBe(false);
		for (const text of ["a", "b"]) connection.sendFragment("text", bytesOf(text), true);
		expect(framesOf(all(connection))).toEqual(["c1 1", "c1 1"]);
	});

	test.each([
		["a message and a place", [MESSAGE], 5_000 + 64 + 64],
		["a place alone", [], 64],
	] as const)("%s may be moved", (_, messages, left) => {
		const connection = behind(...messages);
		connection.beginMessage("text");
		takeUntil(connection, left);
		const target = moved(connection, 0, {}, 0);
		target.sendFragment("text", bytesOf("s"), true);
		expect(framesOf(all(target))).toEqual([...messages.map(() => "c2 5000"), "c1 1"]);
	});

	test("messages that waited for one in fragments leave in their order, and the Close frame behind them", () => {
		const connection = extended();
		connection.beginMessage("binary");
		for (let i = 0; i < 10; i++) connection.sendBinary(LARGE.subarray(0, SLICE_SIZE / 2));
		connection.sendFragment("binary", bytesOf("s"), true);
		connection.close(1000, "", 0);
		const taken = framesOf(all(connection));
		expect(taken).toEqual(["c2 1", ...Array(10).fill(`c2 ${SLICE_SIZE / 2}`), "88 2"]);
	});

	test("before each that takes long it is told", () => {
		const connection = extended();
		connection.beginMessage("binary");
		for (let i = 0; i < 4; i++) connection.sendBinary(LARGE.subarray(0, SLICE_SIZE / 2));
		connection.sendFragment("binary", bytesOf("s"), true);
		const told: boolean[] = [];
		for (let isWork = connection.outputIsWork; connection.nextOutput() !== null; isWork = connection.outputIsWork)
			if (isWork !== told.at(-1)) told.push(isWork);
		// Two were framed with the end of the one before them.
		expect(told).toEqual([false, true, false, true, false]);
	});
});

// ── Any order of sends, any pattern of taking, any snapshot ────────────────────────────────────────────────────

type Action =
	| { readonly do: "text" | "binary" | "enqueue" | "plain"; readonly size: number }
	| { readonly do: "stream" }
	| { readonly do: "ping" }
	| { readonly do: "move" }
	| { readonly do: "take"; readonly pieces: number };

const sizes = fc.oneof(
	fc.integer({ min: 0, max: 10 }),
	fc.integer({ min: SLICE_SIZE - 3, max: SLICE_SIZE + 3 }),
	fc.integer({ min: 2 * SLICE_SIZE, max: 3 * SLICE_SIZE }),
);

const anyAction: fc.Arbitrary<Action> = fc.oneof(
	{ weight: 5, arbitrary: fc.record({ do: fc.constantFrom("text", "binary", "enqueue", "plain"), size: sizes }) },
	{
		weight: 2,
		arbitrary: fc.constantFrom({ do: "stream" as const }, { do: "ping" as const }, { do: "move" as const }),
	},
	{ weight: 4, arbitrary: fc.record({ do: fc.constant("take" as const), pieces: fc.integer({ min: 1, max: 4 }) }) },
);

/** A message in short. */
function short(kind: string, bytes: Uint8Array): string {
	let sum = 0;
	for (const byte of bytes) sum = (sum * 31 + byte) | 0;
	return `${kind} ${bytes.length} ${sum}`;
}

describe.each(["server", "client"] as const)("%s: whatever is sent and taken, and wherever it is moved to", (role) => {
	test("the peer gets the messages in their order, and between two calls no more than a slice is made", () => {
		fc.assert(
			fc.property(fc.array(anyAction, { maxLength: 12 }), (actions) => {
				const settings = connectionSettings({ maxBufferedBytes: 1e9 });
				const peerRole = role === "server" ? "client" : "server";
				let connection = new WebSocketConnection({ role, random, extensions: [rolling()] }, settings, 0);
				const peer = new WebSocketConnection({ role: peerRole, random, extensions: [rolling()] }, settings, 0);
				const sent: string[] = [];
				const arrived: string[] = [];
				let streams = 0;
				const take = (pieces: number): void => {
					for (let count = 0; count < pieces; count++) {
						const { bufferedAmount } = connection;
						const piece = connection.nextOutput();
						if (piece === null) break;
						// A text that is not encoded counts its length.
						expect(connection.bufferedAmount).toBeLessThan(bufferedAmount + SLICE_SIZE);
						peer.receive(piece.slice(), 0);
					}
					for (
						let event: AnyEvent | null = peer.nextEvent();
						event !== null || peer.hasMore;
						event = peer.nextEvent()
					) {
						if (event === null) continue;
						if (event.type === "text") arrived.push(short("text", new TextEncoder().encode(event.text)));
						else if (event.type === "binary") arrived.push(short("binary", event.bytes));
						else expect(event.type).toBe("ping");
					}
				};
				for (const [at, action] of actions.entries()) {
					if (action.do === "take") take(action.pieces);
					else if (action.do === "move") connection = moved(connection, 0, { maxBufferedBytes: 1e9 }, 0);
					else if (action.do === "ping") connection.sendPing(bytesOf("p"));
					else if (action.do === "stream") {
						connection.beginMessage("text");
						streams++;
						sent.push(short("text", bytesOf("s")));
					} else {
						const { size } = action;
						const text = `é${at}`.repeat(Math.ceil(size / 2)).slice(0, size);
						const bytes = new TextEncoder().encode(text);
						if (action.do === "text") connection.sendText(text);
						else if (action.do === "enqueue") connection.enqueue("text", bytes);
						else connection.sendBinary(bytes, action.do === "plain");
						sent.push(short(action.do === "text" || action.do === "enqueue" ? "text" : "binary", bytes));
					}
				}
				for (take(Infinity); streams > 0; take(Infinity)) {
					expect(connection.isSending).toBe(true);
					connection.sendFragment("text", bytesOf("s"), true);
					streams--;
				}
				expect(arrived).toEqual(sent);
				expect([connection.bufferedAmount, connection.held, connection.isHolding]).toEqual([0, 0, false]);
			}),
			{ numRuns: 40 },
		);
	}, 60_000);
});
