import { expect, test } from "bun:test";
import { once } from "node:events";
import { joined, pattern, readToEnd } from "./joined.ts";

for (const secure of [false, true]) {
	const over = secure ? "TLS" : "TCP";

	test(`${over}: shows the five-tuple, also after the socket is gone`, async () => {
		const { raw, stream, next } = await joined({ secure });
		const mine = { transport: "tcp", hostname: "127.0.0.1", port: raw.localPort };
		const theirs = { transport: "tcp", hostname: "127.0.0.1", port: raw.remotePort };
		raw.resetAndDestroy();
		await next("closed");
		expect(stream.remote).toEqual(mine as typeof stream.remote);
		expect(stream.local).toEqual(theirs as typeof stream.local);
		expect(stream.secure).toBe(secure);
	});

	test(`${over}: gives each chunk away, as a plain Uint8Array over a buffer of its own`, async () => {
		const { client, told, bytes } = await joined({ secure });
		client.write("one");
		await bytes(3);
		client.write("two");
		await bytes(6);
		const [first, second] = told.map(({ value }) => value as Uint8Array);
		expect([first.constructor, second.constructor]).toEqual([Uint8Array, Uint8Array]);
		expect([first.byteOffset, first.buffer.byteLength]).toEqual([0, 3]);
		second.fill(0);
		expect(new TextDecoder().decode(first)).toBe("one");
	});

	test(`${over}: after end() the peer's bytes still come, and closed() comes once both halves have ended`, async () => {
		const { client, stream, told, next } = await joined({ secure });
		stream.write(Buffer.from("last"), false);
		stream.end();
		stream.end();
		expect((await readToEnd(client)).toString()).toBe("last");
		client.end("late");
		expect(await next("closed")).toBeNull();
		expect(told.map(({ type }) => type)).toEqual(["received", "ended", "closed"]);
		expect(told[0].value).toEqual(new TextEncoder().encode("late"));
	});

	test(`${over}: after the peer's end, bytes can still be sent`, async () => {
		const { client, stream, told, next } = await joined({ secure });
		client.end();
		await next("ended");
		stream.write(Buffer.from("late"), false);
		stream.end();
		expect((await readToEnd(client)).toString()).toBe("late");
		expect(await next("closed")).toBeNull();
		expect(told.map(({ type }) => type)).toEqual(["ended", "closed"]);
	});

	test(`${over}: a reset is closed() with an error`, async () => {
		const { raw, next, told } = await joined({ secure });
		raw.resetAndDestroy();
		expect(await next("closed")).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_RESET" });
		expect(told).toHaveLength(1);
	});

	test(`${over}: a reset that a write meets first is told as one`, async () => {
		const { raw, stream, next, told } = await joined({ secure });
		raw.resetAndDestroy();
		// No turn of the event loop ends here: it is the write that learns of the reset.
		while (stream.write(Uint8Array.of(1), false)) {}
		expect(stream.bufferedAmount).toBe(0);
		expect(await next("closed")).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_RESET" });
		expect(told).toHaveLength(1);
	});

	test(`${over}: what the system still has when the peer resets is dropped where the stream is paused`, async () => {
		const { client, raw, stream, next, told, bytes } = await joined({ secure });
		client.write("first");
		await bytes(5);
		stream.pause();
		while (client.write(new Uint8Array(64 * 1024))) {}
		// The system has taken some of it.
		await new Promise((resolve) => setImmediate(resolve));
		raw.resetAndDestroy();
		expect(await next("closed")).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_RESET" });
		expect(told.map(({ type }) => type)).toEqual(["received", "closed"]);
	});

	test(`${over}: destroy() after a write that met a reset is closed() without an error`, async () => {
		const { raw, stream, next, told } = await joined({ secure });
		raw.resetAndDestroy();
		while (stream.write(Uint8Array.of(1), false)) {}
		stream.destroy();
		expect(await next("closed")).toBeNull();
		expect(told).toHaveLength(1);
	});

	test(`${over}: destroy() is closed() without an error, after the caller's turn`, async () => {
		const { stream, next, told } = await joined({ secure });
		while (stream.write(new Uint8Array(1 << 20), false)) {}
		stream.destroy();
		stream.destroy();
		expect([told, stream.bufferedAmount]).toEqual([[], 0]);
		expect(await next("closed")).toBeNull();
		// Late calls do nothing.
		expect(stream.write(Uint8Array.of(1), false)).toBe(false);
		stream.pause();
		stream.resume();
		stream.end();
		expect(told).toHaveLength(1);
	});

	test(`${over}: what the system does not take at once goes out in order, and end() waits for it`, async () => {
		const { client, stream, next, told } = await joined({ secure });
		const sent = pattern(24 << 20);
		// Pieces of all sizes: alone, joined, announced.
		let at = 0;
		for (let size = 1, i = 0; at < sent.length; size = (size * 7) % 300_007, i++) {
			stream.write(sent.subarray(at, at + size), i % 3 === 0 && at + size < sent.length);
			at += size;
		}
		expect(stream.bufferedAmount).toBeGreaterThan(0);
		stream.end();
		// The peer's end comes while much is waiting.
		client.end();
		await next("ended");
		const got = await readToEnd(client);
		expect(Buffer.compare(got, sent)).toBe(0);
		expect(await next("closed")).toBeNull();
		expect(told.map(({ type }) => type)).toEqual(["ended", "drained", "closed"]);
		expect(stream.bufferedAmount).toBe(0);
	});

	test(`${over}: drained() comes when all is out, also while paused`, async () => {
		const { client, stream, told, next } = await joined({ secure });
		while (stream.write(new Uint8Array(1 << 20), false)) {
			if (stream.bufferedAmount > 1 << 28) throw new Error("write() never says stop");
		}
		expect(stream.bufferedAmount).toBeGreaterThan(0);
		expect(stream.write(Uint8Array.of(1), true)).toBe(false);
		stream.pause();
		expect(told).toEqual([]);
		client.resume();
		await next("drained");
		expect(stream.bufferedAmount).toBe(0);
		expect(told).toHaveLength(1);
		// And then all is as it was.
		stream.write(Uint8Array.of(1), true);
		expect(stream.write(Uint8Array.of(2), false)).toBe(true);
	});

	for (const [when, end] of [
		["while both halves are open", false],
		["behind end()", true],
	] as const)
		test(`${over}: destroy() ${when} leaves what the system has taken to it, and keeps no socket for a peer that reads nothing`, async () => {
			const { client, stream, next, told } = await joined({ secure });
			const sent = pattern(1 << 20);
			expect(stream.write(sent, false)).toBe(true);
			if (end) stream.end();
			stream.destroy();
			// The peer has read nothing, and not ended.
			expect(await next("closed")).toBeNull();
			expect(Buffer.compare(await readToEnd(client), sent)).toBe(0);
			expect(told).toHaveLength(1);
		});

	test(`${over}: pause() stops what is told, the peer's end too; resume() goes on`, async () => {
		const { client, stream, told, next, bytes } = await joined({ secure });
		stream.pause();
		client.end("held");
		await once(client, "finish");
		// The other direction still works. By the time that the answer is there, "held" has long come.
		stream.write(Buffer.from("?"), false);
		await once(client, "data");
		expect(told).toEqual([]);
		stream.resume();
		expect((await bytes(4)).toString()).toBe("held");
		await next("ended");
		stream.end();
		expect(await next("closed")).toBeNull();
	});
}

for (const end of ["destroy", "abort"] as const) {
	test(`what came although the stream is paused is dropped by ${end}()`, async () => {
		const { stream, owner, told, next } = await joined();
		stream.pause();
		owner.received(Uint8Array.of(1));
		stream[end]?.();
		expect(told).toEqual([]);
		await next("closed");
		expect(told.map(({ type }) => type)).toEqual(["closed"]);
	});
}

for (const end of ["ended", "resumed"]) {
	test(`what comes although the stream is paused is not lost where no reset follows: ${end}`, async () => {
		const { stream, owner, told, next, bytes } = await joined();
		stream.pause();
		for (const byte of [1, 2]) owner.received(Uint8Array.of(byte));
		expect(told).toEqual([]);
		if (end === "ended") owner.ended();
		else {
			stream.resume();
			owner.received(Uint8Array.of(3));
			await bytes(3);
			owner.ended();
		}
		await next("ended");
		const values = told.map(({ value }) => value && [...(value as Uint8Array)]);
		expect(values).toEqual(end === "ended" ? [[1], [2], undefined] : [[1], [2], [3], undefined]);
	});
}

test("destroy() where some output waits is a reset", async () => {
	const { client, stream, next } = await joined();
	const error = once(client, "error");
	while (stream.write(new Uint8Array(1 << 20), false)) {}
	stream.destroy();
	expect(await next("closed")).toBeNull();
	client.resume();
	expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
});

test("abort() is a reset, also where none waits", async () => {
	const { client, stream, next } = await joined();
	const error = once(client, "error");
	stream.write(new Uint8Array(1 << 20), false);
	stream.abort?.();
	stream.destroy();
	expect(await next("closed")).toBeNull();
	client.resume();
	expect(await error).toMatchObject([{ code: "ECONNRESET" }]);
});

test("pieces that are announced leave in one write with the last", async () => {
	const { client, stream } = await joined();
	stream.write(Uint8Array.of(1), true);
	stream.write(Uint8Array.of(2), true);
	expect(stream.bufferedAmount).toBe(2);
	stream.write(Uint8Array.of(3), false);
	expect(stream.bufferedAmount).toBe(0);
	const [chunk] = (await once(client, "data")) as [Buffer];
	expect([...chunk]).toEqual([1, 2, 3]);
});

test("announced pieces don't pile up", async () => {
	const { stream } = await joined();
	stream.write(new Uint8Array(40_000), true);
	expect(stream.bufferedAmount).toBe(40_000);
	expect(stream.write(new Uint8Array(40_000), true)).toBe(true);
	expect(stream.bufferedAmount).toBe(0);
});

test("end() sends what was announced to be followed", async () => {
	const { client, stream } = await joined();
	stream.write(Buffer.from("no more"), true);
	stream.end();
	expect((await readToEnd(client)).toString()).toBe("no more");
});

test("the buffer for joining is shared, and what it held is not sent twice", async () => {
	const [one, two] = [await joined(), await joined()];
	for (const [{ stream }, byte] of [
		[one, 1],
		[two, 2],
	] as const) {
		stream.write(new Uint8Array(1000).fill(byte), true);
		stream.write(new Uint8Array(1000).fill(byte), false);
		stream.end();
	}
	for (const [{ client }, byte] of [
		[one, 1],
		[two, 2],
	] as const)
		expect(Buffer.compare(await readToEnd(client), Buffer.alloc(2000, byte))).toBe(0);
});

test("destroy() in the middle of the peer's sending ends its connection", async () => {
	const { client, stream, next } = await joined();
	const gone = new Promise((resolve) => client.once("close", resolve));
	client.write(new Uint8Array(1 << 23));
	stream.destroy();
	await gone;
	expect(await next("closed")).toBeNull();
});

test("TLS: a record that can't be decrypted is ERR_TLS", async () => {
	const { raw, next } = await joined({ secure: true });
	// RFC 8446 §5.2: application data, version 1.2, 32 bytes.
	raw.write(Buffer.concat([Buffer.of(23, 3, 3, 0, 32), Buffer.alloc(32)]));
	expect(await next("closed")).toMatchObject({ name: "TransportError", code: "ERR_TLS" });
});

test("a defect in a handler is an uncaught error, and costs that connection", async () => {
	const program = Bun.spawn([process.execPath, "--conditions=source", `${import.meta.dirname}/defect.ts`], {
		stdout: "pipe",
	});
	expect(await new Response(program.stdout).text()).toBe("closed: ERR_TRANSPORT\nuncaught: a defect\n");
	expect(await program.exited).toBe(0);
});
