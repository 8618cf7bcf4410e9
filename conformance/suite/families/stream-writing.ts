import assert from "node:assert/strict";
import { once } from "node:events";
import type { ByteStream } from "@barewire/endpoint";
import { type Case, family } from "../case.ts";
import { onStream } from "../joined.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { passTurns } from "../turns.ts";

const MEBIBYTE = 1 << 20;

/** More than the system keeps for a socket. */
const MUCH = 32 * MEBIBYTE;

const PIECE = 256 * 1024;

/** Writes to a peer that does not read until the stream wants no more, and a good deal beyond. Returns how much. */
async function congest(stream: ByteStream, from: number = 0): Promise<number> {
	let written = 0;
	const write = (): boolean => {
		const room = stream.write(pattern(PIECE, from + written), false);
		written += PIECE;
		return room;
	};
	// A stream that hands its bytes on only when the turn ends has room again afterwards.
	for (;;) {
		while (write()) if (written > 256 * MEBIBYTE) throw new Error("write() never says stop");
		const waiting = stream.bufferedAmount;
		await passTurns(10);
		if (stream.bufferedAmount > 0 && stream.bufferedAmount === waiting) return written;
	}
}

// The writing part of the contract of `ByteStream` (packages/endpoint/src/stream.ts).
export const streamWriting: readonly Case[] = family("stream contract", "server", {
	"pieces that are announced leave together with the last": onStream(async ({ peer, stream }) => {
		const chunks: number[][] = [];
		peer.socket.on("data", (chunk: Uint8Array) => chunks.push([...chunk]));
		stream.write(Uint8Array.of(1), true);
		stream.write(Uint8Array.of(2), true);
		stream.write(Uint8Array.of(3), false);
		await peer.untilLength(3);
		assert.deepEqual(chunks, [[1, 2, 3]]);
	}),
	"pieces of all sizes, announced and not, keep their order": onStream(async ({ peer, stream }) => {
		let at = 0;
		for (let i = 0; i < 3_000; i++) {
			const length = i % 97 === 0 ? 20_000 + i : i % 50;
			if (length === 0) continue;
			stream.write(pattern(length, at), i % 3 !== 2);
			at += length;
			if (i % 500 === 0) await passTurns(1);
		}
		stream.write(pattern(1, at), false);
		stream.end();
		await peer.ended;
		assertBytes(peer.bytes, pattern(at + 1));
	}),
	"what is written from within received() comes back in order": onStream(async ({ peer, stream, told }) => {
		told.onReceived = (chunk) => void stream.write(chunk.slice(), false);
		const sent = pattern(8 * MEBIBYTE);
		peer.write(sent);
		peer.socket.end();
		await told.until(() => told.has("ended"));
		stream.end();
		await peer.ended;
		assertBytes(peer.bytes, sent);
	}),
	"32 MiB to a slow reader": onStream(async ({ peer, stream, told }) => {
		const sent = pattern(MUCH);
		peer.socket.on("data", () => {
			peer.socket.pause();
			setImmediate(() => peer.socket.resume());
		});
		for (let at = 0; at < MUCH; ) {
			const length = Math.min(1 + ((at * 7) % 200_000), MUCH - at);
			const room = stream.write(sent.subarray(at, at + length), false);
			at += length;
			if (room) continue;
			const { drains } = told;
			await told.until(() => told.drains > drains);
		}
		stream.end();
		await peer.ended;
		assertBytes(peer.bytes, sent);
		assert.equal(stream.bufferedAmount, 0);
		assert.equal(told.error, undefined);
	}),
	"what is taken of a large write is seen before all of it is": onStream(async ({ peer, stream }) => {
		const left = (): number => stream.bufferedAmount + (stream.writeInProgress ?? 0);
		peer.socket.pause();
		stream.write(pattern(2 * MUCH), false);
		let before = left();
		for (let still = 0; still < 10; still++) {
			await passTurns(10);
			if (left() !== before) still = 0;
			before = left();
		}
		assert.ok(before > 0);
		peer.socket.resume();
		while (left() === before) await passTurns(1);
		assert.ok(stream.bufferedAmount > 0);
	}),
	"write() says when enough is waiting, bufferedAmount how much, drained() once when it is out": onStream(
		async ({ peer, stream, told }) => {
			let expected = 0;
			for (let round = 0; round < 3; round++) {
				peer.socket.pause();
				expected += await congest(stream, expected);
				// To the byte, however it is written.
				for (const [length, more] of [
					[1, true],
					[40_000, true],
					[7, false],
					[70_000, false],
				] as const) {
					const before = stream.bufferedAmount;
					assert.equal(stream.write(pattern(length, expected), more), false);
					assert.equal(stream.bufferedAmount, before + length);
					expected += length;
				}
				const { drains } = told;
				await passTurns(10);
				assert.equal(told.drains, drains, "it has drained before anything was read");
				let amount = -1;
				told.onDrained = () => {
					amount = stream.bufferedAmount;
				};
				peer.socket.resume();
				await told.until(() => told.drains > drains);
				assert.equal(amount, 0);
				await peer.untilLength(expected);
				await passTurns(10);
				assert.equal(told.drains, drains + 1);
			}
			assertBytes(peer.bytes, pattern(expected));
		},
	),
	"no drained() where write() had room": onStream(async ({ peer, stream, told }) => {
		for (let i = 0; i < 100; i++) {
			assert.equal(stream.write(Uint8Array.of(i), false), true);
			await peer.untilLength(i + 1);
		}
		await passTurns(10);
		assert.deepEqual(told.order, []);
		assert.equal(stream.bufferedAmount, 0);
	}),
	"what is written from within drained() leaves too": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		const written = await congest(stream);
		told.onDrained = () => {
			told.onDrained = null;
			stream.write(pattern(100_000, written), false);
		};
		peer.socket.resume();
		await peer.untilLength(written + 100_000);
		assertBytes(peer.bytes, pattern(written + 100_000));
	}),
	"end() lets everything leave first": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		const written = await congest(stream);
		stream.write(pattern(5, written), false);
		stream.end();
		await passTurns(20);
		peer.socket.resume();
		await peer.ended;
		assertBytes(peer.bytes, pattern(written + 5));
		peer.write("answer");
		peer.socket.end();
		assert.equal(await told.untilClosed(), null);
		assert.equal(Buffer.from(told.bytes).toString(), "answer");
	}),
	"end() while the peer sends 8 MiB: it reads all that was written, and no reset": onStream(
		async ({ peer, stream, told }) => {
			peer.socket.pause();
			const sent = pattern(8 * MEBIBYTE);
			const uploaded = once(peer.socket, "finish");
			peer.socket.end(sent);
			await told.untilBytes(1);
			const written = pattern(MEBIBYTE);
			stream.write(written, false);
			stream.end();
			await uploaded;
			peer.socket.resume();
			assert.equal(await peer.gone, null);
			assertBytes(peer.bytes, written);
			assert.equal(await told.untilClosed(), null);
			assertBytes(told.bytes, sent);
		},
	),
	"a reset while bytes wait": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		await congest(stream);
		const before = told.order.length;
		await peer.reset();
		const error = await told.untilClosed();
		assert.equal((error as { code?: unknown } | null)?.code, "ERR_CONNECTION_RESET");
		assert.equal(stream.write(Uint8Array.of(1), false), false);
		await passTurns(10);
		assert.deepEqual(told.order.slice(before), ["closed"]);
	}),
	"destroy() while bytes wait drops them": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		const written = await congest(stream);
		const before = told.order.length;
		stream.destroy();
		assert.equal(await told.untilClosed(), null);
		peer.socket.resume();
		await peer.ended;
		// By a FIN or by a reset: what the system had taken may come or not.
		const came = peer.bytes.length;
		assert.ok(came < written, `${came} of ${written} came`);
		assertBytes(peer.bytes, pattern(came));
		assert.deepEqual(told.order.slice(before), ["closed"]);
	}),
	"destroy() after end() while bytes wait": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		await congest(stream);
		const before = told.order.length;
		stream.end();
		stream.destroy();
		assert.equal(await told.untilClosed(), null);
		assert.deepEqual(told.order.slice(before), ["closed"]);
	}),
	"the peer ends while bytes wait: they leave all the same": onStream(async ({ peer, stream, told }) => {
		peer.socket.pause();
		const written = await congest(stream);
		const before = told.order.length;
		peer.socket.end();
		await told.until(() => told.has("ended"));
		const { drains } = told;
		peer.socket.resume();
		await told.until(() => told.drains > drains);
		stream.end();
		await peer.ended;
		assertBytes(peer.bytes, pattern(written));
		assert.equal(await told.untilClosed(), null);
		assert.deepEqual(told.order.slice(before), ["ended", "drained", "closed"]);
	}),
});
