import assert from "node:assert/strict";
import { SocketClosedError } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { concat } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { type Case, family, longForm, ROLES } from "../case.ts";
import { type Meeting, meet } from "../meeting.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { deflatedByZlib } from "../raw-deflate.ts";
import { familyWith, type Traffic } from "../traffic.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor, joinFragments } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** Messages of 1 MiB: in all, more than the system keeps at both ends of a connection. */
const MESSAGES = 32;

/** The default of `limits.highWaterMark`. */
const HIGH_WATER_MARK = 64 * 1024;

const CLOSE = Uint8Array.of(0x88, 2, 0x03, 0xe8);

/**
 * Here, what is compressed stays as long as it is: in blocks with no compression (RFC 1951 §3.2.4), which cost little time.
 */
const STORED = { compression: { threshold: 0, level: 0 } };

function message(i: number): Uint8Array<ArrayBuffer> {
	return pattern(MEBIBYTE, i * MEBIBYTE);
}

/** The peer sends all its messages. */
function sendAll({ peer, role, extensions }: Meeting): void {
	for (let i = 0; i < MESSAGES; i++) {
		const sent = extensions === "" ? frame(0x82, message(i)) : frame(0xc2, deflatedByZlib(message(i), 15, 0));
		peer.write(frameFor(role, sent));
	}
}

/** Enough turns to read all, were it read; then most of it must still be with the peer. */
async function assertHeldUp({ peer }: Meeting): Promise<void> {
	await passTurns(200);
	const waiting = peer.socket.writableLength;
	assert.ok(waiting > (MESSAGES / 4) * MEBIBYTE, `only ${waiting} bytes still wait with the peer`);
}

/** How long the frames are that our endpoint sends of all messages; a little longer, where they are compressed. */
const ALL = MESSAGES * (MEBIBYTE + 10);

/** Both sides' Close frames have been sent: waits for ours, ends the stream, and checks all that was sent. */
async function assertClosed(meeting: Meeting, before: readonly string[], after: readonly string[]): Promise<void> {
	const { peer, role } = meeting;
	const head = peer.bytes.indexOf("\r\n\r\n") + 4;
	const masks = role === "client" ? 4 * (before.length + MESSAGES + after.length) : 0;
	await peer.untilLength(head + [...before, ...after].join("").length / 2 + ALL + masks);
	assert.equal((await meeting.end()).wasClean, true);
	// A pong may come between the fragments of a large message.
	const isPong = (each: string): boolean => each.startsWith("8a");
	assert.deepEqual(meeting.frames().filter(isPong), after.filter(isPong));
	const frames = joinFragments(meeting.frames().filter((each) => !isPong(each)));
	assert.deepEqual(frames.splice(0, before.length), before);
	assert.deepEqual(
		frames.splice(MESSAGES),
		after.filter((each) => !isPong(each)),
	);
	for (const [i, each] of frames.entries())
		assertBytes(Buffer.from(each, "hex"), frame(0x82, message(i)), `message ${i}`);
}

const bothRoles = (role: Role, traffic: Traffic): Case[] => {
	const how = traffic === "plain" ? {} : { traffic, ...STORED };
	return family(familyWith("back-pressure", traffic), role, {
		async "a message handler that waits holds up the peer, and nothing is lost"(runtime) {
			const doors = new Inbox<() => void>();
			const came: Uint8Array[] = [];
			const meeting = await meet(runtime, role, how, (_socket, received) => {
				came.push(received as Uint8Array);
				return new Promise<void>((resolve) => doors.push(resolve));
			});
			sendAll(meeting);
			const first = await doors.next();
			await assertHeldUp(meeting);
			assert.equal(came.length, 1, "a second message came while the first was handled");
			first();
			for (let i = 1; i < MESSAGES; i++) {
				const open = await doors.next();
				assert.equal(came.length, i + 1);
				open();
			}
			for (const [i, each] of came.entries()) assertBytes(each, message(i), `message ${i}`);
			meeting.send(CLOSE);
			assert.equal((await meeting.end()).wasClean, true);
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "a for await loop reads at its own pace, and nothing is lost"(runtime) {
			const meeting = await meet(runtime, role, how, null);
			sendAll(meeting);
			const loop = meeting.socket[Symbol.asyncIterator]();
			const first = await loop.next();
			assertBytes(first.value as Uint8Array, message(0), "message 0");
			await assertHeldUp(meeting);
			for (let i = 1; i < MESSAGES; i++) {
				const { value } = await loop.next();
				assertBytes(value as Uint8Array, message(i), `message ${i}`);
				if (i === MESSAGES / 2) await passTurns(20);
			}
			meeting.send(CLOSE);
			assert.equal((await meeting.end()).wasClean, true);
			assert.deepEqual(await loop.next(), { done: true, value: undefined });
			await meeting.leave();
		},
		async "messages without a reader don't keep the Close frame from being seen"(runtime) {
			const meeting = await meet(runtime, role, how, null);
			sendAll(meeting);
			meeting.send(CLOSE);
			assert.deepEqual([(await meeting.end()).code, meeting.frames()], [1000, ["880203e8"]]);
			await meeting.leave();
		},
		async "a peer that does not read: send() says so, drained() and `drain` tell when it does"(runtime) {
			let drains = 0;
			const drained: number[] = [];
			const meeting = await meet(runtime, role, { ...how, drain: (socket) => drained.push(socket.bufferedAmount) });
			const { socket, peer } = meeting;
			assert.equal(socket.send(Uint8Array.of(1)), true);
			await peer.untilIt(() => (meeting.frames().length > 0 ? true : null));
			peer.socket.pause();
			let answer = true;
			for (let i = 0; i < MESSAGES; i++) answer = socket.send(message(i));
			assert.equal(answer, false);
			const waiting = socket.drained().then(() => void drains++);
			const alsoWaiting = socket.drained().then(() => void drains++);
			await passTurns(100);
			assert.ok(socket.bufferedAmount > (MESSAGES / 4) * MEBIBYTE, `only ${socket.bufferedAmount} bytes wait`);
			assert.deepEqual([drains, drained], [0, []]);
			peer.socket.resume();
			await Promise.all([waiting, alsoWaiting]);
			assert.deepEqual([drains, drained.length], [2, 1]);
			assert.ok((drained[0] ?? Number.NaN) <= HIGH_WATER_MARK, `${drained[0]} bytes wait`);
			await socket.drained();
			assert.equal(socket.send(Uint8Array.of(7)), true);
			meeting.send(CLOSE);
			await assertClosed(meeting, ["820101"], ["820107", "880203e8"]);
			await meeting.leave();
		},
		async "drained() rejects when the peer goes away instead of reading"(runtime) {
			const meeting = await meet(runtime, role, how);
			meeting.peer.socket.pause();
			for (let i = 0; i < MESSAGES; i++) meeting.socket.send(message(i));
			const waiting = assert.rejects(meeting.socket.drained(), (error) => {
				assert.ok(error instanceof SocketClosedError);
				assert.equal(error.code, "ERR_SOCKET_CLOSED");
				return true;
			});
			await meeting.peer.reset();
			await waiting;
			const { error, unsent, ...event } = await meeting.socket.closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open" });
			assert.ok(unsent > 0);
			assert.equal(error?.kind, "stream-reset");
			assert.equal(meeting.socket.bufferedAmount, 0);
			await meeting.leave();
		},
		async "a peer that reads at last gets all messages, its pong, and the Close frame"(runtime) {
			const meeting = await meet(runtime, role, how);
			const { socket, peer } = meeting;
			peer.socket.pause();
			for (let i = 0; i < MESSAGES; i++) socket.send(message(i));
			meeting.send(Uint8Array.of(0x89, 1, 0x70));
			meeting.send(Uint8Array.of(0x81, 1, 0x61));
			assert.equal(await meeting.messages.next(), "a");
			socket.close(1000);
			meeting.send(CLOSE);
			peer.socket.resume();
			await assertClosed(meeting, [], ["8a0170", "880203e8"]);
			const event = await socket.closed;
			assert.deepEqual(event, { code: 1000, reason: "", wasClean: true, by: "local", stage: "closed", unsent: 0 });
			await meeting.leave();
		},
		// RFC 6455 §5.5.3: "MAY elect to send a Pong frame for only the most recently processed Ping frame".
		async "a flood of pings by a peer that does not read makes few pongs, the last one among them"(runtime) {
			const meeting = await meet(runtime, role, how);
			const { socket, peer } = meeting;
			peer.socket.pause();
			const ping = frameFor(role, frame(0x89, new Uint8Array(125)));
			const pings = concat(Array.from({ length: 1_000 }, () => ping));
			const FLOODS = 200;
			for (let i = 0; i < FLOODS; i++) peer.write(pings);
			meeting.send(frame(0x89, Uint8Array.of(0x6c)));
			meeting.send(frame(0x81, Uint8Array.of(0x61)));
			assert.equal(await meeting.messages.next(), "a");
			// By now every ping has been read: 25 MB of pongs were due, more than the system keeps.
			assert.ok(socket.bufferedAmount < MEBIBYTE, `${socket.bufferedAmount} bytes wait`);
			socket.close(1000);
			meeting.send(CLOSE);
			peer.socket.resume();
			await peer.close();
			assert.equal((await socket.closed).wasClean, true);
			const frames = meeting.frames();
			assert.deepEqual(frames.splice(-2), ["8a016c", "880203e8"]);
			const pong = `8a7d${"00".repeat(125)}`;
			assert.ok(frames.every((each) => each === pong));
			assert.ok(frames.length < (FLOODS * 1_000) / 2, `${frames.length} pongs came`);
			await meeting.leave();
		},
	});
};

/** Of frames whose length is known: families/deflate-sending.ts has the others. */
const highWaterMark = (role: Role): Case[] =>
	family("back-pressure", role, {
		async "send() is false only above the high-water mark"(runtime) {
			const meeting = await meet(runtime, role, { limits: { highWaterMark: 1_000 } });
			const { socket, peer } = meeting;
			const before = peer.received;
			const overhead = role === "client" ? 8 : 4;
			assert.equal(socket.send(new Uint8Array(1_000 - overhead)), true);
			assert.equal(socket.bufferedAmount, 1_000);
			assert.equal(socket.send(new Uint8Array(0)), false);
			await socket.drained();
			await peer.untilLength(before + 1_000);
			await passTurns(5);
			assert.equal(socket.bufferedAmount, 0);
			assert.equal(socket.send(Uint8Array.of(1)), true);
			await meeting.leave();
		},
	});

export const backPressure: readonly Case[] = [
	...bothRoles("server", "plain"),
	...bothRoles("server", "compressed"),
	...bothRoles("client", "plain"),
	...longForm(bothRoles("client", "compressed")),
	...ROLES.flatMap(highWaterMark),
];
