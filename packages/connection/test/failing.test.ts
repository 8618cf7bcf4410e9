import { type FailureKind, FRAME_FAILURES } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import type { ConnectionOptions } from "../src/index.ts";
import { newClock, openClient, openOwner, openServer } from "./owner.ts";
import { clientFrame, hex, serverFrame, TEXT, textOf, toHex, upper } from "./wire.ts";

/** What a peer does that breaks a rule, unmasked: a server masks none, a client with a key of zeros all its frames. */
interface Violation {
	readonly kind: FailureKind;
	readonly code: number;
	/** A server's bytes. */
	readonly toClient?: string;
	/** A client's bytes. */
	readonly toServer?: string;
	readonly options?: ConnectionOptions;
}

// RFC 6455 §7.1.7 and §7.4.1: one row for each rule, with the code that the Close frame has to carry.
const VIOLATIONS: readonly Violation[] = [
	{ kind: "reserved-bits", code: 1002, toClient: "c1 00", toServer: "91 80 00000000" },
	{ kind: "reserved-opcode", code: 1002, toClient: "83 00", toServer: "8b 80 00000000" },
	{ kind: "unmasked-frame", code: 1002, toServer: "81 00" },
	{ kind: "masked-frame", code: 1002, toClient: "81 80 00000000" },
	{ kind: "length-not-minimal", code: 1002, toClient: "82 7e 007d", toServer: "82 ff 000000000000ffff 00000000" },
	{
		kind: "length-top-bit",
		code: 1002,
		toClient: "82 7f 8000000000000000",
		toServer: "82 ff ffffffffffffffff 00000000",
	},
	{ kind: "control-too-long", code: 1002, toClient: "89 7e 007e", toServer: "88 fe 007e 00000000" },
	{ kind: "control-fragmented", code: 1002, toClient: "09 00", toServer: "08 80 00000000" },
	{ kind: "continuation-unexpected", code: 1002, toClient: "80 00", toServer: "00 80 00000000" },
	{ kind: "continuation-expected", code: 1002, toClient: "01 00 81 00", toServer: "02 80 00000000 82 80 00000000" },
	{ kind: "invalid-utf8", code: 1007, toClient: "81 01 ff", toServer: "81 82 00000000 c0af" },
	{ kind: "close-payload-length", code: 1002, toClient: "88 01 03", toServer: "88 81 00000000 03" },
	{ kind: "close-code", code: 1002, toClient: "88 02 03ed", toServer: "88 82 00000000 03ee" },
	{ kind: "close-reason-utf8", code: 1007, toClient: "88 03 03e8 ff", toServer: "88 83 00000000 03e8 80" },
	{
		kind: "frame-too-big",
		code: 1009,
		toClient: "82 03",
		toServer: "82 83 00000000",
		options: { framing: { maxFrameSize: 2 } },
	},
	{
		kind: "message-too-big",
		code: 1009,
		toClient: "02 02 0000 80 01",
		toServer: "02 82 00000000 0000 80 81 00000000",
		options: { framing: { maxMessageSize: 2 } },
	},
	{
		kind: "too-many-fragments",
		code: 1008,
		toClient: "02 00 00 00 80 00",
		toServer: "02 80 00000000 00 80 00000000 80 80 00000000",
		options: { framing: { maxFragments: 2 } },
	},
];

const EXTENSION_KINDS = ["extension-data", "extension-data-incomplete"] as const;

test("every rule of the framing has its row; extensions have a test of their own", () => {
	const kinds = [...VIOLATIONS.map(({ kind }) => kind), ...EXTENSION_KINDS];
	expect(kinds.toSorted()).toEqual(Object.keys(FRAME_FAILURES).toSorted());
});

describe("server: fails the connection with its code, ends, and discards what follows", () => {
	test.each(VIOLATIONS.filter(({ toServer }) => toServer !== undefined))(
		"$kind: $code",
		({ kind, code, toServer, options }) => {
			const owner = openServer(options);
			owner.hear(hex(toServer!));
			const { length, wire } = closeFrame(code, FRAME_FAILURES[kind].message);
			expect(owner.sentHex()).toBe(`88${length}${wire}`);
			expectFailed(owner, kind, code, clientFrame(TEXT, "late"));
		},
	);
});

describe("client: the same, masked", () => {
	test.each(VIOLATIONS.filter(({ toClient }) => toClient !== undefined))(
		"$kind: $code",
		({ kind, code, toClient, options }) => {
			const owner = openClient(options);
			owner.hear(hex(toClient!));
			const sent = owner.sent();
			expect(toHex(sent.subarray(0, 1))).toBe("88");
			// The key is 37fa213d: the code is the payload's first two bytes.
			expect(((sent[6]! ^ 0x37) << 8) | (sent[7]! ^ 0xfa)).toBe(code);
			expect(sent.length).toBe(6 + 2 + FRAME_FAILURES[kind].message.length);
			expectFailed(owner, kind, code, serverFrame(TEXT, "late"));
		},
	);
});

function expectFailed(owner: ReturnType<typeof openOwner>, kind: FailureKind, code: number, late: Uint8Array): void {
	expect(owner.happened()).toEqual([`failed ${kind} ${code}`]);
	expect([owner.connection.streamAction, owner.connection.readyState]).toEqual(["end", "closing"]);
	owner.hear(late);
	expect([owner.happened(), owner.sentHex(), owner.connection.unread]).toEqual([[], "", 0]);
	owner.hearEnd();
	expect(owner.happened()).toEqual([`closed 1006 "" unclean by local at closing: ${kind}`]);
}

/** The rest of a server's Close frame: the length in hex, the payload in hex. */
function closeFrame(code: number, reason: string): { length: string; wire: string } {
	const wire = code.toString(16).padStart(4, "0") + Array.from(reason, (c) => c.charCodeAt(0).toString(16)).join("");
	return { length: (wire.length / 2).toString(16).padStart(2, "0"), wire };
}

test.each(EXTENSION_KINDS)("%s: 1007, when an extension can't decode a message", (kind) => {
	const owner = openOwner("server", {}, newClock(), { extensions: [{ ...upper(), decode: () => kind }] });
	owner.hear(hex("c2 81 00000000 00"));
	expect(textOf(owner.sent()).slice(2, 4)).toBe("\x03\xef");
	expectFailed(owner, kind, 1007, clientFrame(TEXT, "late"));
});

test("after this endpoint's own Close a violation ends it, and no second Close is sent", () => {
	const owner = openServer();
	owner.do((connection, now) => connection.close(1000, undefined, now));
	expect(owner.sentHex()).toBe("880203e8");
	owner.hear(hex("81 00"));
	expect([owner.happened(), owner.sentHex()]).toEqual([["failed unmasked-frame 1002"], ""]);
	expect(owner.connection.streamAction).toBe("end");
	owner.hearEnd();
	expect(owner.happened()).toEqual(['closed 1006 "" unclean by local at closing: unmasked-frame']);
});

test("what was sent before the violation still goes out in front of the Close", () => {
	const { connection } = openServer();
	connection.sendText("first");
	connection.receive(hex("81 00"), 0);
	while (connection.nextEvent() !== null);
	const sent = textOf(connection.nextOutput()!);
	expect([sent.slice(0, 8), sent.slice(9, 11)]).toEqual(["\x81\x05first\x88", "\x03\xea"]);
});
