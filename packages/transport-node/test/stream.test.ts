import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { ByteStream, StreamEvents } from "@barewire/endpoint";
import { afterEach, expect, test } from "vitest";
import { attachSocket } from "../src/stream.ts";

type Told = { type: keyof StreamEvents; value?: unknown };

const servers: Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

/** A raw client and the `ByteStream` at the other end, with what the stream told. */
async function joined(): Promise<{
	client: Socket;
	stream: ByteStream;
	told: Told[];
	next: (type: keyof StreamEvents) => Promise<unknown>;
}> {
	const told: Told[] = [];
	let wake: () => void = () => {};
	const tell = (type: keyof StreamEvents, value?: unknown): void => {
		told.push({ type, value });
		wake();
	};
	const server = createServer({ allowHalfOpen: true });
	servers.push(server);
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	const accepted = once(server, "connection") as Promise<[Socket]>;
	const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
	await once(client, "connect");
	const [socket] = await accepted;
	let stream: ByteStream | undefined;
	attachSocket(socket, false, { local: null, remote: null }, (made) => {
		stream = made;
		return {
			received: (chunk) => tell("received", chunk),
			ended: () => tell("ended"),
			drained: () => tell("drained"),
			closed: (error) => tell("closed", error),
		};
	});
	if (stream === undefined) throw new Error("nothing was attached");
	const next = async (type: keyof StreamEvents): Promise<unknown> => {
		for (;;) {
			const found = told.find((event) => event.type === type);
			if (found !== undefined) return found.value;
			await new Promise<void>((resolve) => {
				wake = resolve;
			});
		}
	};
	return { client, stream, told, next };
}

test("shows the five-tuple, also after the socket is gone", async () => {
	const { client, stream, next } = await joined();
	const mine = { transport: "tcp", hostname: "127.0.0.1", port: client.localPort };
	expect(stream.remote).toEqual(mine);
	const theirs = { transport: "tcp", hostname: "127.0.0.1", port: client.remotePort };
	client.resetAndDestroy();
	await next("closed");
	expect(stream.remote).toEqual(mine);
	expect(stream.local).toEqual(theirs);
});

test("pieces that are announced leave in one packet with the last", async () => {
	const { client, stream } = await joined();
	stream.write(Uint8Array.of(1), true);
	stream.write(Uint8Array.of(2), true);
	stream.write(Uint8Array.of(3), false);
	const [chunk] = (await once(client, "data")) as [Buffer];
	expect([...chunk]).toEqual([1, 2, 3]);
	client.destroy();
});

test("after end() the peer's octets still come, and closed() comes once both halves have ended", async () => {
	const { client, stream, told, next } = await joined();
	stream.end();
	client.resume();
	await once(client, "end");
	client.end("late");
	expect(await next("received")).toEqual(new TextEncoder().encode("late"));
	expect(await next("closed")).toBeNull();
	expect(told.map(({ type }) => type)).toEqual(["received", "ended", "closed"]);
});

test("after the peer's end, octets can still be sent", async () => {
	const { client, stream, next } = await joined();
	client.end();
	await next("ended");
	stream.write(Buffer.from("late"), false);
	stream.end();
	const [chunk] = (await once(client, "data")) as [Buffer];
	expect(chunk.toString()).toBe("late");
	expect(await next("closed")).toBeNull();
});

test("a reset is closed() with an error, and nothing is thrown", async () => {
	const { client, next } = await joined();
	client.resetAndDestroy();
	expect(await next("closed")).toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_RESET" });
});

test("destroy() is closed() without an error", async () => {
	const { client, stream, next } = await joined();
	client.on("error", () => {});
	stream.destroy();
	stream.destroy();
	expect(await next("closed")).toBeNull();
});

test("write() says when enough is waiting, bufferedAmount how much, drained() when it is out", async () => {
	const { client, stream, told, next } = await joined();
	while (stream.write(new Uint8Array(1 << 20), false)) {
		if (stream.bufferedAmount > 1 << 28) throw new Error("write() never says stop");
	}
	expect(stream.bufferedAmount).toBeGreaterThan(0);
	expect(told).toEqual([]);
	client.resume();
	await next("drained");
	expect(stream.bufferedAmount).toBe(0);
	client.destroy();
	stream.destroy();
});

test("pause() stops what is told, resume() goes on", async () => {
	const { client, stream, told, next } = await joined();
	stream.pause();
	client.write("held");
	client.end();
	await once(client, "finish");
	expect(told).toEqual([]);
	stream.resume();
	expect(await next("received")).toEqual(new TextEncoder().encode("held"));
	await next("ended");
	stream.end();
});
