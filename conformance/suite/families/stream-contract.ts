import assert from "node:assert/strict";
import { TransportError } from "@barewire/endpoint";
import { type Case, family } from "../case.ts";
import { onStream } from "../joined.ts";
import { assertBytes, pattern } from "../pattern.ts";
import { passTurns } from "../turns.ts";

const MEBIBYTE = 1 << 20;

/** More than the system keeps for a socket. */
const MUCH = 32 * MEBIBYTE;

function assertReset(error: Error | null): void {
	assert.ok(error instanceof TransportError);
	const { name, code, message, cause } = error;
	assert.deepEqual(
		{ name, code, message },
		{
			name: "TransportError",
			code: "ERR_CONNECTION_RESET",
			message: "cannot go on with the connection: the connection was reset",
		},
	);
	assert.ok(cause instanceof Error);
}

// What `ByteStream` and `StreamEvents` promise (packages/endpoint/src/stream.ts), seen from both sides: addresses, reading
// and the end. stream-writing.ts has the writing.
export const streamContract: readonly Case[] = family("stream contract", "server", {
	"shows the 5-tuple": onStream(async ({ peer, stream }) => {
		const { localPort, remotePort } = peer.socket;
		assert.deepEqual(stream.remote, { transport: "tcp", hostname: "127.0.0.1", port: localPort });
		assert.deepEqual(stream.local, { transport: "tcp", hostname: "127.0.0.1", port: remotePort });
		assert.equal(stream.secure, false);
	}),
	...Object.fromEntries(
		(["a reset", "destroy()", "an end in order"] as const).map((end) => [
			`shows the 5-tuple after ${end}`,
			onStream(async ({ peer, stream, told }) => {
				const { localPort, remotePort } = peer.socket;
				if (end === "a reset") await peer.reset();
				else if (end === "destroy()") stream.destroy();
				else {
					stream.end();
					peer.socket.end();
				}
				await told.untilClosed();
				assert.deepEqual(stream.remote, { transport: "tcp", hostname: "127.0.0.1", port: localPort });
				assert.deepEqual(stream.local, { transport: "tcp", hostname: "127.0.0.1", port: remotePort });
			}),
		]),
	),
	"after end() the peer's bytes still come; closed() when both halves have ended": onStream(
		async ({ peer, stream, told }) => {
			stream.end();
			await peer.ended;
			peer.write("late");
			await told.untilBytes(4);
			await passTurns(10);
			assert.deepEqual(told.order, ["received"]);
			peer.socket.end();
			assert.equal(await told.untilClosed(), null);
			assert.deepEqual(told.order, ["received", "ended", "closed"]);
			assert.equal(Buffer.from(told.bytes).toString(), "late");
			assert.equal(await peer.gone, null);
		},
	),
	"after the peer's end, bytes can still be sent": onStream(async ({ peer, stream, told }) => {
		peer.socket.end("first");
		await told.until(() => told.has("ended"));
		await passTurns(10);
		assert.deepEqual(told.order, ["received", "ended"]);
		stream.write(pattern(8 * MEBIBYTE), false);
		stream.end();
		assert.equal(await told.untilClosed(), null);
		assert.equal(await peer.gone, null);
		assertBytes(peer.bytes, pattern(8 * MEBIBYTE));
		assert.equal(told.order.filter((event) => event === "ended").length, 1);
	}),
	"both ends at once": onStream(async ({ peer, stream, told }) => {
		peer.socket.end();
		stream.end();
		assert.equal(await told.untilClosed(), null);
		assert.equal(await peer.gone, null);
		assert.deepEqual(told.order, ["ended", "closed"]);
	}),
	"a reset is closed() with an error": onStream(async ({ peer, told }) => {
		await peer.reset();
		assertReset(await told.untilClosed());
		assert.deepEqual(told.order, ["closed"]);
	}),
	"a reset after bytes": onStream(async ({ peer, told }) => {
		peer.write("bytes");
		await told.untilBytes(5);
		await peer.reset();
		assertReset(await told.untilClosed());
		assert.deepEqual(told.order, ["received", "closed"]);
	}),
	"a reset after this side's end": onStream(async ({ peer, stream, told }) => {
		stream.end();
		await peer.ended;
		await peer.reset();
		assertReset(await told.untilClosed());
		assert.deepEqual(told.order, ["closed"]);
	}),
	"destroy() is closed() without an error, also twice": onStream(async ({ peer, stream, told }) => {
		stream.destroy();
		stream.destroy();
		assert.equal(await told.untilClosed(), null);
		assert.deepEqual(told.order, ["closed"]);
		await peer.ended;
	}),
	"destroy() after the peer's end": onStream(async ({ peer, stream, told }) => {
		peer.socket.end();
		await told.until(() => told.has("ended"));
		stream.destroy();
		assert.equal(await told.untilClosed(), null);
		assert.deepEqual(told.order, ["ended", "closed"]);
	}),
	"destroy() from within received() is the last that is received": onStream(async ({ peer, stream, told }) => {
		told.onReceived = () => stream.destroy();
		peer.write(new Uint8Array(MUCH));
		assert.equal(await told.untilClosed(), null);
		await peer.gone;
		assert.equal(told.chunks.length, 1);
		assert.deepEqual(told.order, ["received", "closed"]);
	}),
	"nothing is told after closed(), whatever is asked": onStream(async ({ peer, stream, told }) => {
		await peer.reset();
		await told.untilClosed();
		stream.pause();
		stream.resume();
		stream.write(Uint8Array.of(1), true);
		stream.write(Uint8Array.of(2), false);
		stream.end();
		stream.destroy();
		await passTurns(20);
		assert.deepEqual(told.order, ["closed"]);
	}),
	"pause() makes the peer wait, resume() loses nothing": onStream(async ({ peer, stream, told }) => {
		stream.pause();
		const sent = pattern(MUCH);
		peer.write(sent);
		peer.socket.end();
		await passTurns(100);
		// What was read already may still come, and the system keeps some MiB at both ends.
		assert.ok(told.length <= MEBIBYTE, `${told.length} bytes came`);
		assert.ok(peer.socket.writableLength > 0, "all of it was read");
		assert.ok(!told.has("ended"));
		stream.resume();
		await told.until(() => told.has("ended"));
		assertBytes(told.bytes, sent);
		stream.end();
		assert.equal(await told.untilClosed(), null);
	}),
	"pause() from within received()": onStream(async ({ peer, stream, told }) => {
		const sent = pattern(MUCH);
		told.onReceived = () => {
			told.onReceived = null;
			stream.pause();
		};
		peer.write(sent);
		await told.untilBytes(1);
		await passTurns(100);
		assert.ok(told.length <= MEBIBYTE, `${told.length} bytes came`);
		assert.ok(peer.socket.writableLength > 0, "all of it was read");
		stream.resume();
		await told.untilBytes(MUCH);
		assertBytes(told.bytes, sent);
	}),
	"pause() and resume() at every chunk": onStream(async ({ peer, stream, told }) => {
		const sent = pattern(4 * MEBIBYTE);
		told.onReceived = () => {
			stream.pause();
			setImmediate(() => stream.resume());
		};
		peer.write(sent);
		peer.socket.end();
		await told.until(() => told.has("ended"));
		assertBytes(told.bytes, sent);
		assert.deepEqual(told.order, ["received", "ended"]);
	}),
	"a second pause() or resume() changes nothing": onStream(async ({ peer, stream, told }) => {
		stream.resume();
		stream.pause();
		stream.pause();
		stream.resume();
		stream.resume();
		const sent = pattern(MEBIBYTE);
		peer.write(sent);
		await told.untilBytes(MEBIBYTE);
		assertBytes(told.bytes, sent);
	}),
	"a peer that ends while the stream is paused": onStream(async ({ peer, stream, told }) => {
		stream.pause();
		peer.socket.end("held");
		await passTurns(20);
		assert.ok(!told.has("closed"));
		stream.resume();
		await told.until(() => told.has("ended"));
		assert.deepEqual(told.order, ["received", "ended"]);
		assert.equal(Buffer.from(told.bytes).toString(), "held");
		stream.write(Uint8Array.of(0x61), false);
		await peer.until(/^a$/);
	}),
	"a peer that ends without bytes while the stream is paused": onStream(async ({ peer, stream, told }) => {
		stream.pause();
		peer.socket.end();
		await passTurns(20);
		stream.resume();
		await told.until(() => told.has("ended"));
		assert.deepEqual(told.order, ["ended"]);
	}),
	"a reset while the stream is paused": onStream(async ({ peer, stream, told }) => {
		stream.pause();
		await peer.reset();
		await passTurns(20);
		stream.resume();
		assertReset(await told.untilClosed());
		assert.deepEqual(told.order, ["closed"]);
	}),
	...Object.fromEntries(
		([false, true] as const).map((isHeld) => [
			`a reset that a write meets while the stream is paused${isHeld ? ", behind bytes that are held" : ""}`,
			onStream(async ({ peer, stream, told }) => {
				stream.pause();
				if (isHeld) {
					peer.write(pattern(MUCH));
					await passTurns(20);
				}
				peer.socket.resetAndDestroy();
				// No turn ends in between, so it is a write that learns of the reset.
				while (stream.write(pattern(1024), false)) {}
				const error = await told.untilClosed();
				assert.ok(error instanceof TransportError);
				assert.equal(error.code, "ERR_CONNECTION_RESET");
				assert.equal(stream.bufferedAmount, 0);
				assert.ok(told.length <= MEBIBYTE, `${told.length} bytes came`);
				assert.equal(told.order.at(-1), "closed");
			}),
		]),
	),
	"destroy() while the stream is paused": onStream(async ({ peer, stream, told }) => {
		stream.pause();
		peer.write("held");
		await passTurns(20);
		stream.destroy();
		assert.equal(await told.untilClosed(), null);
		await peer.ended;
	}),
	"a chunk is given away: overwriting it changes no other": onStream(async ({ peer, stream, told }) => {
		const CHUNKS = 200;
		for (let i = 0; i < CHUNKS; i++) {
			const before = told.length;
			const piece = pattern(i % 10 === 0 ? 50_000 : 64, i);
			peer.write(piece);
			const first = told.chunks.length;
			await told.untilBytes(before + piece.length);
			const came = Buffer.concat(told.chunks.slice(first));
			assertBytes(came, piece, `piece ${i}`);
			// Every second one is unmasked in place, as it were, up to the end of what a view can reach.
			for (const chunk of told.chunks.slice(first)) if (i % 2 === 1) chunk.fill(0xff);
		}
		// Those that were left alone still say what they said.
		let at = 0;
		for (let i = 0; i < CHUNKS; i++) {
			const piece = pattern(i % 10 === 0 ? 50_000 : 64, i);
			const kept = told.bytes.subarray(at, at + piece.length);
			assertBytes(kept, i % 2 === 1 ? piece.fill(0xff) : piece, `piece ${i}, kept`);
			at += piece.length;
		}
		stream.destroy();
	}),
	"chunks are plain Uint8Arrays, the same on every runtime": onStream(async ({ peer, told }) => {
		peer.write(new Uint8Array(300_000));
		await told.untilBytes(300_000);
		for (const chunk of told.chunks) assert.equal(Object.getPrototypeOf(chunk), Uint8Array.prototype);
	}),
	"a listener that stops leaves the stream alone": onStream(async ({ peer, stream, told, stop }) => {
		stop();
		peer.write("still here");
		await told.untilBytes(10);
		stream.write(Uint8Array.of(0x61), false);
		await peer.until(/^a$/);
		assert.deepEqual(told.order, ["received"]);
	}),
});
