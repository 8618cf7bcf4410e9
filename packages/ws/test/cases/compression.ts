import { expect, test } from "vitest";
import { type Kit, message, next } from "../kit.ts";

const LONG = "compress me ".repeat(500);

/** Bytes that the socket has received. */
function received(socket: object): number {
	return (socket as { _socket: { bytesRead: number } })._socket.bytesRead;
}

export function compressionCases(kit: Kit): void {
	test("extensions names it on both sides", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		expect([client.extensions, peer.extensions]).toEqual(["permessage-deflate", "permessage-deflate"]);
	});

	test("a text arrives as it was", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		client.send(LONG);
		expect(await message(peer)).toEqual([LONG, false]);
	});

	test("a server's text arrives as it was", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		peer.send(LONG);
		expect(await message(client)).toEqual([LONG, false]);
	});

	test("a binary message arrives as it was", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		client.send(Buffer.from(LONG));
		expect(await message(peer)).toEqual([LONG, true]);
	});

	test("what leaves is smaller", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		const before = received(peer);
		client.send(LONG);
		await next(peer, "message");
		expect(received(peer) - before).toBeLessThan(1000);
	});

	test("compress: false leaves a message as it is", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true });
		const before = received(peer);
		client.send(LONG, { compress: false });
		await next(peer, "message");
		expect(received(peer) - before).toBeGreaterThan(LONG.length);
	});

	test("a message below the threshold leaves as it is", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 1024, serverNoContextTakeover: true } });
		const before = received(client);
		peer.send("a".repeat(1000));
		await next(client, "message");
		expect(received(client) - before).toBeGreaterThan(1000);
	});

	test("where the context is taken over there is no threshold", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 1024 } });
		const before = received(client);
		peer.send("a".repeat(1000));
		await next(client, "message");
		expect(received(client) - before).toBeLessThan(100);
	});

	test("threshold: 0 compresses small messages", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 0 } });
		const before = received(client);
		peer.send("a".repeat(1000));
		await next(client, "message");
		expect(received(client) - before).toBeLessThan(100);
	});

	test("without takeover of contexts", async () => {
		const { client, peer } = await kit.pair({
			perMessageDeflate: { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 0 },
		});
		client.send(LONG);
		expect(await message(peer)).toEqual([LONG, false]);
		peer.send(LONG);
		expect(await message(client)).toEqual([LONG, false]);
	});

	test("a small window", async () => {
		const { client, peer } = await kit.pair({
			perMessageDeflate: { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 },
		});
		client.send(LONG);
		expect(await message(peer)).toEqual([LONG, false]);
	});

	test("zlibDeflateOptions are taken", async () => {
		const { client, peer } = await kit.pair({
			perMessageDeflate: { zlibDeflateOptions: { level: 9, memLevel: 7 }, threshold: 0 },
		});
		peer.send(LONG);
		expect(await message(client)).toEqual([LONG, false]);
	});

	test("fragments are compressed as one message", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 0 } });
		client.send(LONG, { fin: false });
		client.send(LONG);
		expect(await message(peer)).toEqual([LONG + LONG, false]);
	});

	test("many messages keep their order", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 0 } });
		const texts: string[] = [];
		const all = new Promise<void>((resolve) =>
			peer.on("message", (data) => texts.push(String(data)) === 50 && resolve()),
		);
		for (let i = 0; i < 50; i++) client.send(`${i}`);
		await all;
		expect(texts).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
	});

	test("the callback of a compressed message is called", async () => {
		const { client } = await kit.pair({ perMessageDeflate: true });
		const error = await new Promise((resolve) => client.send(LONG, (...args) => resolve(args[0] ?? null)));
		expect(error).toBe(null);
	});

	test("maxPayload counts what comes out", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: true, maxPayload: 2000 });
		const failed = next(peer, "error");
		client.on("error", () => {});
		client.send("a".repeat(5000));
		expect(((await failed)[0] as { code: string }).code).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
	});

	test("an empty message", async () => {
		const { client, peer } = await kit.pair({ perMessageDeflate: { threshold: 0 } });
		client.send("");
		expect(await message(peer)).toEqual(["", false]);
	});
}
