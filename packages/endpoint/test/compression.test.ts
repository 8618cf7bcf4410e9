import * as zlib from "node:zlib";
import type { Codec } from "@barewire/permessage-deflate";
import { zlibCodec } from "@barewire/permessage-deflate/zlib";
import { describe, expect, test } from "vitest";
import type { CompressionOptions } from "../src/compression.ts";
import type { ConnectOptions, ServerOptions, Socket } from "../src/index.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";

const TEXT = "many words, ".repeat(1_000);

/** The codec of these tests, and how many of its compressors and decompressors are open. */
function counted(): { readonly codec: Codec; deflaters: number; inflaters: number } {
	const codec = zlibCodec(zlib);
	const counts = { codec, deflaters: 0, inflaters: 0 };
	const closing = <Each extends { close(): void }>(each: Each, closed: () => void): Each => {
		const close = each.close.bind(each);
		each.close = () => {
			closed();
			close();
		};
		return each;
	};
	counts.codec = {
		deflater(options) {
			counts.deflaters++;
			return closing(codec.deflater(options), () => counts.deflaters--);
		},
		inflater(windowBits) {
			counts.inflaters++;
			return closing(codec.inflater(windowBits), () => counts.inflaters--);
		},
	};
	return counts;
}

interface Meeting {
	readonly network: MemoryNetwork;
	readonly client: Socket;
	readonly server: Socket;
	readonly received: { readonly client: (string | Uint8Array)[]; readonly server: (string | Uint8Array)[] };
	readonly counts: ReturnType<typeof counted>;
	/** Bytes that the server has sent since the last call. */
	sentByServer(): number;
	close(): Promise<unknown>;
}

/** A server and a client that compress, and what they send over the network between them. */
async function meet(
	serverCompression: CompressionOptions | false,
	clientCompression: CompressionOptions | false,
	handlers: ServerOptions<undefined> = {},
): Promise<Meeting> {
	const network = new MemoryNetwork();
	const counts = counted();
	const received: Meeting["received"] = { client: [], server: [] };
	const opened = Promise.withResolvers<Socket>();
	const withCodec = (options: CompressionOptions | false) => options && { codec: counts.codec, ...options };
	const running = await network.serve<undefined>(80, {
		compression: withCodec(serverCompression),
		open: (socket) => opened.resolve(socket),
		message: (_socket, message) => void received.server.push(message),
		keepAlive: false,
		...handlers,
	});
	const options: ConnectOptions = {
		compression: clientCompression && { codec: zlibCodec(zlib), ...clientCompression },
		message: (_socket, message) => void received.client.push(message),
		keepAlive: false,
	};
	const client = await network.connect("ws://memory/", options);
	const [, serverStream] = network.streams[0]!;
	let sent = 0;
	const write = serverStream.write.bind(serverStream);
	serverStream.write = (bytes, more) => {
		sent += bytes.length;
		return write(bytes, more);
	};
	return {
		network,
		client,
		server: await opened.promise,
		received,
		counts,
		sentByServer() {
			const bytes = sent;
			sent = 0;
			return bytes;
		},
		close: () => running.close(),
	};
}

describe("compression", () => {
	test("is off unless both ask for it", async () => {
		for (const [server, client] of [
			[false, {}],
			[{}, false],
			[false, false],
		] as const) {
			const meeting = await meet(server, client);
			expect(meeting.client.extensions).toEqual([]);
			meeting.server.send(TEXT);
			await settle();
			expect(meeting.sentByServer()).toBeGreaterThan(TEXT.length);
			expect(meeting.received.client).toEqual([TEXT]);
		}
	});

	test("messages travel compressed in both directions, and arrive as they were", async () => {
		const meeting = await meet({}, {});
		expect([meeting.client.extensions, meeting.server.extensions]).toEqual([
			["permessage-deflate"],
			["permessage-deflate"],
		]);
		meeting.server.send(TEXT);
		meeting.client.send(TEXT);
		meeting.client.send(new Uint8Array(5_000));
		await settle();
		expect(meeting.sentByServer()).toBeLessThan(500);
		expect(meeting.received).toEqual({ client: [TEXT], server: [TEXT, new Uint8Array(5_000)] });
	});

	test("compress: false, and a message below the threshold, leave as they are", async () => {
		const meeting = await meet({ threshold: 100 }, {});
		meeting.server.send(TEXT, { compress: false });
		await settle();
		expect(meeting.sentByServer()).toBeGreaterThan(TEXT.length);
		meeting.server.send("a".repeat(99));
		meeting.server.send("a".repeat(100));
		await settle();
		expect(meeting.sentByServer()).toBeLessThan(99 + 2 + 30);
		expect(meeting.received.client).toEqual([TEXT, "a".repeat(99), "a".repeat(100)]);
		expect(meeting.counts.deflaters).toBe(1);
	});

	test("a compressor that is idle for long is given back, and the next message begins anew", async () => {
		const meeting = await meet({ keepContext: 10_000 }, {});
		meeting.server.send(TEXT);
		await meeting.network.clock.advance(9_000);
		expect(meeting.counts.deflaters).toBe(1);
		await meeting.network.clock.advance(11_100);
		expect(meeting.counts.deflaters).toBe(0);
		await meeting.network.clock.advance(60_000);
		expect(meeting.network.clock.pendingTimers).toBe(0);
		meeting.server.send(TEXT);
		await settle();
		expect(meeting.received.client).toEqual([TEXT, TEXT]);
		expect(meeting.counts.deflaters).toBe(1);
	});

	test("a compressor in use is kept", async () => {
		const meeting = await meet({ keepContext: 10_000 }, {});
		for (let i = 0; i < 10; i++) {
			meeting.server.send(TEXT);
			await meeting.network.clock.advance(9_000);
			expect(meeting.counts.deflaters).toBe(1);
		}
		expect(meeting.received.client.length).toBe(10);
	});

	test.each([{}, { contextTakeover: false, peerContextTakeover: false }])(
		"an endpoint without connections holds nothing, and no timer: %j",
		async (options) => {
			const meeting = await meet(options, {});
			meeting.server.send(TEXT);
			meeting.client.send(TEXT);
			await settle();
			meeting.client.close();
			await meeting.client.closed;
			await meeting.server.closed;
			await settle();
			expect([meeting.counts.deflaters, meeting.counts.inflaters]).toEqual([0, 0]);
			await meeting.close();
			expect(meeting.network.clock.pendingTimers).toBe(0);
		},
	);

	test("a connection that is cut gives back what it held", async () => {
		const meeting = await meet({}, {});
		meeting.server.send(TEXT);
		meeting.client.send(TEXT);
		await settle();
		expect([meeting.counts.deflaters, meeting.counts.inflaters]).toEqual([1, 1]);
		meeting.network.streams[0]![1].reset();
		await meeting.server.closed;
		expect([meeting.counts.deflaters, meeting.counts.inflaters]).toEqual([0, 0]);
	});
});

describe("publish", () => {
	test("compresses once for all who hold no context, and again for who does", async () => {
		const network = new MemoryNetwork();
		const counts = counted();
		let compressed = 0;
		const codec: Codec = {
			...counts.codec,
			deflater(options) {
				const deflater = counts.codec.deflater(options);
				const deflate = deflater.deflate.bind(deflater);
				deflater.deflate = (payload) => {
					compressed++;
					return deflate(payload);
				};
				return deflater;
			},
		};
		const sockets: Socket[] = [];
		const server = await network.serve(80, {
			compression: { codec },
			open(socket) {
				sockets.push(socket);
				socket.subscribe("news");
			},
		});
		const received: unknown[][] = [];
		const connect = async (compression: CompressionOptions | false): Promise<void> => {
			const messages: unknown[] = [];
			received.push(messages);
			await network.connect("ws://memory/", {
				compression: compression && { codec: zlibCodec(zlib), ...compression },
				message: (_socket, message) => void messages.push(message),
			});
		};
		await connect({});
		await connect({});
		await connect({ peerContextTakeover: false });
		await connect({ peerWindowBits: 9 });
		await connect(false);
		expect(server.publish("news", TEXT)).toBe(5);
		expect(compressed).toBe(2);
		sockets[0]!.send(TEXT);
		server.publish("news", TEXT);
		expect(compressed).toBe(2 + 1 + 3);
		server.publish("news", TEXT, { compress: false });
		server.publish("news", "short");
		expect(compressed).toBe(6);
		await settle();
		const expected = [TEXT, TEXT, TEXT, "short"];
		expect(received).toEqual([[TEXT, ...expected], expected, expected, expected, expected]);
	});
});

test("a platform without a codec asks for one, by name, at the start", async () => {
	const network = new MemoryNetwork();
	const refused = expect.objectContaining({
		code: "ERR_OPTION",
		message: expect.stringContaining("the option `compression` needs a codec here: { codec: pakoCodec(pako) }"),
	});
	await expect(network.serve(80, { compression: true })).rejects.toThrow(refused);
	await network.serve(81, {});
	await expect(network.connect("ws://memory:81/", { compression: true })).rejects.toThrow(refused);
});
