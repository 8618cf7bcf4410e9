import assert from "node:assert/strict";
import type { CompressionOptions } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { concat, fromHex, toHex, utf8 } from "../../arbitraries/bytes.ts";
import { type Case, family, ROLES } from "../case.ts";
import { type Meeting, meet } from "../meeting.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { RawInflater } from "../raw-inflate.ts";
import type { Runtime } from "../runtime.ts";
import { COMPRESS_ALL, type PeerTerms } from "../traffic.ts";
import { CLOSE_1000 } from "../wire-case.ts";
import { frame, measure } from "../wire-frames.ts";

const SENTENCE = "A compressor that has seen this sentence needs no more than a few bytes to say it again.";

/** A thousand words of 32 bytes, again and again and at all distances. */
function words(length: number, seed: number): Uint8Array<ArrayBuffer> {
	const vocabulary = pattern(32 * 1024);
	let state = seed;
	const next = (): number => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
		return (state >> 16) & 0x3ff;
	};
	const all = Array.from({ length: length / 32 }, () => {
		const at = next() * 32;
		return vocabulary.subarray(at, at + 32);
	});
	return concat(all);
}

/** Of a frame as it came. */
function payloadOf(hex: string): Uint8Array {
	const bytes = fromHex(hex);
	return bytes.subarray(measure(bytes)?.header);
}

const agreed = (runtime: Runtime, role: Role, compression: CompressionOptions = {}, terms: PeerTerms = {}) =>
	meet(runtime, role, { traffic: "agreed", compression: { ...COMPRESS_ALL, ...compression }, terms });

/** Sends a message and waits until it has come. */
async function sent(meeting: Meeting, message: string | Uint8Array): Promise<Uint8Array> {
	meeting.socket.send(message);
	const bytes = typeof message === "string" ? utf8(message) : message;
	const { length } = await meeting.untilFrames(meeting.frames().length + 1);
	assert.equal(meeting.frames()[length - 1], toHex(frame(typeof message === "string" ? 0x81 : 0x82, bytes)));
	return payloadOf(meeting.rawFrames()[length - 1] ?? "");
}

/** The same message twice, of which each has to make sense by itself. */
async function assertForgotten(meeting: Meeting): Promise<void> {
	const payloads = [await sent(meeting, SENTENCE), await sent(meeting, SENTENCE)];
	assert.deepEqual(payloads[0], payloads[1]);
	for (const payload of payloads)
		assert.equal(Buffer.from(new RawInflater(15, false).message(payload)).toString(), SENTENCE);
	await meeting.leave();
}

/** Some hundred thousand bytes, of which none refers further back than a window of so many bits. */
async function assertWindow(meeting: Meeting, bits: number): Promise<void> {
	const strict = new RawInflater(bits, true);
	for (const seed of [1, 2, 3]) {
		const message = words(65_536, seed);
		assertBytes(strict.message(await sent(meeting, message)), message);
	}
	// zlib uses all of its window but 262 bytes, and has none of 8 bits: docs/deviations.md.
	const least = bits < 10 ? 1 : (1 << bits) / 2;
	assert.ok(strict.farthest > least, `no reference went further than ${strict.farthest} bytes`);
	await meeting.leave();
}

const WINDOWS = [8, 9, 10, 11, 12, 13, 14, 15];

const LENGTHS = [0, 1, 2, 3, 125, 126, 127, 1_023, 1_024, 65_535, 65_536, 65_537, 262_144];

const bothRoles = (role: Role): Case[] =>
	family("compression, what is sent", role, {
		// RFC 7692 §7.1.1
		async "the same message again is much shorter"(runtime) {
			const meeting = await agreed(runtime, role);
			const [first, second] = [await sent(meeting, SENTENCE), await sent(meeting, SENTENCE)];
			assert.ok(second.length < first.length / 5, `${first.length} bytes, then ${second.length}`);
			// It refers to the first.
			assert.throws(() => new RawInflater(15, true).message(second), /never sent/);
			await meeting.leave();
		},
		"each message by itself, where the peer asks for that": async (runtime) =>
			assertForgotten(await agreed(runtime, role, {}, { endpointNoContextTakeover: true })),
		"each message by itself, by an option": async (runtime) =>
			assertForgotten(await agreed(runtime, role, { contextTakeover: false })),
		"each message by itself, where no more contexts may be held": async (runtime) =>
			assertForgotten(await agreed(runtime, role, { maxContexts: 0 })),
		// RFC 7692 §7.1.2
		...Object.fromEntries(
			WINDOWS.flatMap((bits) => [
				[
					`a window of ${bits} bits, where the peer asks for that`,
					async (runtime: Runtime) =>
						assertWindow(await agreed(runtime, role, { windowBits: 15 }, { endpointWindowBits: bits }), bits),
				],
				[
					`a window of ${bits} bits, by an option`,
					async (runtime: Runtime) => assertWindow(await agreed(runtime, role, { windowBits: bits }), bits),
				],
			]),
		),
		"a window of 12 bits, by default": async (runtime) => assertWindow(await agreed(runtime, role), 12),
		...Object.fromEntries(
			[0, 1, 9].map((level) => [
				`level ${level}`,
				async (runtime: Runtime) => {
					const meeting = await agreed(runtime, role, { level });
					for (const message of [SENTENCE, words(65_536, 1), SENTENCE]) await sent(meeting, message);
					await meeting.leave();
				},
			]),
		),
		async "messages of all lengths, each as one frame"(runtime) {
			const meeting = await agreed(runtime, role);
			for (const length of LENGTHS) {
				const message = pattern(length);
				meeting.socket.send(message);
				meeting.socket.send("é".repeat(length >> 1));
				// What is sent is not written to.
				assertBytes(message, pattern(length));
			}
			const frames = await meeting.untilFrames(LENGTHS.length * 2);
			for (const [i, length] of LENGTHS.entries()) {
				assert.equal(frames[i * 2], toHex(frame(0x82, pattern(length))));
				assert.equal(frames[i * 2 + 1], toHex(frame(0x81, utf8("é".repeat(length >> 1)))));
			}
			// Of nothing, nothing can be made.
			for (const raw of meeting.rawFrames()) assert.match(raw, /^(c1|c2|8100$|8200$)/);
			await meeting.leave();
		},
		// RFC 7692 §6.1: RSV1 on the first fragment only. §7.2.1: the tail is removed from the whole message.
		async "a large message leaves in fragments, compressed as one message"(runtime) {
			const meeting = await agreed(runtime, role);
			const large = words(1 << 20, 1);
			const text = "é漢😀".repeat(100_000);
			meeting.socket.send(large);
			meeting.socket.send(text);
			meeting.socket.send(SENTENCE);
			meeting.socket.close(1000);
			assert.deepEqual(
				(await meeting.untilFrames(4)).slice(0, 3),
				[frame(0x82, large), frame(0x81, utf8(text)), frame(0x81, utf8(SENTENCE))].map(toHex),
			);
			// Four of the one, four of the other, then a whole one and the Close frame.
			assert.deepEqual(
				meeting.rawFrames().map((raw) => raw.slice(0, 2)),
				["42", "00", "00", "80", "41", "00", "00", "80", "c1", "88"],
			);
			meeting.send(fromHex(CLOSE_1000));
			await meeting.leave();
		},
		// RFC 7692 §6.1
		async "control frames never have RSV1"(runtime) {
			const meeting = await agreed(runtime, role);
			const pinging = meeting.socket.ping();
			const [ping] = await meeting.untilFrames(1);
			meeting.send(fromHex(`8a${ping?.slice(2)}`), fromHex("89 01 70"));
			await pinging;
			assert.equal((await meeting.untilFrames(2))[1], "8a0170");
			meeting.send(fromHex(CLOSE_1000));
			assert.equal((await meeting.end()).wasClean, true);
			assert.deepEqual(
				meeting.rawFrames().map((raw) => raw.slice(0, 2)),
				["89", "8a", "88"],
			);
			await meeting.leave();
		},
		async "a message that is not to be compressed leaves as it is, and no window has it"(runtime) {
			const meeting = await agreed(runtime, role);
			const first = await sent(meeting, SENTENCE);
			meeting.socket.send(SENTENCE.toUpperCase(), { compress: false });
			meeting.socket.send(utf8(SENTENCE), { compress: false });
			meeting.socket.send(SENTENCE, { compress: true });
			await meeting.untilFrames(4);
			const [, upper, bytes, last = ""] = meeting.rawFrames();
			assert.equal(upper, toHex(frame(0x81, utf8(SENTENCE.toUpperCase()))));
			assert.equal(bytes, toHex(frame(0x82, utf8(SENTENCE))));
			assert.match(last, /^c1/);
			assert.ok(payloadOf(last).length < first.length / 5);
			await meeting.leave();
		},
		async "what is shorter than the threshold leaves as it is"(runtime) {
			const meeting = await meet(runtime, role, { traffic: "agreed", compression: true });
			// The default is 1,024 bytes, not characters.
			const [short, enough] = [`${"é".repeat(511)}a`, "é".repeat(512)];
			for (const message of [short, utf8(short), enough, utf8(enough), "", short]) meeting.socket.send(message);
			await meeting.untilFrames(6);
			assert.deepEqual(
				meeting.rawFrames().map((raw) => raw.slice(0, 2)),
				["81", "82", "c1", "c2", "81", "81"],
			);
			await meeting.leave();
		},
		async "nothing reaches an infinite threshold"(runtime) {
			const meeting = await agreed(runtime, role, { threshold: Number.POSITIVE_INFINITY });
			meeting.socket.send(words(65_536, 1));
			assert.match((await meeting.untilFrames(1)).join(), /^82/);
			assert.deepEqual(meeting.rawFrames(), meeting.frames());
			await meeting.leave();
		},
		// families/back-pressure.ts has its counterpart.
		async "what waits is counted as it is sent"(runtime) {
			const limits = { highWaterMark: 20_000 };
			const meeting = await meet(runtime, role, { traffic: "agreed", compression: true, limits });
			const zeros = new Uint8Array(1 << 18);
			for (let i = 0; i < 4; i++) assert.equal(meeting.socket.send(zeros), true);
			const waiting = meeting.socket.bufferedAmount;
			assert.ok(waiting > 500 && waiting < 10_000, `${waiting} bytes wait`);
			// A larger one is compressed later, by slices.
			const large = new Uint8Array((1 << 18) + 1);
			assert.equal(meeting.socket.send(large), false);
			assert.ok(meeting.socket.bufferedAmount > large.length);
			await meeting.socket.drained();
			assert.ok(meeting.socket.bufferedAmount < 10_000);
			await meeting.leave();
		},
	});

export const deflateSending: readonly Case[] = ROLES.flatMap(bothRoles);
