import { once } from "node:events";
import { finished } from "node:stream/promises";
import { expect, test } from "vitest";
import { closed, type Kit, message, next } from "../kit.ts";

export function streamCases(kit: Kit): void {
	const { createWebSocketStream } = kit.WebSocket;

	test("a message is a chunk", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		client.send("a");
		expect((await next(stream, "data"))[0]).toEqual(Buffer.from("a"));
	});

	test("a write is a binary message", async () => {
		const { client, peer } = await kit.pair();
		createWebSocketStream(peer).write("a");
		expect(await message(client)).toEqual(["a", true]);
	});

	test("decodeStrings: false writes texts", async () => {
		const { client, peer } = await kit.pair();
		createWebSocketStream(peer, { decodeStrings: false }).write("a");
		expect(await message(client)).toEqual(["a", false]);
	});

	test("setEncoding gives strings", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer, { encoding: "utf8" });
		client.send("é");
		expect((await next(stream, "data"))[0]).toBe("é");
	});

	test("readableObjectMode gives texts as strings", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer, { readableObjectMode: true });
		client.send("text");
		expect((await next(stream, "data"))[0]).toBe("text");
	});

	test("end() closes the connection", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		stream.resume();
		stream.end();
		expect((await closed(client))[0]).toBe(1005);
	});

	test("the peer's Close ends the stream", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		stream.resume();
		const ended = once(stream, "end");
		client.close();
		await ended;
		expect(stream.readableEnded).toBe(true);
	});

	test("destroy() cuts the connection off", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		stream.destroy();
		expect((await closed(client))[0]).toBe(1006);
	});

	test("destroy() with an error tells it", async () => {
		const { peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		const told = next(stream, "error");
		stream.destroy(new Error("mine"));
		expect(((await told)[0] as Error).message).toBe("mine");
	});

	test("close is told behind destroy()", async () => {
		const { peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		const told = next(stream, "close");
		stream.destroy();
		await told;
		expect(stream.destroyed).toBe(true);
	});

	test("an error of the socket is one of the stream", async () => {
		const server = await kit.serve({ verifyClient: () => false });
		const stream = createWebSocketStream(kit.client(`ws://127.0.0.1:${kit.port(server)}/`));
		const [error] = await next(stream, "error");
		expect((error as Error).message).toBe("Unexpected server response: 401");
	});

	test("what is written while connecting waits", async () => {
		const server = await kit.serve();
		const came = new Promise((resolve) =>
			server.on("connection", (peer) => peer.on("message", (data) => resolve(String(data)))),
		);
		createWebSocketStream(kit.client(`ws://127.0.0.1:${kit.port(server)}/`)).write("early");
		expect(await came).toBe("early");
	});

	test("a stream that nobody reads pauses its socket", async () => {
		const { client, peer } = await kit.pair();
		createWebSocketStream(peer);
		for (let i = 0; i < 40; i++) client.send(Buffer.alloc(16 * 1024));
		while (!peer.isPaused) await new Promise((resolve) => setImmediate(resolve));
		expect(peer.isPaused).toBe(true);
	});

	test("one that is read again resumes it, and all comes", async () => {
		const { client, peer } = await kit.pair();
		const stream = createWebSocketStream(peer);
		for (let i = 0; i < 40; i++) client.send(Buffer.alloc(16 * 1024));
		client.close();
		while (!peer.isPaused) await new Promise((resolve) => setImmediate(resolve));
		let size = 0;
		for await (const chunk of stream) size += chunk.length;
		expect(size).toBe(40 * 16 * 1024);
	});

	test("two streams pipe", async () => {
		const { client, peer } = await kit.pair();
		const echo = createWebSocketStream(peer);
		echo.pipe(echo);
		const near = createWebSocketStream(client);
		near.write("round");
		expect(String((await next(near, "data"))[0])).toBe("round");
	});

	test("end() finishes and closes the stream", async () => {
		const { client, peer } = await kit.pair();
		createWebSocketStream(peer).resume();
		const stream = createWebSocketStream(client);
		stream.resume();
		stream.end("last");
		await finished(stream);
		expect([stream.writableFinished, stream.readableEnded]).toEqual([true, true]);
	});
}
