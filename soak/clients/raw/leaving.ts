// WebSocket clients that leave in ways that no `Socket` has.
import assert from "node:assert/strict";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { announce, FIN, OPCODE, shortFrame } from "../../../attack/attackers/bytes.ts";
import { clientFrame, RSV1 } from "../../../bench/load/frames.ts";
import { CLOSE_CODE, ORDERS, PATHS } from "../../servers/paths.ts";
import { SILENCE_LIMIT } from "../../times.ts";
import { payloads } from "../payloads.ts";
import type { Visit, Ways } from "../seats.ts";
import { closeFrame, RawPeer } from "./peer.ts";

const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const INTERNAL_ERROR = 1011;
const RESERVED = 0x3;
const SYNC = { finishFlush: constants.Z_SYNC_FLUSH } as const;
/** RFC 7692 §7.2.1: the four bytes that a sync flush leaves at the end, and that are not sent. */
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/** After some talk the client leaves. `frames`: how many frames have come. */
const talked =
	(leave: (peer: RawPeer, frames: number) => Promise<unknown>): Visit =>
	async (port, seat) => {
		const peer = await RawPeer.open(port, PATHS.echo);
		try {
			const messages = await talk(peer, seat);
			await leave(peer, messages);
			return messages;
		} finally {
			peer.client.socket.destroy();
		}
	};

/** What comes before the end of the stream. */
const inFrame = clientFrame("binary", new Uint8Array(1000), 7).subarray(0, 500);

export const leavings: Ways = [
	[
		"Close by the client",
		talked(async (peer, frames) => {
			peer.client.write(closeFrame(NORMAL));
			await peer.closeFrame(frames + 1, NORMAL);
			await peer.end();
		}),
	],
	[
		"Close by the server",
		talked(async (peer, frames) => {
			peer.client.write(shortFrame(FIN | OPCODE.text, ORDERS.close));
			await peer.closeFrame(frames + 1, CLOSE_CODE);
			peer.client.write(closeFrame(CLOSE_CODE));
			await peer.end();
		}),
	],
	[
		"Close by both at once",
		talked(async (peer, frames) => {
			peer.client.write(Buffer.concat([shortFrame(FIN | OPCODE.text, ORDERS.close), closeFrame(NORMAL)]));
			await peer.closeFrame(frames + 1, CLOSE_CODE);
			await peer.end();
		}),
	],
	[
		"Close, then a reset",
		talked((peer) => {
			peer.client.write(closeFrame(NORMAL));
			return peer.client.reset();
		}),
	],
	["reset", talked((peer) => peer.client.reset())],
	[
		"half-close",
		talked(async (peer) => {
			peer.client.socket.end();
			await peer.end();
		}),
	],
	[
		"FIN without Close",
		talked((peer) => {
			peer.client.socket.destroy();
			return peer.client.gone;
		}),
	],
	[
		"silence",
		talked(async (peer, frames) => {
			peer.isSilent = true;
			const begin = performance.now();
			await peer.closeFrame(frames + 1, INTERNAL_ERROR);
			await peer.client.ended;
			const took = performance.now() - begin;
			assert.ok(took <= SILENCE_LIMIT, `cut off after ${took.toFixed(0)} ms`);
			await peer.client.close();
		}),
	],
	[
		"reset in a frame",
		talked((peer) => {
			peer.client.write(inFrame);
			return peer.client.reset();
		}),
	],
	[
		"FIN in a frame",
		talked(async (peer) => {
			peer.client.socket.end(inFrame);
			await peer.end();
		}),
	],
	[
		"FIN in a fragmented message",
		talked(async (peer) => {
			peer.client.socket.end(shortFrame(OPCODE.text, "begun"));
			await peer.end();
		}),
	],
	[
		"a reserved opcode",
		talked(async (peer, frames) => {
			peer.client.write(shortFrame(FIN | RESERVED, "?"));
			await peer.closeFrame(frames + 1, PROTOCOL_ERROR);
			await peer.end();
		}),
	],
	[
		"a length that is too much",
		talked(async (peer, frames) => {
			peer.client.write(announce(FIN | OPCODE.binary, 2n ** 40n));
			await peer.closeFrame(frames + 1, 1009);
			await peer.end();
		}),
	],
	["compressed, then a reset", (port) => compressed(port, (peer) => peer.client.reset())],
	[
		"compressed, then Close",
		(port) =>
			compressed(port, async (peer) => {
				peer.client.write(closeFrame(NORMAL));
				await peer.closeFrame(2, NORMAL);
				await peer.end();
			}),
	],
];

/** Sends all sorts of messages, one of them in fragments with a ping in between, and compares what comes back. */
async function talk(peer: RawPeer, seat: number): Promise<number> {
	const sent = payloads(seat);
	for (const [i, message] of sent.entries()) {
		const kind = typeof message === "string" ? "text" : "binary";
		peer.client.write(clientFrame(kind, Buffer.from(message as string), i + 1));
	}
	peer.client.write(
		Buffer.concat([
			shortFrame(OPCODE.text, "in "),
			shortFrame(OPCODE.continuation, "some "),
			shortFrame(FIN | OPCODE.continuation, "fragments"),
		]),
	);
	for (const [i, message] of [...sent, "in some fragments"].entries()) {
		const { first, payload } = await peer.frame(i + 1);
		assert.equal(first, FIN | (typeof message === "string" ? OPCODE.text : OPCODE.binary));
		assert.ok(payload.equals(Buffer.from(message as string)), `echo ${i} is another message`);
	}
	return sent.length + 1;
}

/** One message, compressed both ways. */
async function compressed(port: number, leave: (peer: RawPeer) => Promise<unknown>): Promise<number> {
	const peer = await RawPeer.open(port, PATHS.echo, true);
	try {
		const text = Buffer.from("again and again ".repeat(400));
		const frame = clientFrame("text", deflateRawSync(text, SYNC).subarray(0, -TAIL.length), 3);
		frame[0]! |= RSV1;
		peer.client.write(frame);
		const { first, payload } = await peer.frame(1);
		assert.equal(first, FIN | RSV1 | OPCODE.text);
		assert.ok(inflateRawSync(Buffer.concat([payload, TAIL]), SYNC).equals(text), "the echo is another message");
		await leave(peer);
		return 1;
	} finally {
		peer.client.socket.destroy();
	}
}
