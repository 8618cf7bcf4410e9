import assert from "node:assert/strict";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import { frame, frameFor } from "../wire-frames.ts";

const QUIET = { keepAlive: false } as const;

function text(message: string): Uint8Array {
	return frame(0x81, new TextEncoder().encode(message));
}

/** What one peer may send in a second, and how long it may take for a message. */
export const rates: readonly Case[] = ROLES.flatMap((role) =>
	family("rates", role, {
		async "a burst beyond maxMessagesPerSecond comes later, complete and in order"(runtime) {
			const meeting = await meet(runtime, role, { ...QUIET, limits: { maxMessagesPerSecond: 20 } });
			const sent = Array.from({ length: 28 }, (_, i) => `${i}`);
			meeting.send(...sent.map(text));
			for (const message of sent) assert.equal(await meeting.messages.next(), message);
			await meeting.leave();
		},
		async "one beyond maxBytesPerSecond too, and a message above it comes through"(runtime) {
			const meeting = await meet(runtime, role, { ...QUIET, limits: { maxBytesPerSecond: 100_000 } });
			const large = "x".repeat(120_000);
			meeting.send(text(large), text("behind it"));
			assert.equal(await meeting.messages.next(), large);
			assert.equal(await meeting.messages.next(), "behind it");
			await meeting.leave();
		},
		async "a peer that closes behind too many messages is heard"(runtime) {
			const meeting = await meet(runtime, role, { ...QUIET, limits: { maxMessagesPerSecond: 10 } });
			meeting.send(...Array.from({ length: 14 }, () => text("a")), frame(0x88, Uint8Array.of(0x03, 0xe8)));
			const { code, wasClean } = await meeting.end();
			assert.deepEqual([code, wasClean, meeting.messages.all.length], [1000, true, 14]);
			await meeting.leave();
		},
		async "a message whose rest does not come: 1008"(runtime) {
			const meeting = await meet(runtime, role, { ...QUIET, timeouts: { message: 150 } });
			meeting.send(frame(0x01, new Uint8Array(0)));
			const { by, error } = await meeting.end();
			assert.deepEqual([by, error?.kind, error?.closeCode], ["local", "message-timeout", 1008]);
			await meeting.leave();
		},
		async "a message that trickles in: the same"(runtime) {
			const meeting = await meet(runtime, role, { ...QUIET, timeouts: { message: 150 } });
			const message = frameFor(role, frame(0x82, new Uint8Array(1_000)));
			meeting.peer.write(message.subarray(0, 20));
			let at = 20;
			// Less than 20 bytes a second.
			const trickle = setInterval(() => meeting.peer.write(message.subarray(at, ++at)), 70);
			const { by, error } = await meeting.end();
			clearInterval(trickle);
			assert.deepEqual([by, error?.kind], ["local", "message-timeout"]);
			await meeting.leave();
		},
	}),
);
