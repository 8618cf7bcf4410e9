import { describe, expect, test } from "vitest";
import {
	type Extension,
	type FailureKind,
	FRAME_FAILURES,
	frameFailure,
	MessageReader,
	type Role,
	RSV1,
} from "../src/index.ts";
import { everyByte, readMessages, readParts } from "./reading.ts";
import { hex } from "./wire.ts";

const broken = (kind: FailureKind): Extension => ({
	name: "x-broken",
	rsv: RSV1,
	shared: null,
	decode: () => kind,
	outgoingRsv: () => RSV1,
	encode: (piece) => piece,
	encodeShared: (payload) => payload,
	snapshot: () => ({ ok: true, state: null }),
	release() {},
});

const EXTENSION_KINDS = ["extension-data", "extension-data-incomplete"] as const;

const limits = { maxMessageSize: 8, maxStreamedSize: 8, maxFrameSize: 6, maxFragments: 2 };

// The key of masked frames is 00000000 where the payload doesn't matter, else 01020304.
const cases: readonly [kind: FailureKind, code: number, role: Role, bytes: string, rule: string][] = [
	["reserved-bits", 1002, "server", "c1 80", "§5.2 RSV1 without an extension"],
	["reserved-bits", 1002, "server", "a1 80", "§5.2 RSV2"],
	["reserved-bits", 1002, "server", "91 80", "§5.2 RSV3"],
	["reserved-bits", 1002, "client", "c2 00", "§5.2 RSV1 from a server"],
	["reserved-bits", 1002, "client", "c9 00", "§5.2 on a control frame"],
	["reserved-opcode", 1002, "server", "83 80", "§5.2 opcode 3"],
	["reserved-opcode", 1002, "server", "87 80", "§5.2 opcode 7"],
	["reserved-opcode", 1002, "server", "8b 80", "§5.2 opcode B"],
	["reserved-opcode", 1002, "client", "8f 00", "§5.2 opcode F"],
	["reserved-opcode", 1002, "client", "83 00", "§5.2 opcode 3 from a server"],
	["unmasked-frame", 1002, "server", "81 00", "§5.1 text"],
	["unmasked-frame", 1002, "server", "88 00", "§5.1 Close"],
	["unmasked-frame", 1002, "server", "82 7f", "§5.1 before the length is complete"],
	["masked-frame", 1002, "client", "81 80", "§5.1 text, before the masking key"],
	["masked-frame", 1002, "client", "8a 80", "§5.1 pong"],
	["control-fragmented", 1002, "server", "09 80", "§5.5 ping without FIN"],
	["control-fragmented", 1002, "client", "08 00", "§5.5 Close without FIN"],
	["control-too-long", 1002, "server", "89 fe", "§5.5 ping of 126 and more, before the length is complete"],
	["control-too-long", 1002, "server", "88 ff", "§5.5 Close with a 64-bit length"],
	["control-too-long", 1002, "client", "8a 7e", "§5.5 pong"],
	["continuation-unexpected", 1002, "server", "80 80", "§5.4 at the beginning"],
	["continuation-unexpected", 1002, "client", "81 01 61 80 00", "§5.4 after a whole message"],
	["continuation-unexpected", 1002, "client", "01 00 80 00 00 00", "§5.4 after a fragmented message"],
	["continuation-expected", 1002, "server", "01 80 00000000 81 80", "§5.4 text within text"],
	["continuation-expected", 1002, "client", "02 01 61 82 01", "§5.4 binary within binary"],
	["continuation-expected", 1002, "client", "01 01 61 89 00 02 00", "§5.4 after an interleaved ping"],
	["length-not-minimal", 1002, "server", "82 fe 00 7d", "§5.2 125 in 16 bits, before the masking key"],
	["length-not-minimal", 1002, "client", "82 7e 00 00", "§5.2 0 in 16 bits"],
	["length-not-minimal", 1002, "client", "82 7f 00000000 0000ffff", "§5.2 65535 in 64 bits"],
	["length-not-minimal", 1002, "server", "82 ff 00000000 00000000", "§5.2 0 in 64 bits"],
	["length-top-bit", 1002, "server", "82 ff 80000000 00000000", "§5.2 2^63"],
	["length-top-bit", 1002, "client", "82 7f ffffffff ffffffff", "§5.2 2^64 - 1"],
	["invalid-utf8", 1007, "server", "81 81 01020304 fe", "§8.1 FF in a text"],
	["invalid-utf8", 1007, "client", "81 02 c3 28", "§8.1 a lead byte without a tail"],
	["invalid-utf8", 1007, "client", "81 01 c3", "§8.1 an unfinished character at the end"],
	["invalid-utf8", 1007, "client", "01 01 c3 80 00", "§8.1 the same in fragments"],
	["invalid-utf8", 1007, "client", "01 01 f4 80 01 90", "§8.1 above U+10FFFF, over two fragments"],
	["invalid-utf8", 1007, "client", "01 05 61 ff", "§8.1 inside an unfinished frame"],
	["close-payload-length", 1002, "server", "88 81 01020304 02", "§5.5.1 one byte"],
	["close-payload-length", 1002, "client", "88 01 03", "§5.5.1 one byte"],
	["close-code", 1002, "server", "88 82 01020304 02ef", "§7.4.1 1005"],
	["close-code", 1002, "client", "88 02 03ee", "§7.4.1 1006"],
	["close-code", 1002, "client", "88 02 0000", "§7.4.2 0"],
	["close-reason-utf8", 1007, "server", "88 83 01020304 02eafc", "§5.5.1"],
	["close-reason-utf8", 1007, "client", "88 04 03e8 c080", "§5.5.1"],
	["frame-too-big", 1009, "server", "82 87", "§10.4 7 of 6"],
	["frame-too-big", 1009, "client", "82 07", "§10.4 7 of 6"],
	["frame-too-big", 1009, "client", "82 7f 00100000 00000000", "§10.4 2^52"],
	["frame-too-big", 1009, "client", "82 7f 7fffffff ffffffff", "§10.4 2^63 - 1"],
	["message-too-big", 1009, "server", "02 85 00000000 0000000000 80 84", "§10.4 5 + 4 of 8"],
	["message-too-big", 1009, "client", "02 05 0000000000 89 00 80 04", "§10.4 with a ping in between"],
	["too-many-fragments", 1008, "server", "02 80 00000000 00 80 00000000 00 80", "§10.4 3 of 2, empty ones"],
	["too-many-fragments", 1008, "client", "02 00 00 00 80 00", "§10.4 3 of 2"],
];

function untilFailure(events: readonly string[]): string[] {
	return events.filter((event) => event.startsWith("failed"));
}

describe("every rule, its kind and its close code", () => {
	test.each(cases)("%s %i %s %s (%s)", (kind, code, role, bytes) => {
		const expected = [`failed ${kind} ${code}`];
		expect(untilFailure(readMessages(role, [hex(bytes)], { limits }))).toEqual(expected);
		expect(untilFailure(readMessages(role, everyByte(hex(bytes)), { limits }))).toEqual(expected);
		// Parts leave nothing behind, so their number is not limited.
		const inParts = kind === "too-many-fragments" ? [] : expected;
		expect(untilFailure(readParts(role, [hex(bytes)], { limits }))).toEqual(inParts);
		expect(untilFailure(readParts(role, everyByte(hex(bytes)), { limits }))).toEqual(inParts);
	});

	test.each(EXTENSION_KINDS)("%s 1007: what an extension can't decode", (kind) => {
		const options = { extensions: [broken(kind)] };
		expect(readMessages("client", [hex("c1 01 61")], options)).toEqual([`failed ${kind} 1007`]);
		expect(readParts("server", [hex("c1 81 00000000 61")], options)).toEqual([`failed ${kind} 1007`]);
	});

	test("the cases above leave no kind out", () => {
		const covered = new Set<string>([...cases.map(([kind]) => kind), ...EXTENSION_KINDS]);
		expect(Object.keys(FRAME_FAILURES).filter((kind) => !covered.has(kind))).toEqual([]);
	});

	test("the byte before the last one of a case is no failure yet", () => {
		for (const [kind, , role, bytes] of cases) {
			const stream = hex(bytes);
			const before = readMessages(role, everyByte(stream.subarray(0, -1)), { limits });
			expect(untilFailure(before), `${kind} ${bytes}`).toEqual([]);
		}
	});
});

test("checks are made in one order: bits, opcode, mask, control, continuation, length", () => {
	const first = (bytes: string): string[] => readMessages("server", [hex(bytes)]);
	expect(first("f3 00")).toEqual(["failed reserved-bits 1002"]);
	expect(first("0b 7e")).toEqual(["failed reserved-opcode 1002"]);
	expect(first("09 7e")).toEqual(["failed unmasked-frame 1002"]);
	expect(first("09 fe")).toEqual(["failed control-fragmented 1002"]);
	expect(first("80 fe 0000")).toEqual(["failed continuation-unexpected 1002"]);
});

describe("the number that broke the rule", () => {
	const numbers: readonly [kind: FailureKind, found: number | undefined, role: Role, bytes: string][] = [
		["reserved-bits", 0b100, "client", "c1 00"],
		["reserved-bits", 0b111, "client", "f1 00"],
		["reserved-opcode", 11, "client", "8b 00"],
		["continuation-unexpected", 0, "client", "80 00"],
		["continuation-expected", 2, "client", "01 00 82 00"],
		["control-too-long", 126, "client", "89 7e"],
		["close-payload-length", 1, "client", "88 01 03"],
		["close-code", 1006, "client", "88 02 03ee"],
		["length-not-minimal", 125, "client", "82 7e 00 7d"],
		["length-top-bit", 2 ** 63, "client", "82 7f 80000000 00000000"],
		["frame-too-big", 2 ** 53, "client", "82 7f 00200000 00000000"],
		["masked-frame", undefined, "client", "81 80"],
		["invalid-utf8", undefined, "client", "81 01 ff"],
	];

	test.each(numbers)("%s: %s", (kind, found, role, bytes) => {
		for (const chunks of [[hex(bytes)], everyByte(hex(bytes))]) {
			const reader = new MessageReader(role);
			for (const chunk of chunks) reader.receive(chunk);
			expect(reader.next()).toEqual({ type: "failed", failure: frameFailure(kind, found) });
		}
	});

	test("a failure without one has no such property", () => {
		expect(Object.keys(frameFailure("masked-frame"))).toEqual(["kind", "code", "section", "message"]);
	});
});

test("a failure carries code, section and a message that fits a Close frame's reason", () => {
	expect(frameFailure("control-too-long")).toEqual({
		kind: "control-too-long",
		code: 1002,
		section: "RFC 6455 §5.5",
		message: expect.any(String),
	});
	for (const { section, message } of Object.values(FRAME_FAILURES)) {
		expect(section).toMatch(/^RFC \d+ §[\d.]+$/);
		expect(message.length).toBeLessThanOrEqual(123);
	}
});
