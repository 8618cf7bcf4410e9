import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readInt32 } from "../src/bytes.ts";
import { MessageReader, type ReaderOptions, type Role, RSV1, RSV2 } from "../src/index.ts";
import { cuts, pauses, roles } from "./arbitraries.ts";
import { cut, readMessages, readParts } from "./reading.ts";
import { repeating } from "./repeating.ts";
import { concat, data, encodeFor, hex, MASKING_KEY, utf8, type WireFrame } from "./wire.ts";

const MIB = 1024 * 1024;
const ANY = Number.POSITIVE_INFINITY;

/** What each call gives, in short, until there is no more. */
function calls(reader: MessageReader): string[] {
	const told: string[] = [];
	for (;;) {
		const event = reader.next();
		if (event === null) {
			if (!reader.hasMore) return told;
			told.push(`more, ${reader.held} held`);
		} else if (event.type === "binary") told.push(`binary ${event.bytes.length}`);
		else if (event.type === "part") told.push(`part ${event.bytes.length}${event.last ? ", last" : ""}`);
		else if (event.type === "failed") told.push(event.failure.kind);
		else told.push(event.type);
	}
}

function readerOf(role: Role, options: ReaderOptions, frames: readonly WireFrame[]): MessageReader {
	const reader = new MessageReader(role, options);
	reader.receive(encodeFor(role, frames));
	return reader;
}

describe.each<Role>(["server", "client"])("%s: a call decodes about 1 MiB", (role) => {
	const limits = { maxMessageSize: 16 * MIB };
	const frames = [data(2, "abcdefg", true, RSV1), data(9, "p"), data(2, "h", true, RSV1)];

	test("a message that becomes larger comes after several, and what follows behind it", () => {
		const size = MIB / 2;
		const reader = readerOf(role, { limits, extensions: [repeating(size)] }, frames);
		// Three are decoded in full, then the rest; then it is put together: three slices, and the last with the message.
		const more = [2, 4, 6, 7, 7, 7, 7].map((count) => `more, ${count * size} held`);
		expect(calls(reader)).toEqual([...more, `binary ${7 * size}`, "ping", `binary ${size}`]);
	});

	test("its bytes are right", () => {
		const extensions = [repeating(MIB / 2)];
		const reader = readerOf(role, { limits, extensions }, frames);
		let event = reader.next();
		while (event === null) event = reader.next();
		const { bytes } = event as { bytes: Uint8Array };
		expect(bytes.filter((_, i) => i % (MIB / 2) === 5)).toEqual(utf8("abcdefg"));
	});

	test("in parts each call gives one", () => {
		const reader = readerOf(role, { limits, parts: true, extensions: [repeating(MIB / 2)] }, frames);
		const whole = `part ${MIB}`;
		expect(calls(reader)).toEqual([whole, whole, whole, `part ${MIB / 2}, last`, "ping", `part ${MIB / 2}, last`]);
	});

	test("the fragments of one message count together, and what is left of a call's share is told", () => {
		const extension = repeating(MIB * 0.375);
		const fragments = [data(2, "a", false, RSV1), data(0, "b", false), data(0, "cde", false), data(0, "", true)];
		const reader = readerOf(role, { limits, extensions: [extension] }, fragments);
		const more = [1.125, 1.875, 1.875].map((size) => `more, ${MIB * size} held`);
		expect(calls(reader)).toEqual([...more, `binary ${MIB * 1.875}`]);
		expect(extension.calls.map(([piece, last, , most]) => [piece, last, most / MIB])).toEqual([
			[1, false, 1],
			[1, false, 0.625],
			[3, false, 0.25],
			[2, false, 1],
			[0, true, 0.25],
		]);
	});

	test("a message of exactly 1 MiB is one piece, and there is no more behind it", () => {
		const extension = repeating(MIB);
		const reader = readerOf(role, { limits, extensions: [extension] }, [data(2, "a", true, RSV1)]);
		expect(calls(reader)).toEqual([`binary ${MIB}`]);
		expect(extension.calls).toEqual([[1, true, 16 * MIB, MIB]]);
	});

	test("a message that becomes too big fails at that byte", () => {
		const most = 3.5 * MIB;
		for (const parts of [false, true]) {
			const read = (limit: number): string[] => {
				const sizes = { maxMessageSize: limit, maxStreamedSize: limit };
				return calls(readerOf(role, { limits: sizes, parts, extensions: [repeating(MIB / 2)] }, frames.slice(0, 1)));
			};
			expect(read(most).at(-1)).toMatch(/^(binary 3670016|part 524288, last)$/);
			expect(read(most - 1).at(-1)).toBe("message-too-big");
		}
	});

	test("a snapshot between two calls has what is left as unread, masked as it came", () => {
		const options = { limits, extensions: [repeating(MIB / 2)] };
		const reader = readerOf(role, options, frames);
		expect(reader.next()).toBeNull();
		const state = structuredClone(reader.snapshot());
		// Two bytes are done: the masking key goes on with its third.
		const key = role === "server" ? readInt32(concat([MASKING_KEY, MASKING_KEY]), 2) : 0;
		const message = { opcode: 2, rsv: RSV1, size: 7, fragments: 1, remaining: 5, fin: true, key };
		const behind = encodeFor(role, frames.slice(1)).length + 5;
		expect(state.frames).toEqual({ unread: [encodeFor(role, frames).slice(-behind)], message });
		expect([state.decodedSize, state.held.length]).toEqual([MIB, MIB]);
		const restored = new MessageReader(role, options);
		restored.restore(state);
		expect(calls(restored)).toEqual(calls(reader));
		expect(calls(restored)).toEqual([]);
	});

	test("a reader that is ended between two calls has no more", () => {
		const reader = readerOf(role, { limits, extensions: [repeating(MIB)] }, frames);
		expect(reader.next()).toBeNull();
		reader.end();
		expect([reader.unread, reader.held, reader.next()]).toEqual([0, 0, null]);
	});
});

test("of two extensions only the one that has a frame's bytes may leave some; the other one's last piece is the message's", () => {
	const [second, first] = [repeating(2, ANY, RSV1), repeating(MIB, ANY, RSV2)];
	const options = { limits: { maxMessageSize: 16 * MIB }, extensions: [second, first] };
	const reader = readerOf("client", options, [data(2, "abc", true, RSV1 | RSV2)]);
	const more = [2, 4, 6, 6, 6, 6, 6, 6].map((size) => `more, ${size * MIB} held`);
	expect(calls(reader)).toEqual([...more, `binary ${6 * MIB}`]);
	expect(first.calls.map(([piece, last]) => [piece, last])).toEqual([
		[3, true],
		[2, true],
		[1, true],
	]);
	expect(second.calls.map(([piece, last, , most]) => [piece, last, most])).toEqual([
		[MIB, false, ANY],
		[MIB, false, ANY],
		[MIB, true, ANY],
	]);
});

describe.each<Role>(["server", "client"])("%s: a call puts about 1 MiB together", (role) => {
	const limits = { maxMessageSize: 16 * MIB };
	const ping = data(9, "p");

	/** A reader of a message in two fragments, which came in a chunk each, and of what is behind it. */
	function reading(opcode: number, sizes: readonly number[], behind: readonly WireFrame[] = [ping]) {
		const reader = new MessageReader(role, { limits });
		const payloads = sizes.map((size, i) => new Uint8Array(size).fill(0x61 + i));
		payloads.forEach((payload, i) => {
			const isLast = i === payloads.length - 1;
			const frame = data(i === 0 ? opcode : 0, payload, isLast);
			reader.receive(encodeFor(role, isLast ? [frame, ...behind] : [frame]));
		});
		return { reader, payload: concat(payloads) };
	}

	/** The message that a reader gives after some calls. */
	function messageOf(reader: MessageReader): Uint8Array | null {
		while (reader.hasMore) {
			const event = reader.next();
			if (event?.type === "text") return utf8(event.text);
			if (event?.type === "binary") return event.bytes;
		}
		return null;
	}

	test.each([
		[[MIB - 1, 1], 0],
		[[MIB, 1], 1],
		[[MIB, MIB], 1],
		[[MIB, 2 * MIB], 2],
		[[1, 2 * MIB, 0], 2],
		[[3 * MIB, 0], 2],
	])("of fragments of %j bytes: after so many calls that give null: %i", (sizes, count) => {
		const { reader } = reading(2, sizes);
		const size = sizes[0]! + sizes[1]!;
		const more = Array.from({ length: count }, () => `more, ${size} held`);
		expect(calls(reader)).toEqual([...more, `binary ${size}`, "ping"]);
	});

	test("a message that is one piece comes at once", () => {
		expect(calls(reading(2, [3 * MIB]).reader)).toEqual([`binary ${3 * MIB}`, "ping"]);
	});

	test.each([1, 2])("its bytes are right, and are all of their buffer: opcode %i", (opcode) => {
		const { reader, payload } = reading(opcode, [MIB + 5, MIB, 100, 2 * MIB]);
		const message = messageOf(reader)!;
		expect([Buffer.compare(message, payload), message.buffer.byteLength]).toEqual([0, payload.length]);
	});

	test("there is more to do when nothing is unread, and nothing behind it is parsed before", () => {
		const { reader } = reading(2, [MIB, 2 * MIB], []);
		expect([reader.next(), reader.unread, reader.hasMore]).toEqual([null, 0, true]);
		// Not even a violation.
		const behind = encodeFor(role, [ping, data(3, "")]);
		reader.receive(behind);
		expect([reader.next(), reader.unread]).toEqual([null, behind.length]);
		expect(calls(reader)).toEqual([`binary ${3 * MIB}`, "ping", "reserved-opcode"]);
		expect(reader.hasMore).toBe(false);
	});

	test("what is held is what is there: pieces are let go as they are copied, and the message is not unfinished", () => {
		const chunk = encodeFor(role, [data(0, new Uint8Array(MIB / 2), false)]).length;
		const { reader } = reading(2, Array(8).fill(MIB / 2), []);
		const before = reader.memory;
		const held = [];
		while (reader.next() === null) held.push([reader.held, reader.memory, reader.unfinished]);
		const all = 4 * MIB;
		// A chunk has its header besides.
		expect(held).toEqual([2, 4, 6].map((count) => [all, (count * MIB) / 2 + (8 - count) * chunk, 0]));
		expect([before, reader.held, reader.memory, reader.hasMore]).toEqual([8 * chunk, 0, 0, false]);
	});

	test("a text is decoded when it is put together", () => {
		const decoded: number[] = [];
		const decodeText = ({ length }: Uint8Array): string => `${decoded.push(length)}`;
		const reader = new MessageReader(role, { limits, decodeText });
		for (const frame of [data(1, new Uint8Array(MIB), false), data(0, new Uint8Array(MIB), true)])
			reader.receive(encodeFor(role, [frame]));
		expect([reader.next(), decoded]).toEqual([null, []]);
		expect([reader.next(), decoded]).toEqual([{ type: "text", text: "1" }, [2 * MIB]]);
	});

	test("a text that an extension has decoded and that is not UTF-8 fails when it is put together", () => {
		const reader = new MessageReader(role, { limits, extensions: [repeating(MIB)] });
		reader.receive(encodeFor(role, [data(1, hex("61 ff"), true, RSV1), ping]));
		const more = [1, 2, 2].map((size) => `more, ${size * MIB} held`);
		expect(calls(reader)).toEqual([...more, "invalid-utf8"]);
		expect([reader.held, reader.memory, reader.hasMore]).toEqual([0, 0, false]);
	});

	test("a reader that is ended meanwhile gives it up", () => {
		const { reader } = reading(2, [MIB, MIB]);
		expect(reader.next()).toBeNull();
		reader.end();
		expect([reader.hasMore, reader.held, reader.memory, reader.next()]).toEqual([false, 0, 0, null]);
	});

	test.each([1, 2])("a snapshot has all of it, and its kind: opcode %i", (opcode) => {
		const { reader, payload } = reading(opcode, [MIB, MIB + 3000, MIB]);
		const behind = encodeFor(role, [ping]);
		const kind = opcode === 1 ? "text" : "binary";
		const states: unknown[] = [];
		for (let event = reader.next(); event === null; event = reader.next()) {
			const state = structuredClone(reader.snapshot());
			const { held, ...rest } = state;
			expect(Buffer.compare(held, payload)).toBe(0);
			states.push(rest);
			for (let round = 0; round < 2; round++) {
				const there = new MessageReader(role, { limits });
				there.restore(state);
				expect([there.held, there.memory, there.unfinished]).toEqual([
					payload.length,
					payload.length + behind.length,
					0,
				]);
				expect(Buffer.compare(messageOf(there)!, payload)).toBe(0);
				expect([there.held, calls(there)]).toEqual([0, ["ping"]]);
			}
		}
		const state = { frames: { unread: [behind], message: null }, decodedSize: 0, complete: kind, hasPart: false };
		expect(states).toEqual(Array(3).fill(state));
		expect(reader.snapshot().complete).toBeNull();
	});
});

test("a message that is moved while it is unfinished is let go piece by piece as well", () => {
	const options = { limits: { maxMessageSize: 16 * MIB } };
	const reader = new MessageReader("client", options);
	reader.receive(encodeFor("client", [data(2, new Uint8Array(5 * MIB), false)]));
	expect(reader.next()).toBeNull();
	const there = new MessageReader("client", options);
	there.restore(structuredClone(reader.snapshot()));
	there.receive(encodeFor("client", [data(0, hex(""), true)]));
	for (let i = 0; i < 4; i++) expect([there.next(), there.memory]).toEqual([null, 5 * MIB]);
	expect([calls(there), there.memory]).toEqual([[`binary ${5 * MIB}`], 0]);
});

const message = fc
	.tuple(
		fc.constantFrom(1, 2),
		fc.array(fc.oneof(fc.string({ unit: "binary", maxLength: 40 }).map(utf8), fc.uint8Array({ maxLength: 40 })), {
			minLength: 1,
			maxLength: 4,
		}),
		fc.boolean(),
	)
	.map(([opcode, fragments, isEncoded]) =>
		fragments.flatMap((fragment, i) => [
			data(i === 0 ? opcode : 0, fragment, i === fragments.length - 1, i === 0 && isEncoded ? RSV1 : 0),
			...(i === fragments.length - 1 ? [] : [data(9, hex("01"))]),
		]),
	);

test("what an extension leaves changes no event, for any limit, cuts and pauses", () => {
	fc.assert(
		fc.property(
			roles,
			fc.array(message, { minLength: 1, maxLength: 4 }),
			fc.integer({ min: 1, max: 3 }),
			fc.integer({ min: 1, max: 40 }),
			fc.constantFrom(30, 100, 1000),
			cuts,
			pauses,
			(role, messages, times, limit, size, positions, stops) => {
				const limits = { maxMessageSize: size, maxStreamedSize: size };
				const frames = messages.flat();
				const options = (most: number): ReaderOptions => ({ limits, extensions: [repeating(times, most)] });
				const bytes = encodeFor(role, frames);
				const whole = readMessages(role, [bytes], options(ANY), stops);
				for (const chunks of [[bytes], cut(bytes, positions)])
					expect(readMessages(role, chunks, options(limit), stops)).toEqual(whole);
				// Of a text in parts it may depend on the cuts which of two broken rules is found first.
				const binary = frames.map((frame) => ({ ...frame, opcode: frame.opcode === 1 ? 2 : frame.opcode }));
				const inParts = encodeFor(role, binary);
				const joined = readParts(role, [inParts], options(ANY), stops);
				for (const chunks of [[inParts], cut(inParts, positions)])
					expect(readParts(role, chunks, options(limit), stops)).toEqual(joined);
			},
		),
		{ numRuns: 500 },
	);
});
