import assert from "node:assert/strict";
import { concat } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { type Case, family } from "../case.ts";
import { meet } from "../meeting.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, joinFragments } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

const CLOSE = frame(0x88, Uint8Array.of(0x03, 0xe8));

/** A server that sends these bytes in one piece with its 101, and then ends the stream. */
async function answeredAtOnce(runtime: Runtime, behind: Uint8Array) {
	const server = await RawServer.open();
	const messages: (string | Uint8Array)[] = [];
	const connecting = runtime.connect(server.url, { message: (_socket, message) => void messages.push(message) });
	const peer = await server.next();
	peer.socket.end(concat([switching(await peer.until(/\r\n\r\n/)), behind]));
	const socket = await connecting;
	const event = await socket.closed;
	await peer.gone;
	server.close();
	return { messages, event };
}

// The contract of a `ByteStream` that was dialled, as far as it shows at a socket and its raw server.
export const streamDialled: readonly Case[] = family("stream contract", "client", {
	async "shows the 5-tuple, also after the end"(runtime) {
		const { socket, peer, leave } = await meet(runtime, "client");
		const local = { transport: "tcp", hostname: "127.0.0.1", port: peer.socket.remotePort };
		const remote = { transport: "tcp", hostname: "127.0.0.1", port: peer.socket.localPort };
		assert.deepEqual([socket.local, socket.remote, socket.secure], [local, remote, false]);
		await leave();
		assert.deepEqual([socket.local, socket.remote], [local, remote]);
	},
	async "shows the 5-tuple after a reset"(runtime) {
		const { socket, peer, leave } = await meet(runtime, "client");
		const { remotePort, localPort } = peer.socket;
		await peer.reset();
		await socket.closed;
		assert.deepEqual(socket.local, { transport: "tcp", hostname: "127.0.0.1", port: remotePort });
		assert.deepEqual(socket.remote, { transport: "tcp", hostname: "127.0.0.1", port: localPort });
		await leave();
	},
	async "what comes in one piece with the 101, and the end behind it"(runtime) {
		const { messages, event } = await answeredAtOnce(runtime, concat([frame(0x81, Uint8Array.of(0x61)), CLOSE]));
		assert.deepEqual(messages, ["a"]);
		assert.deepEqual(event, { code: 1000, reason: "", wasClean: true, by: "peer", stage: "closed", unsent: 0 });
	},
	async "8 MiB in one piece with the 101, and the end behind it"(runtime) {
		const payload = pattern(8 * MEBIBYTE);
		const { messages, event } = await answeredAtOnce(runtime, concat([frame(0x82, payload), CLOSE]));
		assert.equal(messages.length, 1);
		assertBytes(messages[0] as Uint8Array, payload);
		assert.equal(event.wasClean, true);
	},
	async "32 MiB to a slow reader"(runtime) {
		const meeting = await meet(runtime, "client");
		const { socket, peer } = meeting;
		peer.socket.on("data", () => {
			peer.socket.pause();
			setImmediate(() => peer.socket.resume());
		});
		const before = peer.received;
		const message = pattern(MEBIBYTE);
		for (let i = 0; i < 32; i++) if (!socket.send(message)) await socket.drained();
		// Each leaves in four fragments.
		await peer.untilLength(before + 32 * (MEBIBYTE + 4 * 14));
		await passTurns(5);
		assert.equal(socket.bufferedAmount, 0);
		const expected = Buffer.from(frame(0x82, message)).toString("hex");
		const messages = joinFragments(meeting.frames());
		assert.ok(messages.length === 32 && messages.every((each) => each === expected));
		await meeting.leave();
	},
	async "8 MiB by the server while the client closes: it reads all that was sent, and no reset"(runtime) {
		const meeting = await meet(runtime, "client");
		const { socket, peer } = meeting;
		peer.socket.pause();
		const message = pattern(MEBIBYTE);
		for (let i = 0; i < 8; i++) peer.write(frame(0x82, message));
		await meeting.messages.next();
		const before = peer.received;
		socket.send(message);
		socket.close(1000);
		peer.write(CLOSE);
		peer.socket.resume();
		await peer.untilLength(before + MEBIBYTE + 4 * 14 + 8);
		peer.socket.end();
		assert.equal(await peer.gone, null);
		assert.equal((await socket.closed).wasClean, true);
		assert.deepEqual(joinFragments(meeting.frames()), [Buffer.from(frame(0x82, message)).toString("hex"), "880203e8"]);
		assert.equal(meeting.messages.all.length, 8);
		await meeting.leave();
	},
	async "terminate() while bytes wait: no more comes than the system had"(runtime) {
		const meeting = await meet(runtime, "client");
		const { socket, peer } = meeting;
		peer.socket.pause();
		for (let i = 0; i < 32; i++) socket.send(new Uint8Array(MEBIBYTE));
		await passTurns(20);
		socket.terminate();
		const { error: _error, unsent, ...event } = await socket.closed;
		assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "local", stage: "open" });
		assert.ok(unsent > 0);
		peer.socket.resume();
		await peer.ended;
		assert.ok(peer.received < 32 * MEBIBYTE);
		await meeting.leave();
	},
	async "a reset while bytes wait"(runtime) {
		const meeting = await meet(runtime, "client");
		const { socket, peer } = meeting;
		peer.socket.pause();
		for (let i = 0; i < 32; i++) socket.send(new Uint8Array(MEBIBYTE));
		await passTurns(20);
		await peer.reset();
		const { error, unsent, ...event } = await socket.closed;
		assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open" });
		assert.ok(unsent > 0);
		assert.equal(error?.kind, "stream-reset");
		assert.equal(socket.bufferedAmount, 0);
		await meeting.leave();
	},
	async "messages belong to the application: what was kept stays, and overwriting one changes no other"(runtime) {
		const MESSAGES = 200;
		const kept: Uint8Array[] = [];
		const came = new Inbox<Uint8Array>();
		const meeting = await meet(runtime, "client", {}, (_socket, message) => came.push(message as Uint8Array));
		const content = (i: number): Uint8Array => pattern(i % 10 === 0 ? 50_000 : 64, i);
		for (let i = 0; i < MESSAGES; i++) {
			meeting.peer.write(frame(0x82, content(i)));
			const message = await came.next();
			assertBytes(message, content(i), `message ${i}`);
			kept.push(i % 2 === 1 ? message.fill(0xff) : message);
		}
		for (const [i, message] of kept.entries())
			assertBytes(message, i % 2 === 1 ? content(i).fill(0xff) : content(i), `message ${i}, kept`);
		await meeting.leave();
	},
});
