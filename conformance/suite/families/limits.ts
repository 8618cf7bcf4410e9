import assert from "node:assert/strict";
import { type FailureKind, LONGEST_TEXT, type Role } from "@barewire/framing";
import { concat, fromHex, toHex } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { type Case, family, longForm, ROLES } from "../case.ts";
import { deflateFrames } from "../deflate-frames.ts";
import { meet } from "../meeting.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { deflatedByZlib } from "../raw-deflate.ts";
import type { Runtime } from "../runtime.ts";
import { deflaterFor, familyWith, TRAFFICS, type Traffic } from "../traffic.ts";
import { broken, sound, type WireCase, wireCases } from "../wire-case.ts";
import { frame, frameFor, header, joinFragments } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** `limits.maxMessageSize` by default. */
const LARGEST = 16 * MEBIBYTE;

/** `limits.maxFragments` by default. */
const MOST_FRAGMENTS = 131_072;

function bytes(length: number): Uint8Array<ArrayBuffer> {
	return pattern(length);
}

/** A binary message in fragments of these lengths. */
function fragments(...lengths: number[]): { sends: Uint8Array[]; message: string } {
	const whole = bytes(lengths.reduce((sum, length) => sum + length, 0));
	let at = 0;
	const sends = lengths.map((length, i) => {
		const first = (i === 0 ? 0x2 : 0x0) | (i === lengths.length - 1 ? 0x80 : 0);
		at += length;
		return frame(first, whole.subarray(at - length, at));
	});
	return { sends, message: `hex:${toHex(whole)}` };
}

function fits(limits: WireCase["limits"], ...lengths: number[]): WireCase {
	const { sends, message } = fragments(...lengths);
	return { ...sound(sends, [message]), ...(limits === undefined ? null : { limits }) };
}

/** Refused at the last header: its payload is not waited for. What is compressed has to come, to be seen to be too much. */
function tooMuch(
	limits: NonNullable<WireCase["limits"]>,
	kind: FailureKind,
	code: number,
	...lengths: number[]
): WireCase {
	const { sends } = fragments(...lengths);
	const last = lengths.at(-1) ?? 0;
	const begun = sends.at(-1)?.subarray(0, header(0, last).length) ?? new Uint8Array(0);
	const compressed = { ...broken(sends, kind, code), limits };
	return { ...broken([...sends.slice(0, -1), begun], kind, code), limits, compressed };
}

const THOUSAND = { maxMessageSize: 1_000 };
const FRAME = { maxFrameSize: 300 };
const THREE = { maxFragments: 3 };

// RFC 6455 §10.4: "Implementations that have implementation- and/or platform-specific limitations regarding the frame size
// or total message size after reassembly from multiple frames MUST protect themselves".
const wire = wireCases("limits", {
	"a message of exactly the limit": fits(THOUSAND, 1_000),
	"a message of one byte more": tooMuch(THOUSAND, "message-too-big", 1009, 1_001),
	"a message of exactly the limit, in two fragments": fits(THOUSAND, 500, 500),
	"a message of one byte more, in two fragments": tooMuch(THOUSAND, "message-too-big", 1009, 500, 501),
	"a message of one byte more, in three fragments": tooMuch(THOUSAND, "message-too-big", 1009, 500, 500, 1),
	"an empty fragment behind exactly the limit": fits(THOUSAND, 500, 500, 0),
	"two messages of exactly the limit": {
		...sound([frame(0x82, bytes(1_000)), frame(0x82, bytes(1_000))], Array(2).fill(`hex:${toHex(bytes(1_000))}`)),
		limits: THOUSAND,
	},
	// The limit is one of bytes, not of characters.
	"a text of exactly the limit, in characters of three bytes": {
		...sound([frame(0x81, Buffer.from("€".repeat(100)))], ["€".repeat(100)]),
		limits: { maxMessageSize: 300 },
	},
	"a text of one byte more, in characters of three bytes": {
		...broken([header(0x81, 300)], "message-too-big", 1009),
		limits: { maxMessageSize: 299 },
		compressed: {
			...broken([frame(0x81, Buffer.from("€".repeat(100)))], "message-too-big", 1009),
			limits: { maxMessageSize: 299 },
		},
	},
	"the limit holds with pings in between": {
		...broken(
			[frame(0x02, bytes(500)), "89 01 70", frame(0x00, bytes(500)), "89 01 71", header(0x80, 1)],
			"message-too-big",
			1009,
			[],
			["8a0170", "8a0171"],
		),
		limits: THOUSAND,
		// Which fragment brings the byte that is too much is known of the last one alone.
		compressed: {
			...broken(
				[frame(0x02, bytes(500)), "89 01 70", frame(0x80, bytes(501))],
				"message-too-big",
				1009,
				[],
				["8a0170"],
			),
			limits: THOUSAND,
		},
	},
	// This limit is one of bytes on the wire: what they become may be longer.
	"a frame of exactly the limit": {
		...fits(FRAME, 300),
		compressed: { ...sound([frame(0x82, new Uint8Array(900))], [`hex:${"00".repeat(900)}`]), limits: FRAME },
	},
	"a frame of one byte more": tooMuch(FRAME, "frame-too-big", 1009, 301),
	"frames of exactly the limit in a longer message": {
		...fits(FRAME, 300, 300, 300),
		// Bytes without a pattern get a little longer when they are compressed.
		compressed: fits(FRAME, 250, 250, 250),
	},
	"a fragment of one byte more": tooMuch(FRAME, "frame-too-big", 1009, 300, 301),
	"a ping is no data frame": {
		...sound([frame(0x89, bytes(125))], [], [toHex(frame(0x8a, bytes(125)))]),
		limits: { maxFrameSize: 1 },
	},
	"as many fragments as the limit": fits(THREE, 1, 1, 1),
	"one fragment more": tooMuch(THREE, "too-many-fragments", 1008, 1, 1, 1, 1),
	"as many empty fragments as the limit": fits(THREE, 0, 0, 0),
	"one empty fragment more": tooMuch(THREE, "too-many-fragments", 1008, 0, 0, 0, 0),
	"fragments are counted for each message": {
		...sound([...fragments(1, 1, 1).sends, ...fragments(1, 1, 1).sends], Array(2).fill(fragments(1, 1, 1).message)),
		limits: THREE,
	},
	"one byte above 16 MiB, the default": {
		...broken([header(0x82, LARGEST + 1)], "message-too-big", 1009),
		compressed: broken([frame(0xc2, deflatedByZlib(new Uint8Array(LARGEST + 1), 15))], "message-too-big", 1009),
	},
});

/** One message in so many fragments of the same length. */
function inFragments(role: Role, traffic: Traffic, message: Uint8Array, count: number): Uint8Array {
	const length = message.length / count;
	const frames = Array.from({ length: count }, (_, i) => {
		const first = (i === 0 ? 0x2 : 0x0) | (i === count - 1 ? 0x80 : 0);
		return frame(first, message.subarray(i * length, (i + 1) * length));
	});
	const sends = traffic === "compressed" ? deflateFrames(frames, deflaterFor({})) : frames;
	return concat(sends.map((each) => frameFor(role, each)));
}

/** The peer sends a message in so many fragments, and our endpoint gets it. */
async function assertReceived(
	runtime: Runtime,
	role: Role,
	traffic: Traffic,
	message: Uint8Array,
	count: number,
): Promise<void> {
	const came = new Inbox<Uint8Array>();
	const meeting = await meet(runtime, role, { traffic }, null);
	const reading = (async () => {
		for await (const each of meeting.socket) came.push(each as Uint8Array);
	})();
	meeting.peer.write(inFragments(role, traffic, message, count));
	assertBytes(await came.next(), message);
	meeting.send(frame(0x88, Uint8Array.of(0x03, 0xe8)));
	assert.equal((await meeting.end()).wasClean, true);
	await reading;
	await meeting.leave();
}

const largeWith = (role: Role, traffic: Traffic): Case[] =>
	family(familyWith("limits", traffic), role, {
		"16 MiB, the default limit, in one frame": (runtime) => assertReceived(runtime, role, traffic, bytes(LARGEST), 1),
		"16 MiB in 65,536 fragments": (runtime) => assertReceived(runtime, role, traffic, bytes(LARGEST), 65_536),
		"as many fragments as the default limit": (runtime) =>
			assertReceived(runtime, role, traffic, bytes(MOST_FRAGMENTS), MOST_FRAGMENTS),
		async "one fragment above the default limit"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.peer.write(inFragments(role, traffic, bytes(MOST_FRAGMENTS + 1), MOST_FRAGMENTS + 1));
			const { error } = await meeting.end();
			assert.deepEqual([error?.kind, error?.closeCode], ["too-many-fragments", 1008]);
			assert.match(meeting.frames().join(), /^88..03f0[0-9a-f]*$/);
			await meeting.leave();
		},
	});

/** Where the peer compresses nothing: families/deflate-limits.ts has what holds of headers where it does. */
const uncompressedWith = (role: Role, traffic: Exclude<Traffic, "compressed">): Case[] =>
	family(familyWith("limits", traffic), role, {
		async "a message of 16 MiB is sent"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			const { peer, socket } = meeting;
			const before = peer.received;
			const message = bytes(LARGEST);
			// Compressed, it is to be short: how long it is going to be is not known here.
			if (traffic !== "plain") for (let at = 2048; at < LARGEST; at *= 2) message.copyWithin(at, 0, at);
			const kept = message.slice();
			socket.send(message);
			if (traffic === "plain") await peer.untilLength(before + LARGEST + (role === "client" ? 14 : 10));
			// A client masks it by slices, and each is a fragment.
			const frames = await meeting.untilFrames(traffic === "plain" && role === "client" ? 64 : 1);
			const [sent, ...more] = joinFragments(frames);
			assert.equal(more.length, 0);
			assertBytes(Buffer.from(sent ?? "", "hex"), frame(0x82, kept));
			// What is sent is not written to, not even to mask it.
			assertBytes(message, kept, "the message after it was sent");
			await meeting.leave();
		},
		async "without a limit, a frame of nearly 2^53 bytes is begun, and nothing of that size is made room for"(runtime) {
			const limits = { maxMessageSize: Number.POSITIVE_INFINITY };
			const meeting = await meet(runtime, role, { traffic, limits });
			// Nobody can make room for that: who tries fails.
			const begun = frameFor(role, fromHex("82 7f 00 1f ff ff ff ff ff ff"));
			meeting.peer.write(begun);
			for (let i = 0; i < 4; i++) meeting.peer.write(new Uint8Array(MEBIBYTE));
			meeting.peer.socket.end();
			const { error, ...event } = await meeting.socket.closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open", unsent: 0 });
			assert.equal(error?.kind, "stream-ended");
			assert.deepEqual([meeting.frames(), meeting.messages.all, meeting.errors], [[], [], []]);
			await meeting.leave();
		},
		async "2^32 bytes are refused at the header, before one of them comes"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.send(header(0x82, 2 ** 32));
			const { error } = await meeting.end();
			assert.deepEqual([error?.kind, error?.closeCode], ["message-too-big", 1009]);
			assert.match(meeting.frames().join(), /^88..03f1[0-9a-f]*$/);
			await meeting.leave();
		},
	});

// ws#1447. What is longer is refused before anything is decoded, by one number on all runtimes (packages/framing/test/limits.test.ts).
const longestText = family("limits", "server", {
	async "the longest text that is taken is no longer than this engine's longest string"() {
		let text = "";
		// Joined by halves, it takes no memory.
		for (const bit of LONGEST_TEXT.toString(2)) text = text + text + (bit === "1" ? "a" : "");
		assert.equal(text.length, LONGEST_TEXT);
	},
});

export const limits: readonly Case[] = [
	...wire,
	...longestText,
	...TRAFFICS.flatMap((traffic) => largeWith("server", traffic)),
	...largeWith("client", "plain"),
	// What a client adds to these, the masks, is in the plain ones.
	...longForm(largeWith("client", "agreed")),
	...longForm(largeWith("client", "compressed")),
	...ROLES.flatMap((role) => [...uncompressedWith(role, "plain"), ...uncompressedWith(role, "agreed")]),
];
