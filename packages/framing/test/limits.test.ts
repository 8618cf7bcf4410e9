import { expect, test } from "vitest";
import { DEFAULT_FRAMING_LIMITS, type FramingLimits, LONGEST_TEXT, MessageReader } from "../src/index.ts";
import { completeLimits } from "../src/limits.ts";
import { readMessages, readParts } from "./reading.ts";
import { data, encodeFor, hex } from "./wire.ts";

test("the defaults", () => {
	expect(DEFAULT_FRAMING_LIMITS).toEqual({
		maxMessageSize: 16777216,
		maxStreamedSize: Number.POSITIVE_INFINITY,
		maxFrameSize: Number.POSITIVE_INFINITY,
		maxFragments: 131072,
	});
	// 16 MiB + 1, refused by its header alone.
	expect(readMessages("client", [hex("82 7f 00000000 01000001")])).toEqual(["failed message-too-big 1009"]);
	expect(readMessages("client", [hex("82 7f 00000000 01000000")])).toEqual([]);
});

test.each<Partial<FramingLimits>>([
	{ maxMessageSize: -1 },
	{ maxStreamedSize: Number.NaN },
	{ maxFrameSize: Number.NaN },
	{ maxFragments: -1 },
])("%o is no limit", (limits) => {
	const refused = expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_LIMIT" });
	expect(() => new MessageReader("server", { limits })).toThrow(refused);
	expect(() => new MessageReader("server", { limits, parts: true })).toThrow(refused);
});

test("each reader has the limits that it was given, and as they were then", () => {
	const [small, large] = [{ maxMessageSize: 1 }, { maxMessageSize: 3 }];
	const bytes = encodeFor("server", [data(2, "ab")]);
	const refused = ["failed message-too-big 1009"];
	expect(readMessages("server", [bytes.slice()], { limits: small })).toEqual(refused);
	expect(readMessages("server", [bytes.slice()], { limits: large })).toEqual(["binary 6162"]);
	expect(readMessages("server", [bytes.slice()], { limits: small })).toEqual(refused);
	expect(readMessages("server", [bytes.slice()], {})).toEqual(["binary 6162"]);
	const reader = new MessageReader("server", { limits: large });
	large.maxMessageSize = 1;
	expect(readMessages("server", [bytes.slice()], { limits: large })).toEqual(refused);
	reader.receive(bytes);
	expect(reader.next()).toMatchObject({ type: "binary" });
});

test("a message of just the limit passes, in one frame and in fragments; one byte more doesn't", () => {
	const limits = { maxMessageSize: 5 };
	const at = encodeFor("server", [data(2, "12345"), data(2, "12", false), data(9, "ping"), data(0, "345")]);
	const events = ["binary 3132333435", "ping 70696e67", "binary 3132333435"];
	expect(readMessages("server", [at], { limits })).toEqual(events);
	expect(readParts("server", [at], { limits: { maxStreamedSize: 5 } })).toEqual(events);
	const over = encodeFor("server", [data(2, "12", false), data(9, "ping"), data(0, "34", false), data(0, "56")]);
	const failed = ["ping 70696e67", "failed message-too-big 1009"];
	expect(readMessages("server", [over], { limits })).toEqual(failed);
	expect(readParts("server", [over], { limits: { maxStreamedSize: 5 } })).toEqual(failed);
});

test("a text that no string can hold is too big, whatever the limits are; bytes are not", () => {
	// Zeros that nobody writes take no memory of the system.
	const bytes = new Uint8Array(10 + LONGEST_TEXT + 1);
	bytes.set(hex("81 7f 00000000 1fffffe9"));
	const limits = { maxMessageSize: Number.POSITIVE_INFINITY };
	expect(readMessages("client", [bytes], { limits })).toEqual(["failed message-too-big 1009"]);
	const reader = new MessageReader("client", { limits });
	bytes[0] = 0x82;
	reader.receive(bytes);
	expect(reader.next()).toMatchObject({ type: "binary", bytes: { length: LONGEST_TEXT + 1 } });
});

test("a reader of parts heeds maxStreamedSize instead of maxMessageSize, and no limit of fragments", () => {
	const given = { maxMessageSize: 1, maxStreamedSize: 3, maxFrameSize: 2, maxFragments: 1 };
	const bytes = encodeFor("client", [data(2, "a", false), data(0, "b", false), data(0, "c")]);
	expect(readParts("client", [bytes.slice()], { limits: given })).toEqual(["binary 616263"]);
	expect(readParts("client", [bytes.slice()], { limits: { ...given, maxStreamedSize: 2 } })).toEqual([
		"failed message-too-big 1009",
	]);
	expect(readMessages("client", [bytes], { limits: { ...given, maxMessageSize: 3 } })).toEqual([
		"failed too-many-fragments 1008",
	]);
});

test.each([null, "5", -1, Number.NaN])("%j is no limit", (value) => {
	const limits = { maxMessageSize: value as number };
	expect(() => completeLimits(limits)).toThrow(expect.objectContaining({ code: "ERR_INVALID_LIMIT" }));
});

test("complete limits are not copied, and what is missing or undefined is the default", () => {
	const complete = { ...DEFAULT_FRAMING_LIMITS, maxFrameSize: 5 };
	expect(completeLimits(complete)).toBe(complete);
	const given = { maxFrameSize: 5, maxMessageSize: undefined } as unknown as Partial<FramingLimits>;
	expect(completeLimits(given)).toEqual(complete);
	expect(given).toEqual({ maxFrameSize: 5, maxMessageSize: undefined });
});

test("a limit of 0 lets empty messages pass", () => {
	const bytes = encodeFor("client", [data(2, ""), data(1, "")]);
	const limits = { maxMessageSize: 0, maxFrameSize: 0 };
	expect(readMessages("client", [bytes], { limits })).toEqual(["binary ", "text "]);
});

test("a maxFragments of 0 lets no whole message pass", () => {
	const limits = { maxFragments: 0 };
	expect(readMessages("client", [hex("89 00 82 00")], { limits })).toEqual(["ping ", "failed too-many-fragments 1008"]);
	expect(readParts("client", [hex("82 00")], { limits })).toEqual(["binary "]);
});

test("control frames count for no limit", () => {
	const bytes = encodeFor("client", [data(2, "", false), data(9, "12345"), data(9, "12345"), data(0, "")]);
	const limits = { maxMessageSize: 1, maxFrameSize: 1, maxFragments: 2 };
	expect(readMessages("client", [bytes], { limits })).toEqual(["ping 3132333435", "ping 3132333435", "binary "]);
});

test("without limits a length of 2^53 and more is too big all the same", () => {
	const limits = { maxMessageSize: Number.POSITIVE_INFINITY, maxFrameSize: Number.POSITIVE_INFINITY };
	const first = (bytes: string): string[] => readMessages("client", [hex(bytes)], { limits });
	expect(first("82 7f 001fffff ffffffff")).toEqual([]);
	expect(first("82 7f 00200000 00000000")).toEqual(["failed frame-too-big 1009"]);
	expect(first("82 7f 7fffffff ffffffff")).toEqual(["failed frame-too-big 1009"]);
});
