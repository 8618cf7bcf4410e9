import { describe, expect, test } from "vitest";
import { SocketClosedError } from "../src/errors.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Socket } from "../src/socket.ts";
import { CLOSE, inParts, masked } from "./conversation.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

const KIB = 1_024;
const boom = new Error("boom");
const PEERS_END = masked(0x88, Uint8Array.of(0x03, 0xf3));

/** A socket that receives whole messages, and the raw peer at its other end. */
async function inMessages(): Promise<{ network: MemoryNetwork; socket: Socket; peer: RawPeer; errors: unknown[] }> {
	const network = new MemoryNetwork();
	const errors: unknown[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		timeouts: { closing: 500 },
		error: (error) => void errors.push(error),
	});
	const peer = await upgraded(network);
	const [socket] = [...server.sockets];
	return { network, socket, peer, errors };
}

/** Two sockets, a client's and its server's. */
async function pair(network: MemoryNetwork, port: number): Promise<[client: Socket, server: Socket]> {
	const server = await network.serve(port, { keepAlive: false });
	const client = await network.connect(`ws://memory:${port}/`, { keepAlive: false });
	return [client, [...server.sockets][0]];
}

/** A sink as a file is one: it remembers all chunks, and takes its time for each. */
function sink(chunks: unknown[]): WritableStream<unknown> {
	return new WritableStream({
		async write(chunk) {
			await settle();
			chunks.push(chunk);
		},
	});
}

function source(...chunks: (string | Uint8Array)[]): ReadableStream<string | Uint8Array> {
	return new ReadableStream({
		pull(controller) {
			const chunk = chunks.shift();
			if (chunk === undefined) controller.close();
			else controller.enqueue(chunk);
		},
	});
}

describe("readable", () => {
	test("gives each message, also an empty one, and ends with a clean close", async () => {
		const { socket, peer } = await inMessages();
		const chunks: unknown[] = [];
		const piped = socket.readable.pipeTo(sink(chunks));
		for (const frame of [masked(0x81, "a"), masked(0x81, ""), masked(0x82, "b"), CLOSE]) await peer.send(frame);
		peer.stream.end();
		await piped;
		expect(chunks).toEqual(["a", "", Uint8Array.of(0x62)]);
		expect(socket.readable).toBe(socket.readable);
	});

	test("in parts, gives each part", async () => {
		const { socket, peer, send } = await inParts();
		const chunks: unknown[] = [];
		const piped = socket.readable.pipeTo(sink(chunks));
		await send(masked(0x01, "a"), masked(0x80, "b"), masked(0x82, ""), masked(0x82, "c"), CLOSE);
		peer.stream.end();
		await piped;
		expect(chunks).toEqual(["a", "b", Uint8Array.of(0x63)]);
	});

	test("a reader that does not read holds the peer up", async () => {
		const { socket, peer } = await inMessages();
		const reader = socket.readable.getReader();
		for (let i = 0; i < 40; i++) await peer.send(masked(0x82, new Uint8Array(8 * KIB)));
		expect(peer.stream.bufferedAmount).toBeGreaterThan(160 * KIB);
		for (let i = 0; i < 40; i++) expect((await reader.read()).value).toHaveLength(8 * KIB);
		expect(peer.stream.bufferedAmount).toBe(0);
	});

	test("cancelling it closes the socket, while a read waits too", async () => {
		const { socket, peer } = await inMessages();
		const reader = socket.readable.getReader();
		const waiting = reader.read();
		await settle();
		await reader.cancel();
		expect((await waiting).done).toBe(true);
		await settle();
		expect(peer.takeHex()).toBe("880203e8");
		await peer.send(masked(0x81, "late"));
		await peer.send(CLOSE);
		peer.stream.end();
		expect((await socket.closed).wasClean).toBe(true);
	});

	test.each<[string, (socket: Socket, peer: RawPeer) => unknown, object]>([
		["a reset", (_socket, peer) => peer.stream.destroy(), { kind: "stream-reset" }],
		[
			"a violation",
			(_socket, peer) => peer.sendHex("c180 00000000").then(() => peer.stream.end()),
			{ kind: "reserved-bits" },
		],
		["terminate()", (socket) => socket.terminate(), { name: "SocketClosedError" }],
	])("%s errors it", async (_name, end, error) => {
		const { socket, peer } = await inMessages();
		const reader = socket.readable.getReader();
		const waiting = reader.read();
		await end(socket, peer);
		await expect(waiting).rejects.toMatchObject(error);
		await expect(reader.closed).rejects.toMatchObject(error);
	});

	test("an end in mid-message errors it", async () => {
		const { socket, peer, send } = await inParts();
		const reader = socket.readable.getReader();
		await send(masked(0x01, "a"));
		expect((await reader.read()).value).toBe("a");
		peer.stream.destroy();
		await expect(reader.read()).rejects.toBeInstanceOf(SocketClosedError);
	});

	test("beside a message handler it is the caller's mistake", async () => {
		const { socket } = await inParts({ message: () => {} });
		await expect(socket.readable.getReader().read()).rejects.toMatchObject({ code: "ERR_MESSAGE_HANDLER" });
	});
});

describe("writable", () => {
	test("sends each chunk, and closing it closes the socket", async () => {
		const { socket, peer } = await inMessages();
		const writer = socket.writable.getWriter();
		await writer.write("a");
		await writer.write(Uint8Array.of(1));
		const closed = writer.close();
		await settle();
		expect(peer.takeHex()).toBe("810161820101880203e8");
		await peer.send(CLOSE);
		peer.stream.end();
		await closed;
		await writer.closed;
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
		expect(socket.writable).toBe(socket.writable);
	});

	test("closing it rejects when the peer does not answer", async () => {
		const { socket, network } = await inMessages();
		const closed = socket.writable.close();
		closed.catch(() => {});
		await network.clock.advance(600);
		await expect(closed).rejects.toMatchObject({ kind: "closing-timeout" });
		expect((await socket.closed).wasClean).toBe(false);
	});

	test("a write waits for the peer", async () => {
		const { socket, peer } = await inMessages();
		const writer = socket.writable.getWriter();
		peer.stream.pause();
		let written = 0;
		for (let i = 0; i < 10; i++) void writer.write(new Uint8Array(64 * KIB)).then(() => written++);
		await settle();
		await settle();
		expect(written).toBeLessThan(3);
		expect(socket.bufferedAmount).toBeLessThan(256 * KIB);
		peer.stream.resume();
		await writer.ready;
		await settle();
		expect(written).toBe(10);
	});

	test("aborting it closes the socket with 1011, while a write waits too", async () => {
		const { socket, peer } = await inMessages();
		const writer = socket.writable.getWriter();
		peer.stream.pause();
		await writer.write("a");
		const waiting = writer.write(new Uint8Array(300 * KIB));
		await settle();
		const aborted = writer.abort(boom);
		expect(socket.readyState).toBe("closing");
		peer.stream.resume();
		await waiting.catch(() => {});
		await aborted;
		await expect(writer.closed).rejects.toBe(boom);
		await settle();
		expect(peer.takeHex()).toMatch(/880203f3$/);
	});

	test.each<[string, (socket: Socket, peer: RawPeer) => unknown]>([
		["a reset", (_socket, peer) => peer.stream.destroy()],
		["the peer's close", (_socket, peer) => peer.send(CLOSE).then(() => peer.stream.end())],
		["terminate()", (socket) => socket.terminate()],
	])("%s errors it, also a write that waits", async (_name, end) => {
		const { socket, peer, errors } = await inMessages();
		const { writable } = socket;
		const writer = writable.getWriter();
		peer.stream.pause();
		const waiting = writer.write(new Uint8Array(300 * KIB));
		await settle();
		await end(socket, peer);
		peer.stream.resume();
		await waiting.catch(() => {});
		await socket.closed;
		await expect(writer.write("late")).rejects.toBeInstanceOf(Error);
		await expect(writer.closed).rejects.toBeInstanceOf(Error);
		expect(errors).toEqual([]);
	});

	test("the socket's end before anybody has a writer: no unhandled rejection", async () => {
		const { socket, peer } = await inMessages();
		void socket.writable;
		void socket.readable;
		peer.stream.destroy();
		await socket.closed;
		await settle();
		await expect(socket.writable.getWriter().closed).rejects.toMatchObject({ kind: "stream-reset" });
	});

	test("what is no message errors it, and closes the socket with 1011", async () => {
		const { socket, peer } = await inMessages();
		const writer = socket.writable.getWriter();
		writer.closed.catch(() => {});
		await expect(writer.write(1 as unknown as string)).rejects.toMatchObject({ code: "ERR_MESSAGE_TYPE" });
		await settle();
		expect(peer.takeHex()).toBe("880203f3");
	});
});

describe("pipeTo", () => {
	test("from a file to a socket, and from its peer to a file, at the pace of the slower", async () => {
		const network = new MemoryNetwork();
		const [client, server] = await pair(network, 80);
		const chunks: Uint8Array[] = [];
		const sent = Array.from({ length: 50 }, (_, i) => new Uint8Array(16 * KIB).fill(i));
		const received = server.readable.pipeTo(sink(chunks));
		await source(...sent).pipeTo(client.writable);
		await received;
		expect(chunks).toEqual(sent);
		expect(await server.closed).toMatchObject({ code: 1000, wasClean: true, by: "peer" });
	});

	test("between two sockets, in both directions: a proxy", async () => {
		const network = new MemoryNetwork();
		const [user, front] = await pair(network, 80);
		const [back, origin] = await pair(network, 81);
		const there = front.readable.pipeTo(back.writable);
		const andBack = back.readable.pipeTo(front.writable);
		const answers: unknown[] = [];
		const answered = user.readable.pipeTo(sink(answers));
		void (async () => {
			for await (const message of origin) origin.send(typeof message === "string" ? message.toUpperCase() : message);
		})();
		user.send("a");
		user.send(Uint8Array.of(1));
		user.send("b");
		for (let i = 0; i < 10; i++) await settle();
		expect(answers).toEqual(["A", Uint8Array.of(1), "B"]);
		user.close(1000);
		await there;
		// The front can take no more answers.
		await andBack.catch(() => {});
		await answered;
		expect(await origin.closed).toMatchObject({ code: 1000, wasClean: true });
		expect(network.clock.pendingTimers).toBe(0);
		expect(network.clock.reported).toEqual([]);
	});

	test.each<[string, (origin: Socket) => void, number]>([
		["is cut", (origin) => origin.terminate(), 1011],
		["closes", (origin) => origin.close(4000), 1000],
	])("when one side of a proxy %s, the other one is told", async (_name, end, code) => {
		const network = new MemoryNetwork();
		const [user, front] = await pair(network, 80);
		const [back, origin] = await pair(network, 81);
		const pipes = [front.readable.pipeTo(back.writable), back.readable.pipeTo(front.writable)];
		const settled = Promise.allSettled(pipes);
		await settle();
		end(origin);
		expect(await user.closed).toMatchObject({ code, wasClean: true });
		await settled;
	});

	test("a file that breaks closes the socket with 1011", async () => {
		const { socket, peer } = await inMessages();
		const broken = new ReadableStream({ pull: (controller) => controller.error(boom) });
		await expect(broken.pipeTo(socket.writable)).rejects.toBe(boom);
		await settle();
		expect(peer.takeHex()).toBe("880203f3");
		await peer.send(PEERS_END);
		peer.stream.end();
		expect(await socket.closed).toMatchObject({ code: 1011, wasClean: true });
	});

	test("a file that can't be written closes the socket with 1011", async () => {
		const { socket, peer } = await inMessages();
		const full = new WritableStream({ write: () => Promise.reject(boom) });
		const piped = socket.readable.pipeTo(full);
		piped.catch(() => {});
		await peer.send(masked(0x81, "a"));
		await expect(piped).rejects.toBe(boom);
		await settle();
		expect(peer.takeHex()).toBe("880203f3");
	});
});
