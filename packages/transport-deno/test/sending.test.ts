import assert from "node:assert/strict";
import { attachConn } from "../src/stream.ts";
import { FakeConn } from "./fake-conn.ts";
import { joined, Log, turns } from "./joined.ts";

// What a real socket does only when it likes to: partial writes, and failures at a moment that the test chooses.

function bytes(...values: number[]): Uint8Array {
	return Uint8Array.from(values);
}

async function assertClosed(log: Log, code: string | null): Promise<void> {
	const error = await log.until("closed");
	assert.equal(error instanceof Error && "code" in error ? error.code : null, code);
	await turns();
	assert.equal(log.types.filter((type) => type === "closed").length, 1);
	assert.equal(log.types.at(-1), "closed");
}

Deno.test("one write at a time; partial ones are gone on with; what is written meanwhile leaves in one", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn);
	assert.equal(stream.write(bytes(1, 2, 3), false), true);
	stream.write(bytes(4), false);
	stream.write(bytes(5), true);
	assert.equal(stream.bufferedAmount, 5);
	await fake.take(2);
	assert.equal(stream.bufferedAmount, 3);
	await fake.take(2);
	assert.equal(stream.bufferedAmount, 1);
	stream.write(bytes(6), false);
	await fake.take(1);
	await fake.take(1);
	assert.deepEqual(fake.written, [[1, 2, 3], [3, 4, 5], [5], [6]]);
	assert.deepEqual([stream.bufferedAmount, log.types], [0, []]);
	stream.destroy();
	await assertClosed(log, null);
});

Deno.test("what was given to a write stays as it is until that is done", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn);
	stream.write(bytes(1), true);
	stream.write(bytes(2), false);
	const first = fake.inFlight;
	stream.write(bytes(3), false);
	stream.write(bytes(4), false);
	assert.deepEqual([...first], [1, 2]);
	await fake.take(2);
	assert.deepEqual([...first], [1, 2]);
	assert.deepEqual([...fake.inFlight], [3, 4]);
	stream.destroy();
	await assertClosed(log, null);
});

Deno.test("pieces wait for the one that was announced, but not for ever when the end comes instead", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn);
	stream.write(bytes(1), true);
	await turns();
	assert.equal(fake.calls.write, 0);
	stream.end();
	assert.equal(fake.calls.closeWrite, 0);
	await fake.take(1);
	assert.equal(fake.calls.closeWrite, 1);
	await fake.give(null);
	await assertClosed(log, null);
	assert.equal(fake.calls.close, 1);
});

Deno.test("drained() is told once all is out, and the bytes it asks for follow", async () => {
	const fake = new FakeConn();
	const log = new Log();
	attachConn(fake.conn, { local: null, remote: null, secure: false }, (stream) => {
		log.drained = () => {
			log.told.push({ type: "drained" });
			if (log.told.length === 1) stream.write(bytes(9), false);
		};
		assert.equal(stream.write(new Uint8Array(64 * 1024), false), true);
		assert.equal(stream.write(bytes(1), false), false);
		return log;
	});
	await fake.take(64 * 1024);
	assert.deepEqual(log.types, []);
	await fake.take(1);
	assert.deepEqual(log.types, ["drained"]);
	assert.deepEqual(fake.written.at(-1), [9]);
	await fake.take(1);
	assert.deepEqual(log.types, ["drained"]);
	await fake.give(null);
	assert.deepEqual(log.types, ["drained", "ended"]);
	fake.close();
});

for (const [name, error, code] of [
	["a reset", new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"), "ECONNRESET"],
	["a broken pipe", new Deno.errors.BrokenPipe("Broken pipe (os error 32)"), "EPIPE"],
] as const) {
	Object.assign(error, { code });
	Deno.test(`${name} met by a write, with a read under way`, async () => {
		const fake = new FakeConn();
		const { stream, log } = joined(fake.conn);
		stream.write(bytes(1), false);
		stream.write(bytes(2), false);
		stream.end();
		await fake.failWrite(error);
		await assertClosed(log, "ERR_CONNECTION_RESET");
		assert.deepEqual(log.types, ["closed"]);
		assert.deepEqual({ ...fake.calls }, { read: 1, write: 1, closeWrite: 0, close: 1 });
		assert.equal(stream.bufferedAmount, 0);
	});

	Deno.test(`${name} met by a read, with a write under way`, async () => {
		const fake = new FakeConn();
		const { stream, log } = joined(fake.conn);
		stream.write(new Uint8Array(100_000), false);
		await fake.failRead(error);
		await assertClosed(log, "ERR_CONNECTION_RESET");
		assert.deepEqual(log.types, ["closed"]);
		assert.equal(stream.bufferedAmount, 0);
	});
}

Deno.test("a failure while paused is told at once, a chunk only after resume()", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn);
	stream.pause();
	await fake.give([1, 2]);
	assert.deepEqual([log.types, fake.calls.read], [[], 1]);
	stream.resume();
	stream.pause();
	await turns();
	assert.deepEqual([log.types, fake.calls.read], [[], 1]);
	stream.resume();
	await turns();
	assert.deepEqual([log.types, fake.calls.read], [["received"], 2]);
	stream.pause();
	await fake.failRead(new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"));
	await assertClosed(log, "ERR_TRANSPORT");
});

Deno.test("a stream that was paused by what it received still notices a reset", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn);
	log.received = (chunk) => {
		log.told.push({ type: "received", value: chunk });
		stream.pause();
	};
	await fake.give([1]);
	assert.deepEqual(log.types, ["received"]);
	await fake.failRead(Object.assign(new Deno.errors.ConnectionReset("reset"), { code: "ECONNRESET" }));
	await assertClosed(log, "ERR_CONNECTION_RESET");
});

Deno.test("under TLS, an end that nobody announced is an end", async () => {
	const fake = new FakeConn();
	const { stream, log } = joined(fake.conn, true);
	await fake.failRead(new Deno.errors.UnexpectedEof("peer closed connection without sending TLS close_notify"));
	assert.deepEqual(log.types, ["ended"]);
	stream.end();
	await assertClosed(log, null);
});

Deno.test("a connection that is closed already, and one that takes no option", async () => {
	const fake = new FakeConn();
	const conn = Object.assign(fake, {
		setNoDelay(): void {
			throw new TypeError("Invalid argument (os error 22)");
		},
	});
	const { stream, log } = joined(conn.conn);
	fake.close();
	await log.until("closed");
	stream.destroy();
	await turns();
	assert.deepEqual(log.types, ["closed"]);
});
