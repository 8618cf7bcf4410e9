import assert from "node:assert/strict";
import type { Role } from "@barewire/framing";
import { concat, fromHex } from "../../arbitraries/bytes.ts";
import { type Case, family, ROLES } from "../case.ts";
import { deflateFrames } from "../deflate-frames.ts";
import { meet } from "../meeting.ts";
import type { Runtime } from "../runtime.ts";
import { deflaterFor, familyWith, TRAFFICS, type Traffic } from "../traffic.ts";
import { frameFor, withoutReason } from "../wire-frames.ts";

const KINDS: Readonly<Record<string, string>> = {
	"an empty text": "81 00",
	"a text": "81 02 68 69",
	"an empty binary message": "82 00",
	"a binary message": "82 03 01 02 03",
	"a first fragment": "01 02 68 69",
	"a ping": "89 00",
	"a ping with a payload": "89 02 68 69",
	"a pong": "8a 00",
	"a Close frame": "88 02 03 e8",
	"an empty Close frame": "88 00",
	"a frame of 126 bytes": `82 7e 00 7e ${"00".repeat(126)}`,
};

/** The frame as the other role's peer would send it. */
const wrongly = (role: Role, frame: Uint8Array): Uint8Array => frameFor(role === "server" ? "client" : "server", frame);

/** Fails at that frame, and nothing behind it is looked at. */
async function check(runtime: Runtime, role: Role, traffic: Traffic, before: string, hex: string): Promise<void> {
	const meeting = await meet(runtime, role, { traffic });
	const written = [before, hex, "81 01 62"].map(fromHex);
	const [first, wrong, behind] = traffic === "compressed" ? deflateFrames(written, deflaterFor({})) : written;
	meeting.peer.write(concat([frameFor(role, first), wrongly(role, wrong), frameFor(role, behind)]));
	const { code, wasClean, by, error } = await meeting.end();
	const kind = role === "server" ? "unmasked-frame" : "masked-frame";
	assert.deepEqual(
		[code, wasClean, by, error?.kind, error?.closeCode, error?.section],
		[1006, false, "local", kind, 1002, "RFC 6455 §5.1"],
	);
	assert.deepEqual(meeting.frames().map(withoutReason), ["880203ea"]);
	assert.deepEqual(meeting.messages.all, before === "" ? [] : ["a"]);
	await meeting.leave();
}

// RFC 6455 §5.1: "The server MUST close the connection upon receiving a frame that is not masked." "A client MUST close a
// connection if it detects a masked frame."
const received = ROLES.flatMap((role) =>
	TRAFFICS.flatMap((traffic) =>
		family(
			familyWith(role === "server" ? "masking, a client that does not" : "masking, a server that does", traffic),
			role,
			Object.fromEntries(
				Object.entries(KINDS).flatMap(([name, hex]) => [
					[name, (runtime: Runtime) => check(runtime, role, traffic, "", hex)],
					[`${name}, behind a message`, (runtime: Runtime) => check(runtime, role, traffic, "81 01 61", hex)],
				]),
			),
		),
	),
);

/** The masking keys of all small frames in these bytes. */
function keysIn(bytes: Uint8Array): string[] {
	const keys: string[] = [];
	for (let at = 0; at < bytes.length; ) {
		const length = bytes[at + 1] & 0x7f;
		assert.ok(bytes[at + 1] >= 0x80 && length < 126, "a small frame with a mask");
		keys.push(Buffer.from(bytes.subarray(at + 2, at + 6)).toString("hex"));
		at += 6 + length;
	}
	return keys;
}

const MESSAGES = 500;

// RFC 6455 §5.3: "The masking key is a 32-bit value chosen at random by the client", "a fresh masking key from the set of
// allowed 32-bit values" for each frame.
const keysWith = (traffic: Traffic): Case[] =>
	family(familyWith("masking, keys", traffic), "client", {
		async "a fresh one for each frame"(runtime) {
			const meeting = await meet(runtime, "client", { traffic });
			const { length } = meeting.peer.bytes;
			for (let i = 0; i < MESSAGES; i++) meeting.socket.send("x");
			const frames = await meeting.untilFrames(MESSAGES);
			assert.deepEqual(new Set(frames), new Set(["810178"]));
			const keys = new Set(keysIn(meeting.peer.bytes.subarray(length)));
			// Of 500 keys out of 2^32 two are the same once in 34,000 runs, and three once in many million.
			assert.ok(keys.size >= MESSAGES - 1, `${keys.size} different keys`);
			await meeting.leave();
		},
		async "another one for the same message on another connection"(runtime) {
			const keys = new Set<string>();
			for (let i = 0; i < 5; i++) {
				const meeting = await meet(runtime, "client", { traffic });
				const { length } = meeting.peer.bytes;
				meeting.socket.send("x");
				await meeting.untilFrames(1);
				for (const key of keysIn(meeting.peer.bytes.subarray(length))) keys.add(key);
				await meeting.leave();
			}
			assert.equal(keys.size, 5);
		},
		async "none is used on the caller's bytes"(runtime) {
			const meeting = await meet(runtime, "client", { traffic });
			for (const size of [1, 125, 126, 65_536, 300_000]) {
				const bytes = new Uint8Array(size).fill(7);
				meeting.socket.send(bytes);
				assert.ok(bytes.every((byte) => byte === 7));
			}
			await meeting.untilFrames(5);
			await meeting.leave();
		},
	});

export const masking: readonly Case[] = [...received, ...keysWith("plain"), ...keysWith("agreed")];
