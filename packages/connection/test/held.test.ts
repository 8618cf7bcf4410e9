import type { Extension } from "@barewire/framing";
import { describe, expect, test } from "vitest";
import { connectionSettings, Http1Client, Http1Server, WebSocketConnection } from "../src/index.ts";
import { clientFrame, concat, PING, UPGRADE } from "./wire.ts";

const FIRST = 0x02;
const LAST = 0x80;

function openServer(extensions: readonly Extension[] = []): WebSocketConnection {
	return new WebSocketConnection({ role: "server", extensions }, connectionSettings(), 0);
}

/** The first byte is the opcode with FIN set: without it, the message goes on. */
function unfinished(size: number): Uint8Array {
	const frame = clientFrame(FIRST, new Uint8Array(size));
	frame[0] = FIRST;
	return frame;
}

describe("WebSocketConnection", () => {
	test("a chunk is held in full until all of it is read, and an unfinished message until its end", () => {
		const server = openServer();
		expect([server.held, server.unfinished]).toEqual([0, 0]);
		const ping = clientFrame(PING);
		server.receive(concat([ping, ping]), 0);
		expect(server.held).toBe(2 * ping.length);
		server.nextEvent();
		// The pong waits as well.
		expect(server.held).toBe(2 * ping.length + 2);
		while (server.nextEvent() !== null);
		while (server.nextOutput() !== null);
		expect(server.held).toBe(0);
		const chunk = unfinished(2_000);
		server.receive(chunk, 0);
		expect(server.nextEvent()).toBeNull();
		expect([server.held, server.unfinished]).toEqual([chunk.length, chunk.length]);
		const end = clientFrame(0, new Uint8Array(0));
		end[0] = LAST;
		server.receive(end, 0);
		expect(server.nextEvent()).toMatchObject({ type: "binary" });
		expect([server.held, server.unfinished]).toEqual([0, 0]);
	});

	test("what a peer has sent refuses large messages, and no small answer", () => {
		const server = new WebSocketConnection({ role: "server" }, connectionSettings({ maxBufferedBytes: 10_000 }), 0);
		server.receive(unfinished(9_000), 0);
		expect(server.nextEvent()).toBeNull();
		server.sendBinary(new Uint8Array(2_000));
		server.sendText("a".repeat(1_000));
		expect(() => server.sendBinary(new Uint8Array(2_000))).toThrow(
			expect.objectContaining({ code: "ERR_BUFFER_FULL" }),
		);
		expect(() => server.sendText("a".repeat(2_000))).toThrow(expect.objectContaining({ code: "ERR_BUFFER_FULL" }));
	});

	test("a million fragments of one byte are what they lie in", () => {
		const server = new WebSocketConnection(
			{ role: "server" },
			connectionSettings({ framing: { maxFragments: Number.POSITIVE_INFINITY } }),
			0,
		);
		server.receive(unfinished(1), 0);
		const fragment = clientFrame(0, new Uint8Array(1));
		fragment[0] = 0;
		const thousand = concat(Array.from({ length: 1_000 }, () => fragment));
		for (let i = 0; i < 1_000; i++) {
			server.receive(thousand.slice(), 0);
			expect(server.nextEvent()).toBeNull();
		}
		expect(server.held).toBeGreaterThan(1_000_000);
		expect(server.held).toBeLessThan(1_100_000);
	});

	test("what extensions keep counts", () => {
		const extension = { rsv: 0b100, name: "keeps", held: 77 } as unknown as Extension;
		expect(openServer([extension]).held).toBe(77);
	});

	test.each([
		["message-too-big", 1009],
		["no-room", 1013],
	] as const)("fail(%j): what was received is dropped, and a Close frame says %i", (kind, code) => {
		const server = openServer();
		server.receive(unfinished(2_000), 0);
		expect(server.nextEvent()).toBeNull();
		server.fail(kind, 5);
		expect(server.nextEvent()).toMatchObject({ type: "failed", failure: { kind, code } });
		const close = server.nextOutput();
		expect([close?.[0], ((close?.[2] ?? 0) << 8) | (close?.[3] ?? 0)]).toEqual([0x88, code]);
		expect([server.held, server.streamAction]).toEqual([0, "end"]);
		server.fail("no-room", 6);
		server.receiveEnd(7);
		expect(server.nextEvent()).toMatchObject({ type: "closed", by: "local", failure: { kind } });
		server.fail("no-room", 8);
		expect([server.nextEvent(), server.nextOutput()]).toEqual([null, null]);
	});
});

describe("HTTP", () => {
	test("a server's: the head that comes with its fields, and the answer that waits", () => {
		const server = new Http1Server(connectionSettings(), 0);
		expect([server.held, server.unfinished]).toEqual([0, 0]);
		server.receive(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nAccept: x"), 0);
		expect(server.nextEvent()).toBeNull();
		expect(server.held).toBeGreaterThanOrEqual(34 + 96);
		expect(server.held).toBeLessThan(300);
		server.receive(new TextEncoder().encode("\r\n\r\n"), 0);
		while (server.nextEvent() !== null);
		expect(server.held).toBe(0);
		server.respond({ status: 200, body: false }, 0);
		expect(server.held).toBe(server.bufferedAmount + 128);
		while (server.nextOutput() !== null);
		expect(server.held).toBe(0);
	});

	test("a client's: the request until it leaves, then the answer that comes", () => {
		const random = (into: Uint8Array): void => void into.fill(1);
		const client = new Http1Client(connectionSettings({ random }), { host: "a", target: "/", fields: [] }, 0);
		expect([client.held, client.unfinished]).toEqual([client.bufferedAmount + 128, 0]);
		while (client.nextOutput() !== null);
		expect(client.held).toBe(0);
		client.receive(new TextEncoder().encode(`HTTP/1.1 200 OK\r\nServer: ${"x".repeat(1_000)}`), 0);
		client.nextEvent();
		expect(client.held).toBeGreaterThan(1_000);
	});

	test("behind the switch, HTTP holds nothing", () => {
		const server = new Http1Server(connectionSettings(), 0);
		server.receive(new TextEncoder().encode(UPGRADE), 0);
		while (server.nextEvent() !== null);
		const connection = server.accept({}, 0);
		expect([server.held, connection.held]).toEqual([0, connection.bufferedAmount + 128]);
	});
});
