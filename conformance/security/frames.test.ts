import type { Socket } from "@barewire/transport-node";
import { afterEach, describe, expect, test } from "vitest";
import { concat, fromHex, latin1 } from "../arbitraries/bytes.ts";
import { encodeFrame, frame } from "../arbitraries/frames.ts";
import { type EchoServer, serveEcho } from "../interop/echo-server.ts";
import { Inbox } from "../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { framesBehindHead } from "./server-frames.ts";

const MEBIBYTE = 1024 * 1024;

let echo: EchoServer;

afterEach(async () => {
	await echo.close();
	expect(echo.errors).toEqual([]);
});

async function open(bytes: Uint8Array = new Uint8Array(0)): Promise<RawClient> {
	const client = await RawClient.open(portOf(echo.server));
	client.write(concat([latin1(handshake(portOf(echo.server))), bytes]));
	return client;
}

describe("lengths and fragments", () => {
	const CLOSES: readonly [name: string, frames: Uint8Array, code: number][] = [
		// RFC 6455 §5.2; CVE-2020-27813: near 2^64, the top bit, and beyond 2^53.
		["a length with its top bit set", fromHex("82 ff 80 00 00 00 00 00 00 00 37 fa 21 3d"), 1002],
		["a length of 2^64 - 1", fromHex("82 ff ff ff ff ff ff ff ff ff 37 fa 21 3d"), 1002],
		["a length of 2^63 - 1", fromHex("82 ff 7f ff ff ff ff ff ff ff 37 fa 21 3d"), 1009],
		["a length beyond 2^53", fromHex("82 ff 00 20 00 00 00 00 00 01 37 fa 21 3d"), 1009],
		// CVE-2016-10542: before it is buffered.
		["a length just beyond the limit", fromHex("82 ff 00 00 00 00 01 00 00 01 37 fa 21 3d"), 1009],
		["a length that is not minimal", fromHex("82 fe 00 7d 37 fa 21 3d"), 1002],
		["a bare frame of a client", fromHex("81 02 68 69"), 1002],
		["a reserved bit", fromHex("c1 80 37 fa 21 3d"), 1002],
		["a ping of 126 bytes", fromHex("89 fe 00 7e 37 fa 21 3d"), 1002],
		["a Close frame with 1005", encodeFrame(frame(0x8, Uint8Array.of(0x03, 0xed)), "server"), 1002],
		["text that is not UTF-8, in an unfinished frame", fromHex("81 fe 10 00 00 00 00 00 c3 28"), 1007],
	];

	test.each(CLOSES)("%s", async (_name, frames, code) => {
		echo = await serveEcho();
		const client = await open(frames);
		await client.ended;
		const [close, ...more] = framesBehindHead(client.bytes);
		expect([close?.opcode, close?.payload.readUInt16BE(0), more.length]).toEqual([0x8, code, 0]);
		await client.close();
	});

	// CVE-2026-48779, ws#2329, CVE-2026-12151
	test.each([
		["empty", new Uint8Array(0)],
		["of one byte", Uint8Array.of(1)],
	])("a message of a million fragments, %s", async (_name, payload) => {
		echo = await serveEcho();
		const client = await open();
		const socket = await echo.opened.next();
		client.write(encodeFrame(frame(0x2, "", false), "server"));
		const fragments = concat(Array.from({ length: 1_000 }, () => encodeFrame(frame(0x0, payload, false), "server")));
		for (let i = 0; i < 1_000; i++) client.write(fragments);
		await client.ended;
		expect(framesBehindHead(client.bytes)[0]?.payload.readUInt16BE(0)).toBe(1008);
		await client.close();
		expect((await socket.closed).error).toMatchObject({ kind: "too-many-fragments", closeCode: 1008 });
	});

	test("the limit holds across fragments, with pings in between", async () => {
		echo = await serveEcho({ limits: { maxMessageSize: 1_000 } });
		const client = await open(
			concat(
				[
					frame(0x2, new Uint8Array(500), false),
					frame(0x9, "ping"),
					frame(0x0, new Uint8Array(500), false),
					frame(0x9, "pong"),
					frame(0x0, new Uint8Array(1), true),
				].map((each) => encodeFrame(each, "server")),
			),
		);
		await client.ended;
		const frames = framesBehindHead(client.bytes);
		expect(frames.map(({ opcode }) => opcode)).toEqual([0xa, 0xa, 0x8]);
		expect(frames[2]?.payload.readUInt16BE(0)).toBe(1009);
		await client.close();
	});
});

describe("a peer that never reads", () => {
	async function openDeaf(): Promise<{ client: RawClient; socket: Socket }> {
		const client = await open();
		await client.until(/\r\n\r\n/);
		client.socket.pause();
		return { client, socket: await echo.opened.next() };
	}

	// RFC 6455 §5.5.3: "MAY elect to send a Pong frame for only the most recently processed Ping frame".
	test("and floods with pings gets bounded pongs, the last one among them", { timeout: 60_000 }, async () => {
		const texts = new Inbox<string>();
		echo = await serveEcho({ message: (_socket, message) => texts.push(String(message)) });
		const { client, socket } = await openDeaf();
		const pings = concat(Array.from({ length: 1_000 }, () => encodeFrame(frame(0x9, new Uint8Array(125)), "server")));
		const FLOODS = 400;
		for (let i = 0; i < FLOODS; i++) client.write(pings);
		client.write(encodeFrame(frame(0x9, "the last"), "server"));
		client.write(encodeFrame(frame(0x1, "all sent"), "server"));
		// By now the server has read every ping: some 50 MB of pongs are due, more than the system's buffers take.
		expect(await texts.next()).toBe("all sent");
		expect(socket.bufferedAmount).toBeLessThan(MEBIBYTE);
		client.socket.resume();
		await client.untilTail("the last");
		const pongs = framesBehindHead(client.bytes);
		expect(new Set(pongs.map(({ opcode }) => opcode))).toEqual(new Set([0xa]));
		expect(pongs.length).toBeLessThan(FLOODS * 1_000);
		client.socket.destroy();
		await socket.closed;
	});

	/** The kinds of all frames that the peer finds when it reads at last, after a ping of its own and both Close frames. */
	async function readAtLast(messages: number): Promise<number[]> {
		const texts = new Inbox<string>();
		echo = await serveEcho({ message: (_socket, message) => texts.push(String(message)) });
		const { client, socket } = await openDeaf();
		const message = new Uint8Array(MEBIBYTE);
		for (let i = 0; i < messages; i++) socket.send(message);
		expect(socket.bufferedAmount).toBeGreaterThan(0);
		client.write(encodeFrame(frame(0x9, "alive?"), "server"));
		client.write(encodeFrame(frame(0x1, "asked"), "server"));
		expect(await texts.next()).toBe("asked");
		socket.close(4000, "enough");
		client.write(encodeFrame(frame(0x8, Uint8Array.of(0x0f, 0xa0)), "server"));
		client.socket.resume();
		await client.ended;
		await client.close();
		expect(await socket.closed).toMatchObject({ code: 4000, wasClean: true, by: "local" });
		return framesBehindHead(client.bytes).map(({ opcode }) => opcode);
	}

	test("gets all the data that waited, and the Close frame", { timeout: 60_000 }, async () => {
		const opcodes = await readAtLast(24);
		expect(opcodes.filter((opcode) => opcode === 0x2)).toHaveLength(24);
		expect(opcodes.at(-1)).toBe(0x8);
	});

	// uWS#1876. RFC 6455 §1.4: "After receiving a control frame indicating the connection should be closed, a peer
	// discards any further data received": a pong behind the Close frame would be lost just as one that is never sent.
	test("gets the pong before the Close frame", { timeout: 60_000 }, async () => {
		expect((await readAtLast(24)).slice(-2)).toEqual([0xa, 0x8]);
	});
});
