import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	type Extension,
	FrameWriter,
	type FrameWriterState,
	type MessageEvent,
	MessageReader,
	type MessageReaderState,
	type ReaderOptions,
	type Role,
	RSV1,
} from "../src/index.ts";
import { cuts, pauses, streams } from "./arbitraries.ts";
import { cut, describeEvent, joinParts } from "./reading.ts";
import { concat, data, encodeFor, hex, toHex, utf8 } from "./wire.ts";
import { counting, output } from "./writing.ts";

/** Adds one to each byte, and has no state. */
const adding: Extension = {
	name: "x-adding",
	rsv: RSV1,
	shared: null,
	decode: (piece) => piece.map((byte) => byte - 1),
	outgoingRsv: () => RSV1,
	encode: (piece) => piece.map((byte) => byte + 1),
	encodeShared: (payload) => payload.map((byte) => byte + 1),
	snapshot: () => ({ ok: true, state: null }),
	release() {},
};

function drain(reader: MessageReader): string[] {
	const events: MessageEvent[] = [];
	for (let event = reader.next(); event !== null; event = reader.next()) events.push(event);
	return events.map(describeEvent);
}

function moved(reader: MessageReader, role: Role, options: ReaderOptions): MessageReader {
	const restored = new MessageReader(role, options);
	restored.restore(structuredClone(reader.snapshot()));
	return restored;
}

describe("a reader's snapshot", () => {
	const idle: MessageReaderState = {
		frames: { unread: [], message: null },
		decodedSize: 0,
		held: hex(""),
		complete: null,
		hasPart: false,
	};
	const text = { opcode: 1, rsv: 0, size: 4, fragments: 2, remaining: 1, fin: false, key: 0 };
	// [what is read, by whom, in parts, the received bytes, what differs from an idle reader's state]
	const cases: [string, Role, boolean, string, Partial<MessageReaderState["frames"]>, Partial<MessageReaderState>][] = [
		["nothing", "server", false, "", {}, {}],
		["whole messages", "client", false, "82 01 61 81 01 61 01 00 80 00", {}, {}],
		["half a header", "server", false, "82 fe 01", { unread: [hex("82fe01")] }, {}],
		["half a control frame", "client", false, "89 04 61 62", { unread: [hex("89046162")] }, {}],
		[
			"half a masked payload: the key is turned to the next byte",
			"server",
			false,
			"82 83 01020304 61",
			{ message: { opcode: 2, rsv: 0, size: 3, fragments: 1, remaining: 2, fin: true, key: 0x02030401 } },
			{ held: hex("60") },
		],
		[
			"half a text in fragments, inside a character",
			"client",
			false,
			"01 02 61 e2 00 02 82",
			{ message: text },
			{ held: hex("61e282") },
		],
		[
			"the same in parts: what has been given out is not held",
			"client",
			true,
			"01 02 61 e2 00 02 82",
			{ message: text },
			{ held: hex("e282"), hasPart: true },
		],
		[
			"a fragment that an extension has decoded",
			"client",
			false,
			"42 02 62 63",
			{ message: { opcode: 2, rsv: RSV1, size: 2, fragments: 1, remaining: 0, fin: false, key: 0 } },
			{ held: hex("6162"), decodedSize: 2 },
		],
		["Close", "client", false, "02 01 61 88 00 89 00", {}, {}],
		["a violation", "client", true, "01 01 61 f1 00", {}, {}],
	];

	test.each(cases)("%s (%s, parts: %s)", (_name, role, parts, bytes, frames, rest) => {
		const reader = new MessageReader(role, { parts, extensions: [adding] });
		reader.receive(hex(bytes));
		drain(reader);
		expect(reader.snapshot()).toEqual({ ...idle, ...rest, frames: { ...idle.frames, ...frames } });
	});

	test("has no memory in common with the reader, and may be used twice", () => {
		const reader = new MessageReader("server");
		reader.receive(hex("02 83 00000000 61"));
		drain(reader);
		reader.receive(hex("62"));
		const state = reader.snapshot();
		const before = structuredClone(state);
		for (let round = 0; round < 2; round++) {
			const restored = new MessageReader("server");
			restored.restore(state);
			restored.receive(hex("63 80 80 01020304"));
			expect(drain(restored)).toEqual(["binary 616263"]);
			expect(state).toEqual(before);
		}
		reader.receive(hex("64 80 80 01020304"));
		expect([drain(reader), state]).toEqual([["binary 616264"], before]);
	});

	test("is taken when the chunk before those that wait is used up and freed", () => {
		const long = encodeFor("server", [data(2, new Uint8Array(4000))]);
		const reader = new MessageReader("server");
		for (const chunk of [long.slice(0, 2000), long.slice(2000), encodeFor("server", [data(2, "next")])])
			reader.receive(chunk);
		expect(reader.next()).toMatchObject({ type: "binary" });
		const { unread } = reader.snapshot().frames;
		expect(unread).toEqual([encodeFor("server", [data(2, "next")])]);
		expect(drain(moved(reader, "server", {}))).toEqual(["binary 6e657874"]);
	});
});

test("a reader that is moved anywhere between two calls gives the same events", () => {
	const limits = { maxMessageSize: 66000, maxStreamedSize: 66000, maxFrameSize: 65536, maxFragments: 4 };
	fc.assert(
		fc.property(streams, cuts, pauses, fc.boolean(), ({ role, bytes }, positions, stops, parts) => {
			const options: ReaderOptions = { limits, parts, extensions: [adding] };
			const still = new MessageReader(role, options);
			let moving = new MessageReader(role, options);
			const [events, same]: [MessageEvent[], MessageEvent[]] = [[], []];
			let hasEnded = false;
			cut(bytes, positions).forEach((chunk, i) => {
				still.receive(chunk.slice());
				moving.receive(chunk.slice());
				moving = moved(moving, role, options);
				if (hasEnded) moving.end();
				if (stops[i] === true) return;
				for (let event = still.next(); event !== null; event = still.next()) events.push(event);
				for (let event = moving.next(); event !== null; event = moving.next()) {
					same.push(event);
					moving = moved(moving, role, options);
					if (event.type !== "close" && event.type !== "failed") continue;
					// That it has ended is not in its snapshot.
					hasEnded = true;
					moving.end();
				}
				expect([moving.unread, moving.held]).toEqual([still.unread, still.held]);
				expect(moving.snapshot()).toEqual(still.snapshot());
			});
			// Joined, as the bytes that wait come as one chunk, and with them larger parts.
			expect(joinParts(same)).toEqual(joinParts(events));
		}),
		{ numRuns: 1000 },
	);
});

describe("a writer's snapshot", () => {
	function writerFor(role: Role): FrameWriter {
		return new FrameWriter(role, { random: counting(), extensions: [addingToBinary] });
	}

	const addingToBinary: Extension = { ...adding, outgoingRsv: (kind) => (kind === "binary" ? RSV1 : 0) };

	const idle: FrameWriterState = {
		output: hex(""),
		data: 0,
		unfinished: null,
		isClosed: false,
	};
	const cases: [string, (writer: FrameWriter) => unknown, Partial<FrameWriterState>][] = [
		["nothing", () => {}, {}],
		["unsent output", (writer) => [writer.text("a"), writer.ping(hex(""))], { output: hex("8101618900"), data: 3 }],
		["a whole message leaves no state", (writer) => [writer.binary(hex("01")), output(writer)], {}],
		[
			"half a text in fragments, inside a character",
			(writer) => writer.fragment("text", hex("61e282"), false),
			{ output: hex("010361e282"), data: 5, unfinished: { kind: "text", rsv: 0, hasFrame: true, utf8: 0x180bf } },
		],
		[
			"a message that has begun and has no frame, with an extension's bits",
			(writer) => writer.fragment("binary", hex(""), false),
			{ unfinished: { kind: "binary", rsv: RSV1, hasFrame: false, utf8: 0 } },
		],
		["a Close frame", (writer) => writer.close(), { output: hex("8800"), isClosed: true }],
	];

	test.each(cases)("%s", (_name, write, state) => {
		const writer = writerFor("server");
		write(writer);
		expect(writer.snapshot()).toEqual({ ...idle, ...state });
	});

	test("has no memory in common with the output", () => {
		const writer = writerFor("server");
		const payload = new Uint8Array(5000).fill(1);
		writer.binary(payload, true);
		const state = writer.snapshot();
		payload.fill(2);
		expect(state.output.subarray(4).every((byte) => byte === 1)).toBe(true);
	});

	test.each<Role>(["server", "client"])("%s: one that is moved between any two calls writes the same", (role) => {
		const names = fc.constantFrom("text", "binary", "ping", "pong", "fragment", "last", "euro", "dot", "take", "close");
		const call = fc.tuple(names, fc.uint8Array({ maxLength: 20 }));
		const calls: Record<string, (writer: FrameWriter, bytes: Uint8Array) => void> = {
			text: (writer, bytes) => writer.text(toHex(bytes)),
			binary: (writer, bytes) => writer.binary(bytes),
			ping: (writer, bytes) => writer.ping(bytes),
			pong: (writer, bytes) => writer.pong(bytes),
			fragment: (writer, bytes) => writer.fragment("binary", bytes, false),
			last: (writer, bytes) => writer.fragment("binary", bytes, true),
			euro: (writer, bytes) =>
				writer.fragment("text", utf8("€").subarray(bytes.length & 1, 2 + (bytes.length & 1)), false),
			dot: (writer) => writer.fragment("text", utf8("."), true),
			close: (writer) => writer.close(),
		};
		fc.assert(
			fc.property(fc.array(call, { maxLength: 20 }), (list) => {
				const random = { still: counting(), moving: counting() };
				const extensions = [addingToBinary];
				const still = new FrameWriter(role, { random: random.still, extensions });
				let moving = new FrameWriter(role, { random: random.moving, extensions });
				const written: Uint8Array[][] = [[], []];
				for (const [name, payload] of list) {
					const codes = [still, moving].map((writer, i) => {
						if (name === "take") return void written[i]!.push(output(writer));
						try {
							calls[name]!(writer, payload);
							return "";
						} catch (error) {
							return (error as { code?: string }).code;
						}
					});
					expect(codes[1]).toBe(codes[0]);
					const next = new FrameWriter(role, { random: random.moving, extensions });
					next.restore(structuredClone(moving.snapshot()));
					moving = next;
					expect([moving.buffered, moving.bufferedData, moving.unfinished]).toEqual([
						still.buffered,
						still.bufferedData,
						still.unfinished,
					]);
				}
				for (const [i, writer] of [still, moving].entries()) written[i]!.push(output(writer));
				expect(toHex(concat(written[1]!))).toBe(toHex(concat(written[0]!)));
			}),
			{ numRuns: 500 },
		);
	});
});
