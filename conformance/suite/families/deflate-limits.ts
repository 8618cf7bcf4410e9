import assert from "node:assert/strict";
import type { Role } from "@barewire/framing";
import { concat, fromHex } from "../../arbitraries/bytes.ts";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import { BitWriter, RawDeflater, TAIL } from "../raw-deflate.ts";
import { broken, deflateCases, sound, type WireCase } from "../wire-case.ts";
import { frame, frameFor } from "../wire-frames.ts";

const THOUSAND = { maxMessageSize: 1_000 };
const ONE = { maxMessageSize: 1 };

const deflated = (message: Uint8Array): Uint8Array => new RawDeflater(12, false).message(message);

/** So many zeros, compressed, and as the application gets them. */
const zeros = (length: number): Uint8Array => deflated(new Uint8Array(length));
const shown = (length: number): string => `hex:${"00".repeat(length)}`;

/** The payload in two fragments. */
function halves(payload: Uint8Array): Uint8Array[] {
	const half = payload.length >> 1;
	return [frame(0x42, payload.subarray(0, half)), frame(0x80, payload.subarray(half))];
}

/** A message of eleven bytes, and then what is no DEFLATE data. */
const TOO_MUCH_THEN_CORRUPT = (() => {
	const writer = new BitWriter().fixedBlock();
	for (let i = 0; i < 11; i++) writer.symbol(0x41);
	return writer.symbol(257).code(30, 5).bits(0, 16).end();
})();

/** Empty blocks: 3,000 bytes that become none. As many as 750 masking keys. */
const NOTHING = concat(Array.from({ length: 600 }, () => concat([Uint8Array.of(0), TAIL])));

const EXACT = zeros(900);

// RFC 6455 §10.4: the limit is one of what comes out.
const wire: Readonly<Record<string, WireCase>> = {
	"exactly the limit": { ...sound([frame(0xc2, zeros(1_000))], [shown(1_000)]), limits: THOUSAND },
	"one byte more": { ...broken([frame(0xc2, zeros(1_001))], "message-too-big", 1009), limits: THOUSAND },
	"exactly the limit, in two fragments": { ...sound(halves(zeros(1_000)), [shown(1_000)]), limits: THOUSAND },
	"one byte more, in two fragments": { ...broken(halves(zeros(1_001)), "message-too-big", 1009), limits: THOUSAND },
	"one byte more, behind a ping": {
		...broken(["89 01 70", frame(0xc2, zeros(1_001))], "message-too-big", 1009, [], ["8a0170"]),
		limits: THOUSAND,
	},
	"a thousand times the limit": { ...broken([frame(0xc2, zeros(1e6))], "message-too-big", 1009), limits: THOUSAND },
	"messages of exactly the limit": {
		...sound(Array(3).fill(frame(0xc2, zeros(1_000))), Array(3).fill(shown(1_000))),
		limits: THOUSAND,
	},
	"a limit of one byte, and a message of one": { ...sound([frame(0xc2, zeros(1))], [shown(1)]), limits: ONE },
	"a limit of one byte, and a message of two": {
		...broken([frame(0xc2, zeros(2))], "message-too-big", 1009),
		limits: ONE,
	},
	"a text of exactly the limit, in characters of three bytes": {
		...sound([frame(0xc1, deflated(Buffer.from("€".repeat(100))))], ["€".repeat(100)]),
		limits: { maxMessageSize: 300 },
	},
	"a text of one byte more, in characters of three bytes": {
		...broken([frame(0xc1, deflated(Buffer.from("€".repeat(100))))], "message-too-big", 1009),
		limits: { maxMessageSize: 299 },
	},
	// Which of two broken rules is found must not depend on where the stream is cut.
	"one byte more, and corrupt data behind it": {
		...broken([frame(0xc2, TOO_MUCH_THEN_CORRUPT)], "message-too-big", 1009),
		limits: { maxMessageSize: 10 },
	},
	"corrupt data behind exactly the limit": {
		...broken([frame(0xc2, TOO_MUCH_THEN_CORRUPT)], "extension-data", 1007),
		limits: { maxMessageSize: 11 },
	},
	// Nothing of it is kept.
	"a message that is longer than the limit until it is decompressed": {
		...sound([frame(0xc2, concat([NOTHING, zeros(7)]))], [shown(7)]),
		limits: THOUSAND,
	},
	"a message as it is still fails at its header": {
		...broken(["82 7e 03 e9"], "message-too-big", 1009),
		limits: THOUSAND,
	},
	// The limit of a frame is one of what is on the wire.
	"a frame of exactly its limit": {
		...sound([frame(0xc2, EXACT)], [shown(900)]),
		limits: { maxFrameSize: EXACT.length },
	},
	"a frame of one byte more than its limit": {
		...broken([frame(0xc2, EXACT).subarray(0, 2)], "frame-too-big", 1009),
		limits: { maxFrameSize: EXACT.length - 1 },
	},
	"one fragment too many": {
		...broken(
			[...halves(zeros(9)).map((each) => Uint8Array.of(each[0] & 0x7f, ...each.subarray(1))), "80 00"],
			"too-many-fragments",
			1008,
		),
		limits: { maxFragments: 2 },
	},
};

const acted = (role: Role): Case[] =>
	family("compression, limits", role, {
		// families/limits.ts has its counterpart. Empty blocks come, and no end of them.
		async "without a limit, a frame of nearly 2^53 bytes is begun, and nothing of that size is made room for"(runtime) {
			const limits = { maxMessageSize: Number.POSITIVE_INFINITY };
			const meeting = await meet(runtime, role, { traffic: "agreed", limits });
			meeting.peer.write(frameFor(role, fromHex("c2 7f 00 1f ff ff ff ff ff ff")));
			const blocks = frameFor(role, frame(0x82, NOTHING)).subarray(role === "server" ? 8 : 4);
			for (let i = 0; i < 100; i++) meeting.peer.write(blocks);
			meeting.peer.socket.end();
			const { error, ...event } = await meeting.socket.closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open", unsent: 0 });
			assert.equal(error?.kind, "stream-ended");
			assert.deepEqual([meeting.frames(), meeting.messages.all, meeting.errors], [[], [], []]);
			await meeting.leave();
		},
	});

export const deflateLimits: readonly Case[] = [...deflateCases("compression, limits", wire), ...ROLES.flatMap(acted)];
