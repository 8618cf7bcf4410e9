import { expect, test } from "vitest";
import { ChunkReader, DEFAULT_FRAMING_LIMITS, type FramingLimits, MessageReader } from "../src/index.ts";
import { readChunks, readMessages } from "./reading.ts";
import { data, encodeFor, hex } from "./wire.ts";

test("the defaults", () => {
	expect(DEFAULT_FRAMING_LIMITS).toEqual({
		maxMessageSize: 16777216,
		maxFrameSize: Number.POSITIVE_INFINITY,
		maxFragments: 131072,
	});
	// 16 MiB + 1, refused by its header alone.
	expect(readMessages("client", [hex("82 7f 00000000 01000001")])).toEqual(["failed message-too-big 1009"]);
	expect(readMessages("client", [hex("82 7f 00000000 01000000")])).toEqual([]);
});

test.each<Partial<FramingLimits>>([{ maxMessageSize: -1 }, { maxFrameSize: Number.NaN }, { maxFragments: 0 }])(
	"%o is no limit",
	(limits) => {
		const refused = expect.objectContaining({ name: "UsageError", code: "ERR_INVALID_LIMIT" });
		expect(() => new MessageReader("server", { limits })).toThrow(refused);
		expect(() => new ChunkReader("server", { limits })).toThrow(refused);
	},
);

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
	expect(readChunks("server", [at], { limits })).toEqual(events);
	const over = encodeFor("server", [data(2, "12", false), data(9, "ping"), data(0, "34", false), data(0, "56")]);
	expect(readMessages("server", [over], { limits })).toEqual(["ping 70696e67", "failed message-too-big 1009"]);
});

test("a limit of 0 lets empty messages pass", () => {
	const bytes = encodeFor("client", [data(2, ""), data(1, "")]);
	expect(readMessages("client", [bytes], { limits: { maxMessageSize: 0 } })).toEqual(["binary ", "text "]);
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
