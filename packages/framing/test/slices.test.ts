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
			if (reader.unread === 0) return told;
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
		const more = [2, 4, 6].map((count) => `more, ${count * size} held`);
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
		expect(calls(reader)).toEqual([`more, ${MIB * 1.125} held`, `binary ${MIB * 1.875}`]);
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
	expect(calls(reader)).toEqual([`more, ${2 * MIB} held`, `more, ${4 * MIB} held`, `binary ${6 * MIB}`]);
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
