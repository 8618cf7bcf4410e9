import assert from "node:assert/strict";
import { connect as connectNode } from "node:net";
import { attachConn } from "../src/stream.ts";
import { joined, Log, pair, readAll, turns } from "./joined.ts";

function assertReset(error: unknown): void {
	assert.ok(error instanceof Error && "code" in error);
	assert.deepEqual([error.name, error.code], ["TransportError", "ERR_CONNECTION_RESET"]);
}

async function read(peer: Deno.Conn): Promise<number[] | null> {
	const buffer = new Uint8Array(1024);
	const count = await peer.read(buffer);
	return count === null ? null : [...buffer.subarray(0, count)];
}

Deno.test("shows the five-tuple, also after the socket is gone", async () => {
	const { peer, stream, log } = await pair();
	const mine = { transport: "tcp", hostname: "127.0.0.1", port: peer.localAddr.port };
	const theirs = { transport: "tcp", hostname: "127.0.0.1", port: peer.remoteAddr.port };
	assert.deepEqual([stream.remote, stream.local], [mine, theirs]);
	peer.close();
	stream.destroy();
	await log.until("closed");
	assert.deepEqual([stream.remote, stream.local], [mine, theirs]);
});

Deno.test("pieces that are announced leave in one write with the last", async () => {
	const { peer, stream } = await pair();
	stream.write(Uint8Array.of(1), true);
	stream.write(Uint8Array.of(2), true);
	stream.write(Uint8Array.of(3), false);
	assert.deepEqual(await read(peer), [1, 2, 3]);
	peer.close();
	stream.destroy();
});

Deno.test("after end() the peer's bytes still come, and closed() comes once both halves have ended", async () => {
	const { peer, stream, log } = await pair();
	stream.end();
	stream.end();
	assert.equal(await read(peer), null);
	await peer.write(Uint8Array.of(9));
	assert.deepEqual(await log.until("received"), Uint8Array.of(9));
	assert.deepEqual(log.types, ["received"]);
	peer.close();
	assert.equal(await log.until("closed"), null);
	assert.deepEqual(log.types, ["received", "ended", "closed"]);
});

Deno.test("after the peer's end, bytes can still be sent", async () => {
	const { peer, stream, log } = await pair();
	await peer.closeWrite();
	await log.until("ended");
	stream.write(Uint8Array.of(9), false);
	stream.end();
	assert.deepEqual([...(await readAll(peer))], [9]);
	assert.equal(await log.until("closed"), null);
	assert.deepEqual(log.types, ["ended", "closed"]);
});

Deno.test("what is written before end() is sent before the FIN, however slow the reader", async () => {
	const { peer, stream, log } = await pair();
	const much = new Uint8Array(32 << 20).fill(7);
	assert.equal(stream.write(much, false), false);
	assert.equal(stream.bufferedAmount, much.length);
	stream.end();
	const all = await readAll(peer);
	assert.equal(all.length, much.length);
	assert.ok(all.every((byte) => byte === 7));
	assert.equal(await log.until("closed"), null);
	assert.equal(stream.bufferedAmount, 0);
	assert.deepEqual(log.types.toSorted(), ["closed", "drained", "ended"]);
});

Deno.test("a reset is closed() with an error, once", async () => {
	using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	// `Deno.Conn` can't send a reset, the sockets of node:net can.
	const peer = connectNode(listener.addr.port, "127.0.0.1");
	peer.once("data", () => peer.resetAndDestroy());
	const { stream, log } = joined(await listener.accept());
	stream.write(Uint8Array.of(1), false);
	assertReset(await log.until("closed"));
	await turns();
	assert.deepEqual(log.types, ["closed"]);
	assert.equal(stream.write(Uint8Array.of(1), false), false);
	stream.end();
	stream.resume();
	stream.destroy();
	await turns();
	assert.deepEqual(log.types, ["closed"]);
	assert.equal(stream.bufferedAmount, 0);
});

Deno.test("a reset while much is being written", async () => {
	const { peer, stream, log } = await pair();
	stream.write(new Uint8Array(64 << 20), false);
	await peer.read(new Uint8Array(1));
	peer.close();
	assertReset(await log.until("closed"));
	await turns();
	assert.equal(log.types.filter((type) => type === "closed").length, 1);
	assert.equal(stream.bufferedAmount, 0);
});

Deno.test("destroy() is closed() without an error, with a read and a write under way", async () => {
	const { peer, stream, log } = await pair();
	stream.write(new Uint8Array(64 << 20), false);
	stream.destroy();
	stream.destroy();
	assert.deepEqual(log.types, [], "not before destroy() has returned");
	assert.equal(await log.until("closed"), null);
	await turns();
	assert.deepEqual(log.types, ["closed"]);
	peer.close();
});

Deno.test("destroy() while the stream is being handed over", async () => {
	using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
	using _peer = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
	const log = new Log();
	attachConn(await listener.accept(), { local: null, remote: null, secure: false }, (stream) => {
		stream.destroy();
		return log;
	});
	assert.equal(await log.until("closed"), null);
	await turns();
	assert.deepEqual(log.types, ["closed"]);
});

Deno.test("destroy() of a paused stream", async () => {
	const { peer, stream, log } = await pair();
	stream.pause();
	await peer.write(Uint8Array.of(1));
	await turns();
	stream.destroy();
	assert.equal(await log.until("closed"), null);
	await turns();
	assert.deepEqual(log.types, ["closed"]);
	peer.close();
});

Deno.test("drained() comes once when all is out, and not for what fits", async () => {
	const { peer, stream, log } = await pair();
	assert.equal(stream.write(new Uint8Array(64 << 10), false), true);
	const first = new Uint8Array(64 << 10);
	for (let got = 0; got < first.length; ) got += (await peer.read(first)) ?? first.length;
	await turns();
	assert.deepEqual(log.types, []);
	while (stream.write(new Uint8Array(1 << 20), false)) assert.ok(stream.bufferedAmount < 1 << 28);
	assert.equal(stream.write(new Uint8Array(1 << 20), false), false);
	stream.end();
	await readAll(peer);
	await log.until("closed");
	assert.deepEqual(log.types.filter((type) => type === "drained").length, 1);
});

Deno.test("pause() stops what is told, bytes and end, and resume() goes on", async () => {
	const { peer, stream, log } = await pair();
	stream.pause();
	await peer.write(Uint8Array.of(5));
	await peer.closeWrite();
	await turns();
	assert.deepEqual(log.types, []);
	stream.resume();
	assert.deepEqual(await log.until("received"), Uint8Array.of(5));
	await log.until("ended");
	stream.end();
	assert.equal(await log.until("closed"), null);
	peer.close();
});

Deno.test("pause() is felt by a peer that goes on sending, and nothing is lost", async () => {
	const { peer, stream, log } = await pair();
	stream.pause();
	const all = Uint8Array.from({ length: 32 << 20 }, (_, i) => i % 251);
	let sent = 0;
	const sending = (async () => {
		while (sent < all.length) sent += await peer.write(all.subarray(sent));
		await peer.closeWrite();
	})();
	// Until nothing moves any more: the system takes no more for a reader that does not read.
	for (let before = -1; before !== sent; ) {
		before = sent;
		for (let turn = 0; turn < 50; turn++) await turns();
	}
	assert.ok(sent < all.length, `${sent} bytes went to somebody who does not read`);
	assert.deepEqual(log.types, []);
	stream.resume();
	await sending;
	await log.until("ended");
	let at = 0;
	for (const { value } of log.told) {
		if (!(value instanceof Uint8Array)) continue;
		assert.deepEqual(value, all.subarray(at, at + value.length));
		at += value.length;
	}
	assert.equal(at, all.length);
	stream.destroy();
	await log.until("closed");
	peer.close();
});

Deno.test("a chunk is its taker's: what comes later is read into other memory", async () => {
	const { peer, stream, log } = await pair();
	for (const byte of [1, 2, 3]) {
		await peer.write(Uint8Array.of(byte));
		while (log.told.length < byte) await turns();
		// Its taker may even give it to a worker.
		const chunk = log.told.at(-1)?.value;
		assert.ok(chunk instanceof Uint8Array);
		assert.deepEqual([...chunk], [byte]);
		structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] });
	}
	peer.close();
	await log.until("ended");
	stream.end();
	await log.until("closed");
});

Deno.test("a Unix domain socket ends as a TCP socket does", async () => {
	const path = `${await Deno.makeTempDir()}/s`;
	using listener = Deno.listen({ transport: "unix", path });
	const peer = await Deno.connect({ transport: "unix", path });
	const { stream, log } = joined(await listener.accept());
	await peer.write(Uint8Array.of(1));
	assert.deepEqual(await log.until("received"), Uint8Array.of(1));
	stream.end();
	await readAll(peer);
	assert.equal(await log.until("closed"), null);
});
