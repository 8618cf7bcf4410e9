import assert from "node:assert/strict";
import { ConnectionError, SocketClosedError } from "@barewire/endpoint";
import type { Role } from "@barewire/framing";
import { utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { type Case, family, longForm, ROLES } from "../case.ts";
import { meetInParts } from "../meeting-in-parts.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { deflatedByZlib } from "../raw-deflate.ts";
import { RawInflater } from "../raw-inflate.ts";
import { familyWith, type Traffic } from "../traffic.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;

/** One message of so many MiB: more than the system keeps at both ends of a connection. */
const MEBIBYTES = 32;

const [TEXT, BINARY, MORE, LAST, FIN, RSV1] = [0x01, 0x02, 0x00, 0x80, 0x80, 0x40];

const HELLO = frame(FIN | TEXT, utf8("hello"));

/** With the code 1000. */
const CLOSE = frame(0x88, Uint8Array.of(0x03, 0xe8));

const boom = new Error("boom");

/** The frames of one message of 32 MiB. Compressed, it stays as long: in blocks with no compression, which cost little time. */
function largeMessage(traffic: Traffic): Uint8Array[] {
	const whole = pattern(MEBIBYTES * MEBIBYTE);
	const payload = traffic === "plain" ? whole : deflatedByZlib(whole, 15, 0);
	const first = traffic === "plain" ? BINARY : BINARY | RSV1;
	return Array.from({ length: MEBIBYTES }, (_, i) => {
		const isLast = i === MEBIBYTES - 1;
		const piece = payload.subarray(i * MEBIBYTE, isLast ? payload.length : (i + 1) * MEBIBYTE);
		return frame(isLast ? LAST : i === 0 ? first : MORE, piece);
	});
}

const receiving = (role: Role, traffic: Traffic): Case[] =>
	family(familyWith("streaming", traffic), role, {
		async "who does not pull holds the peer up, and gets the message whole"(runtime) {
			const { opened, open } = door();
			const done = new Inbox<number>();
			const meeting = await meetInParts(runtime, role, { traffic }, async (_socket, incoming) => {
				let size = 0;
				for await (const part of incoming) {
					assertBytes(part as Uint8Array, pattern(part.length, size), `the part at ${size}`);
					size += part.length;
					await opened;
				}
				done.push(size);
			});
			for (const each of largeMessage(traffic)) meeting.peer.write(frameFor(role, each));
			await passTurns(200);
			const waiting = meeting.peer.socket.writableLength;
			assert.ok(waiting > (MEBIBYTES / 4) * MEBIBYTE, `only ${waiting} bytes still wait with the peer`);
			open();
			assert.equal(await done.next(), MEBIBYTES * MEBIBYTE);
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "what is not wanted is read and dropped, and the next message comes"(runtime) {
			const texts = new Inbox<string>();
			let messages = 0;
			const meeting = await meetInParts(runtime, role, { traffic }, async (_socket, incoming) => {
				messages++;
				if (messages === 1) for await (const _part of incoming) break;
				if (messages > 2) texts.push(await incoming.text());
			});
			// One whose loop is left, and one that nobody touches.
			for (const each of [...largeMessage(traffic), ...largeMessage(traffic)]) meeting.peer.write(frameFor(role, each));
			meeting.send(HELLO);
			assert.equal(await texts.next(), "hello");
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "parts come as they are sent, and no text part cuts a character"(runtime) {
			const parts = new Inbox<string | Uint8Array>();
			const meeting = await meetInParts(runtime, role, { traffic }, async (_socket, incoming) => {
				parts.push(incoming.kind);
				for await (const part of incoming) parts.push(part);
				parts.push("end");
			});
			const bytes = utf8("é€😀".repeat(500));
			const fragments: Uint8Array[] = [];
			for (let at = 0; at < bytes.length; at += 7)
				fragments.push(frame(at === 0 ? TEXT : MORE, bytes.subarray(at, at + 7)));
			meeting.send(...fragments, frame(LAST, utf8("")));
			assert.equal(await parts.next(), "text");
			let whole = "";
			for (let part = await parts.next(); part !== "end"; part = await parts.next()) {
				assert.ok(typeof part === "string" && /^[é€😀]+$/u.test(part), `a part: ${part}`);
				whole += part;
			}
			assert.equal(whole, "é€😀".repeat(500));
			await meeting.leave();
		},
		async "text(), bytes() and `readable`, of messages that are empty too"(runtime) {
			const got: unknown[] = [];
			const meeting = await meetInParts(runtime, role, { traffic });
			const fragments = [frame(TEXT, utf8("h")), frame(MORE, utf8("")), frame(LAST, utf8("é"))];
			const empty = frame(FIN | TEXT, utf8(""));
			meeting.send(...fragments, empty, ...fragments, empty, ...fragments, empty);
			const loop = meeting.socket[Symbol.asyncIterator]();
			for (let i = 0; i < 6; i++) {
				const incoming = (await loop.next()).value;
				if (incoming === undefined) break;
				if (i < 2) got.push(await incoming.text());
				else if (i < 4) got.push(Buffer.from(await incoming.bytes()).toString());
				else got.push(await new Response(incoming.readable).text());
			}
			assert.deepEqual(got, ["hé", "", "hé", "", "hé", ""]);
			await meeting.leave();
		},
		async "text() of more than maxMessageSize: 1009, and no further message"(runtime) {
			const failures = new Inbox<unknown>();
			let messages = 0;
			const limits = { maxMessageSize: 1_000 };
			const meeting = await meetInParts(runtime, role, { traffic, limits }, async (_socket, incoming) => {
				messages++;
				await incoming.text().catch((error) => failures.push(error));
			});
			meeting.send(frame(FIN | TEXT, utf8("x".repeat(1_001))), HELLO);
			const error = await failures.next();
			assert.ok(error instanceof ConnectionError);
			assert.equal(error.kind, "message-too-big");
			await meeting.peer.untilIt(() => (meeting.sent().firsts.includes(0x88) ? true : null));
			await meeting.peer.close();
			assert.equal((await meeting.socket.closed).error?.closeCode, 1009);
			await meeting.leave();
			assert.deepEqual([messages, meeting.errors], [1, []]);
		},
		async "more than maxStreamedSize: 1009, and reading rejects"(runtime) {
			const failures = new Inbox<unknown>();
			const limits = { maxStreamedSize: 1_000 };
			const meeting = await meetInParts(runtime, role, { traffic, limits }, async (_socket, incoming) => {
				await incoming.bytes().catch((error) => failures.push(error));
			});
			meeting.send(frame(BINARY, pattern(600)), frame(LAST, pattern(600)));
			await meeting.peer.untilIt(() => (meeting.sent().firsts.includes(0x88) ? true : null));
			await meeting.peer.close();
			// Compressed, it may fail before its first part is given.
			const { error } = await meeting.socket.closed;
			assert.deepEqual([error?.kind, error?.closeCode], ["message-too-big", 1009]);
			if (traffic === "plain") assert.ok((await failures.next()) instanceof SocketClosedError);
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "a peer that breaks off in mid-message: reading rejects"(runtime) {
			const failures = new Inbox<unknown>();
			const parts = new Inbox<unknown>();
			const meeting = await meetInParts(runtime, role, { traffic }, async (_socket, incoming) => {
				try {
					for await (const part of incoming) parts.push(part);
				} catch (error) {
					failures.push(error);
				}
			});
			const [first] = largeMessage(traffic);
			meeting.peer.write(frameFor(role, first));
			await parts.next();
			await meeting.peer.reset();
			assert.ok((await failures.next()) instanceof SocketClosedError);
			assert.equal((await meeting.socket.closed).code, 1006);
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
	});

const sending = (role: Role): Case[] =>
	family("streaming", role, {
		async "a ping is answered while a message is pulled"(runtime) {
			const meeting = await meetInParts(runtime, role, {}, async (_socket, incoming) => void (await incoming.text()));
			meeting.send(frame(TEXT, utf8("a")), frame(0x89, utf8("p")));
			await meeting.peer.untilIt(() => (meeting.sent().firsts.includes(0x8a) ? true : null));
			await meeting.leave();
		},
		async "a peer that does not read slows the source down, and gets all when it reads"(runtime) {
			const meeting = await meetInParts(runtime, role);
			const { peer, socket } = meeting;
			let yielded = 0;
			async function* source(): AsyncGenerator<Uint8Array> {
				for (; yielded < MEBIBYTES * 16; yielded++) yield pattern(MEBIBYTE / 16, (yielded * MEBIBYTE) / 16);
			}
			peer.socket.pause();
			const sent = socket.sendStream("binary", source());
			assert.equal(socket.send("behind"), true);
			await passTurns(200);
			assert.ok(yielded < MEBIBYTES * 12, `${yielded} pieces of ${MEBIBYTES * 16} were taken`);
			assert.ok(socket.bufferedAmount < MEBIBYTE, `${socket.bufferedAmount} bytes wait`);
			peer.socket.resume();
			await sent;
			await peer.untilLength(MEBIBYTES * MEBIBYTE + 6);
			await peer.untilTail(role === "server" ? "behind" : peer.text.slice(-6));
			await peer.untilIt(() => (meeting.sent().firsts.at(-1) === (FIN | TEXT) ? true : null));
			const { firsts, payload } = meeting.sent();
			assert.deepEqual(firsts, [BINARY, ...new Array(MEBIBYTES * 16 - 1).fill(MORE), LAST, FIN | TEXT]);
			assertBytes(payload.subarray(0, -6), pattern(MEBIBYTES * MEBIBYTE));
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "close() waits for it and for what was sent behind it"(runtime) {
			const meeting = await meetInParts(runtime, role);
			const { peer, socket } = meeting;
			const { opened, open } = door();
			async function* source(): AsyncGenerator<string> {
				yield "one ";
				await opened;
				yield "two ";
			}
			const sent = socket.sendStream("text", source());
			socket.send("three ");
			const behind = socket.sendStream("text", ["four"]);
			await peer.untilIt(() => (meeting.sent().firsts.length > 0 ? true : null));
			socket.close(1000);
			open();
			await Promise.all([sent, behind]);
			await peer.untilIt(() => (meeting.sent().firsts.includes(0x88) ? true : null));
			const { firsts, payload } = meeting.sent();
			assert.deepEqual(firsts, [TEXT, MORE, LAST, FIN | TEXT, TEXT, LAST, 0x88]);
			assert.equal(Buffer.from(payload).toString(), "one two three four");
			meeting.send(CLOSE);
			await peer.close();
			assert.equal((await socket.closed).wasClean, true);
			await meeting.leave();
		},
		async "compressed, unless `compress` is false"(runtime) {
			const meeting = await meetInParts(runtime, role, { traffic: "agreed" });
			const pieces = ["é€", "😀".repeat(1_000), "", "é€".repeat(1_000)];
			await meeting.socket.sendStream("text", pieces);
			await meeting.peer.untilIt(() => ((meeting.sent().firsts.at(-1) ?? 0) >= FIN ? true : null));
			const { firsts, payload } = meeting.sent();
			assert.equal(firsts[0], TEXT | RSV1);
			assert.ok(firsts.slice(1).every((first) => first === MORE || first === LAST));
			assert.ok(payload.length < 500, `${payload.length} bytes`);
			assert.equal(Buffer.from(new RawInflater(15, true).message(payload)).toString(), pieces.join(""));
			await meeting.socket.sendStream("text", pieces, { compress: false });
			const plain = utf8(pieces.join(""));
			await meeting.peer.untilIt(() => (meeting.sent().payload.length === payload.length + plain.length ? true : null));
			assertBytes(meeting.sent().payload.subarray(payload.length), plain);
			await meeting.leave();
		},
		async "a peer that breaks off: it rejects, and a source that yields nothing is cancelled"(runtime) {
			const meeting = await meetInParts(runtime, role);
			const cancelled = new Inbox<unknown>();
			const source = new ReadableStream<string>({
				start: (controller) => controller.enqueue("a"),
				cancel: () => cancelled.push(true),
			});
			const sent = meeting.socket.sendStream("text", source);
			await meeting.peer.untilIt(() => (meeting.sent().firsts.length > 0 ? true : null));
			const rejected = assert.rejects(sent, (error) => error instanceof SocketClosedError);
			await meeting.peer.reset();
			await rejected;
			await cancelled.next();
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
		async "a source that throws: told once, and 1011"(runtime) {
			const meeting = await meetInParts(runtime, role);
			// biome-ignore lint/correctness/useYield: that is what is tested
			async function* source(): AsyncGenerator<string> {
				throw boom;
			}
			void meeting.socket.sendStream("text", source());
			await meeting.peer.untilIt(() => (meeting.sent().firsts.includes(0x88) ? true : null));
			meeting.send(frame(0x88, Uint8Array.of(0x03, 0xf3)));
			await meeting.peer.close();
			assert.equal((await meeting.socket.closed).code, 1011);
			await meeting.leave();
			assert.deepEqual(meeting.errors, [boom]);
		},
		async "writable: a write waits for the peer, and abort() does not wait for the write"(runtime) {
			const meeting = await meetInParts(runtime, role, { timeouts: { stalled: 500 } });
			meeting.peer.socket.pause();
			const writer = meeting.socket.writable.getWriter();
			let written = 0;
			for (let i = 0; i < MEBIBYTES; i++)
				writer.write(new Uint8Array(MEBIBYTE)).then(
					() => written++,
					() => {},
				);
			writer.closed.catch(() => {});
			await passTurns(100);
			assert.ok(written < MEBIBYTES / 2, `${written} writes of ${MEBIBYTES} did not wait`);
			const aborted = writer.abort(boom).catch(() => {});
			assert.equal(meeting.socket.readyState, "closing");
			await meeting.socket.closed;
			await aborted;
			await meeting.leave();
			assert.deepEqual(meeting.errors, []);
		},
	});

/** A promise and what settles it. */
function door(): { opened: Promise<void>; open(): void } {
	const { promise, resolve } = Promise.withResolvers<void>();
	return { opened: promise, open: () => resolve() };
}

export const streaming: readonly Case[] = [
	...receiving("server", "plain"),
	...receiving("server", "compressed"),
	...receiving("client", "plain"),
	...longForm(receiving("client", "compressed")),
	...ROLES.flatMap(sending),
];
