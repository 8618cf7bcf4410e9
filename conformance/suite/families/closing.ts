import assert from "node:assert/strict";
import type { Role } from "@barewire/framing";
import { fromHex, toHex, utf8 } from "../../arbitraries/bytes.ts";
import { type Case, family, ROLES } from "../case.ts";
import { meet } from "../meeting.ts";
import { familyWith, TRAFFICS, type Traffic } from "../traffic.ts";
import { broken, CLOSE_1000, type Outcome, type WireCase, wireCases } from "../wire-case.ts";

/** A Close frame. */
function close(code: number, reason: Uint8Array = new Uint8Array(0)): Uint8Array {
	return Uint8Array.of(0x88, 2 + reason.length, code >> 8, code & 0xff, ...reason);
}

/** The peer begins, and gets its code back (RFC 6455 §5.5.1: "typically echos the status code it received"). */
function answered(frame: Uint8Array, code: number, reason: string = "", messages: readonly string[] = []): WireCase {
	const output = code === 1005 ? "8800" : toHex(close(code));
	const closed: Outcome["closed"] = { code, reason, wasClean: true, by: "peer", failure: null };
	return { sends: [frame], outcome: { messages, output: [output], closed } };
}

/** RFC 6455 §7.4: what may stand in a Close frame. */
const MAY_BE_SENT = [
	1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
];

/** RFC 6455 §7.4: what may not. */
const MAY_NOT_BE_SENT = [0, 1, 100, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 9999, 32_768, 65_535];

const REASONS: readonly string[] = ["bye", "é", "\u{1f600}", "r".repeat(123), "€".repeat(41), "\0"];

const BAD_REASONS: readonly string[] = ["80", "c0", "ff", "c3", "e282", "eda080", "f4908080", `${"61".repeat(121)}c3`];

const wire = wireCases("closing", {
	"no code": answered(fromHex("8800"), 1005),
	...Object.fromEntries(MAY_BE_SENT.map((code) => [`code ${code}`, answered(close(code), code)])),
	...Object.fromEntries(MAY_NOT_BE_SENT.map((code) => [`code ${code}`, broken([close(code)], "close-code", 1002)])),
	...Object.fromEntries(
		REASONS.map((reason) => [
			`reason ${JSON.stringify(reason.slice(0, 8))} of ${utf8(reason).length} bytes`,
			answered(close(4000, utf8(reason)), 4000, reason),
		]),
	),
	...Object.fromEntries(
		BAD_REASONS.map((hex) => [
			`a reason that is not UTF-8, ${hex.slice(-8)}`,
			broken([close(1000, fromHex(hex))], "close-reason-utf8", 1007),
		]),
	),
	// §5.5.1: "the first two bytes of the body MUST be a 2-byte unsigned integer"
	"half a code": broken(["88 01 03"], "close-payload-length", 1002),
	"a reason of 124 bytes": broken([Uint8Array.of(0x88, 126, 0, 126, 3, 232)], "control-too-long", 1002),
	// §1.4: "After receiving a control frame indicating the connection should be closed, a peer discards any further data".
	"a message behind the Close frame": {
		sends: [CLOSE_1000, "81 02 68 69"],
		outcome: answered(fromHex(CLOSE_1000), 1000).outcome,
	},
	"a ping behind the Close frame": {
		sends: [CLOSE_1000, "89 00"],
		outcome: answered(fromHex(CLOSE_1000), 1000).outcome,
	},
	"a second Close frame": { sends: [CLOSE_1000, close(4000)], outcome: answered(fromHex(CLOSE_1000), 1000).outcome },
	"garbage behind the Close frame": {
		sends: [CLOSE_1000, "ff ff ff ff ff ff"],
		outcome: answered(fromHex(CLOSE_1000), 1000).outcome,
	},
	"a message before the Close frame": {
		sends: ["81 02 68 69", CLOSE_1000],
		outcome: answered(fromHex(CLOSE_1000), 1000, "", ["hi"]).outcome,
	},
	"a Close frame inside a fragmented message": {
		sends: ["01 02 68 69", CLOSE_1000],
		outcome: answered(fromHex(CLOSE_1000), 1000).outcome,
	},
});

const TEXT_HI = fromHex("81 02 68 69");

const actedWith = (role: Role, traffic: Traffic): Case[] =>
	family(familyWith("closing", traffic), role, {
		async "begun here, answered by the peer"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.close(4001, "done");
			assert.deepEqual(await meeting.untilFrames(1), [toHex(close(4001, utf8("done")))]);
			assert.equal(meeting.socket.readyState, "closing");
			meeting.send(close(4001));
			assert.deepEqual(await meeting.end(), {
				code: 4001,
				reason: "",
				wasClean: true,
				by: "local",
				stage: "closed",
				unsent: 0,
			});
			await meeting.leave();
		},
		async "begun here without a code"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.close();
			assert.deepEqual(await meeting.untilFrames(1), ["8800"]);
			meeting.send(fromHex("8800"));
			assert.deepEqual(await meeting.end(), {
				code: 1005,
				reason: "",
				wasClean: true,
				by: "local",
				stage: "closed",
				unsent: 0,
			});
			await meeting.leave();
		},
		async "begun here; what the peer sends until its Close frame arrives still counts"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.close(1000);
			await meeting.untilFrames(1);
			meeting.send(TEXT_HI);
			meeting.send(fromHex("89 01 70"));
			meeting.send(close(1000));
			const event = await meeting.end();
			assert.deepEqual([event.wasClean, event.by], [true, "local"]);
			assert.deepEqual(meeting.messages.all, ["hi"]);
			// §5.5.1: "The application MUST NOT send any more data frames after sending a Close frame": a pong is none.
			assert.deepEqual(meeting.frames().slice(1), ["8a0170"]);
			await meeting.leave();
		},
		async "by both at once"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.send(close(4002));
			meeting.socket.close(4001);
			assert.deepEqual(await meeting.untilFrames(1), [toHex(close(4001))]);
			assert.deepEqual(await meeting.end(), {
				code: 4002,
				reason: "",
				wasClean: true,
				by: "local",
				stage: "closed",
				unsent: 0,
			});
			assert.equal(meeting.frames().length, 1);
			await meeting.leave();
		},
		async "a second close() changes nothing"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.close(4001, "first");
			meeting.socket.close(4002, "second");
			meeting.send(close(1000));
			await meeting.end();
			assert.deepEqual(meeting.frames(), [toHex(close(4001, utf8("first")))]);
			await meeting.leave();
		},
		async "send() behind close() is dropped and says so"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.close(1000);
			assert.equal(meeting.socket.send("late"), false);
			meeting.send(close(1000));
			await meeting.end();
			assert.deepEqual(meeting.frames(), [CLOSE_1000]);
			await meeting.leave();
		},
		async "messages that were sent before close() leave before the Close frame"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			for (let i = 0; i < 100; i++) meeting.socket.send(Uint8Array.of(i));
			meeting.socket.close(1000);
			const frames = await meeting.untilFrames(101);
			assert.deepEqual(
				frames.slice(0, 100),
				Array.from({ length: 100 }, (_, i) => toHex(Uint8Array.of(0x82, 1, i))),
			);
			assert.equal(frames[100], CLOSE_1000);
			meeting.send(close(1000));
			assert.equal((await meeting.end()).wasClean, true);
			await meeting.leave();
		},
		async "the stream ends without a Close frame"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.send(TEXT_HI);
			await meeting.messages.next();
			meeting.peer.socket.end();
			const { error, ...event } = await meeting.socket.closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open", unsent: 0 });
			assert.equal(error?.kind, "stream-ended");
			await meeting.leave();
		},
		async "the stream ends inside a frame"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.peer.write(Uint8Array.of(0x81));
			meeting.peer.socket.end();
			assert.equal((await meeting.socket.closed).error?.kind, "stream-ended");
			await meeting.leave();
		},
		async "the stream is reset"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			await meeting.peer.reset();
			const { error, ...event } = await meeting.socket.closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open", unsent: 0 });
			assert.equal(error?.kind, "stream-reset");
			await meeting.leave();
		},
		async "terminate() shows the peer no Close frame"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.socket.terminate();
			await meeting.peer.ended;
			assert.deepEqual(meeting.frames(), []);
			const event = await meeting.socket.closed;
			assert.deepEqual([event.code, event.wasClean, event.by], [1006, false, "local"]);
			await meeting.leave();
		},
		async "a peer that never answers is cut off when the time for closing is over"(runtime) {
			const meeting = await meet(runtime, role, { traffic, timeouts: { closing: 50 } });
			meeting.socket.close(1000);
			const event = await meeting.socket.closed;
			assert.deepEqual([event.code, event.by, event.error?.kind], [1006, "local", "closing-timeout"]);
			await meeting.peer.ended;
			await meeting.leave();
		},
		async "a failure while the peer sends on and on still shows it the Close frame"(runtime) {
			const meeting = await meet(runtime, role, { traffic });
			meeting.send(fromHex("83 00"));
			// RFC 6455 §7.1.7: the rest is discarded, and must not turn the Close frame into a reset.
			const more = new Uint8Array(1 << 20);
			for (let i = 0; i < 8; i++) meeting.peer.write(more);
			const [frame] = await meeting.untilFrames(1);
			assert.match(frame ?? "", /^88..03ea/);
			await meeting.end();
			await meeting.leave();
		},
		async "a message handler that throws closes with 1011"(runtime) {
			const meeting = await meet(runtime, role, { traffic }, () => {
				throw new Error("the handler failed");
			});
			meeting.send(TEXT_HI);
			const [frame] = await meeting.untilFrames(1);
			assert.match(frame ?? "", /^88..03f3/);
			meeting.send(close(1011));
			assert.equal((await meeting.end()).by, "local");
			assert.deepEqual(
				meeting.errors.map((error) => (error as Error).message),
				["the handler failed"],
			);
			await meeting.leave();
		},
	});

// RFC 6455 §7.1.1: the server closes the TCP connection first.
const halvesWith = (traffic: Traffic): Case[] => [
	...family(familyWith("closing", traffic), "server", {
		async "the server ends the stream first, and goes on reading"(runtime) {
			const meeting = await meet(runtime, "server", { traffic });
			meeting.send(close(1000));
			await meeting.peer.ended;
			assert.deepEqual(meeting.frames(), [CLOSE_1000]);
			// The stream is half open: the peer can still write, and nothing is reset.
			for (let i = 0; i < 4; i++) meeting.peer.write(new Uint8Array(1 << 18));
			meeting.peer.socket.end();
			assert.equal(await meeting.peer.gone, null);
			assert.equal((await meeting.socket.closed).wasClean, true);
			await meeting.leave();
		},
	}),
	...family(familyWith("closing", traffic), "client", {
		async "the client waits for the server to end the stream"(runtime) {
			const meeting = await meet(runtime, "client", { traffic });
			meeting.send(close(1000));
			assert.deepEqual(await meeting.untilFrames(1), [CLOSE_1000]);
			assert.equal(meeting.peer.socket.readableEnded, false);
			meeting.peer.socket.end();
			assert.equal(await meeting.peer.gone, null);
			assert.equal((await meeting.socket.closed).wasClean, true);
			await meeting.leave();
		},
	}),
];

export const closing: readonly Case[] = [
	...wire,
	...TRAFFICS.flatMap((traffic) => [...ROLES.flatMap((role) => actedWith(role, traffic)), ...halvesWith(traffic)]),
];
