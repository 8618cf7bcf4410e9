import type { Server, Socket } from "@barewire/endpoint";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Address, connect, type ServerOptions, type StreamPair, serve } from "../src/index.ts";
import { WebStream } from "../src/stream.ts";

/** Two ends of a connection. */
function pairs(): [StreamPair, StreamPair] {
	const [there, back] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
	return [
		{ readable: back.readable, writable: there.writable },
		{ readable: there.readable, writable: back.writable },
	];
}

/** Connections for a server, made by whoever dials. */
class Dialled {
	private readonly stream: TransformStream<StreamPair, StreamPair> = new TransformStream();
	private readonly writer = this.stream.writable.getWriter();
	readonly incoming: ReadableStream<StreamPair> = this.stream.readable;

	readonly dial = (): StreamPair => {
		const [mine, theirs] = pairs();
		this.offer(theirs);
		return mine;
	};

	offer(pair: StreamPair): void {
		void this.writer.write(pair).catch(() => {});
	}
}

let server: Server;
let dialled: Dialled;
beforeEach(() => {
	dialled = new Dialled();
});
afterEach(() => server.close());

function serveEcho(options: ServerOptions<undefined> = {}): void {
	server = serve(dialled.incoming, { message: (socket, message) => void socket.send(message), ...options });
}

async function next(socket: Socket): Promise<unknown> {
	return (await socket[Symbol.asyncIterator]().next()).value;
}

test("messages go there and back, of any size", async () => {
	serveEcho();
	const socket = await connect("wss://anywhere/", dialled.dial);
	for (const length of [0, 1, 125, 126, 65_536, 1 << 20]) {
		const message = new Uint8Array(length).fill(7);
		socket.send(message);
		expect(await next(socket)).toEqual(message);
	}
	socket.send("text");
	expect(await next(socket)).toBe("text");
	expect(socket.secure).toBe(true);
	socket.close(4000, "done");
	expect(await socket.closed).toMatchObject({ code: 4000, wasClean: true, by: "local" });
});

test("plain HTTP is answered on the same streams", async () => {
	serveEcho({ fetch: () => new Response("hello") });
	const { readable, writable } = dialled.dial();
	const writer = writable.getWriter();
	void writer.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
	let answer = "";
	for await (const chunk of readable) answer += new TextDecoder().decode(chunk);
	expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n.*\r\n\r\nhello$/s);
	await writer.close();
});

test("close() closes every peer with 1001 and asks for no more connections", async () => {
	serveEcho();
	const socket = await connect("ws://anywhere/", dialled.dial);
	await server.close();
	expect(await socket.closed).toMatchObject({ code: 1001, wasClean: true, by: "peer" });
	expect(server.connections).toEqual([]);
});

test("a reader that waits holds the writer back, and nothing is lost", async () => {
	serveEcho();
	const socket = await connect("ws://anywhere/", dialled.dial);
	let sent = 0;
	while (socket.send(new Uint8Array(50_000).fill(sent))) sent++;
	expect(socket.bufferedAmount).toBeGreaterThan(0);
	const drained = socket.drained();
	for (let i = 0; i <= sent; i++) expect(await next(socket)).toEqual(new Uint8Array(50_000).fill(i));
	await drained;
	expect(socket.bufferedAmount).toBe(0);
	socket.terminate();
});

test("terminate() breaks both streams", async () => {
	serveEcho();
	const socket = await connect("ws://anywhere/", dialled.dial);
	socket.terminate();
	expect(await socket.closed).toMatchObject({ code: 1006, by: "local" });
	// The other end is told by an error of its streams.
	const [other] = server.sockets;
	expect((await other?.closed) ?? { code: 1006 }).toMatchObject({ code: 1006 });
});

test("the two ends share no memory", async () => {
	const [[mine, theirs], [received, sent]] = [pairs(), [[], []] as [Uint8Array[], Uint8Array[]]];
	const stream = new WebStream(mine, false, () => ({
		received: (chunk) => received.push(chunk),
		ended: () => {},
		drained: () => {},
		closed: () => {},
	}));
	const [writer, reader] = [theirs.writable.getWriter(), theirs.readable.getReader()];
	// What a Buffer calls a slice is no copy.
	const fromThere: Uint8Array = Buffer.of(1, 2, 3);
	await writer.write(fromThere);
	const fromHere: Uint8Array = Buffer.of(4, 5, 6);
	stream.write(fromHere);
	sent.push((await reader.read()).value as Uint8Array);
	for (const [copies, original] of [
		[received, fromThere],
		[sent, fromHere],
	] as const) {
		expect(copies).toEqual([new Uint8Array(original)]);
		expect(copies[0]?.buffer).not.toBe(original.buffer);
	}
	stream.destroy();
});

test("a pair tells where it leads and whether it is secure, for both ends", async () => {
	const here: Address = { transport: "tcp", hostname: "192.0.2.1", port: 443 };
	const there: Address = { transport: "tcp", hostname: "192.0.2.2", port: 50_000 };
	serveEcho();
	const [mine, theirs] = pairs();
	dialled.offer({ ...theirs, secure: true, local: here, remote: there });
	const socket = await connect("ws://site.example/", () => ({ ...mine, secure: true, local: there, remote: here }), {
		// A page of the site itself: it is let in where the server knows that it speaks TLS.
		origin: "https://site.example",
	});
	expect([socket.secure, socket.local, socket.remote]).toEqual([true, there, here]);
	expect(server.connections).toMatchObject([{ secure: true, local: here, remote: there }]);
	socket.terminate();
});

describe("errors", () => {
	test("a stream that breaks ends the connection with a TransportError's code", async () => {
		serveEcho();
		let broken: (reason: unknown) => void = () => {};
		const socket = await connect("ws://anywhere/", () => {
			const { readable, writable } = dialled.dial();
			const through = new TransformStream<Uint8Array, Uint8Array>({
				start: (controller) => {
					broken = (reason) => controller.error(reason);
				},
			});
			return { readable: readable.pipeThrough(through), writable };
		});
		broken(new Error("cable pulled"));
		expect(await socket.closed).toMatchObject({ code: 1006, by: "stream", error: { kind: "stream-reset" } });
	});

	test("what the dialler throws is what connect() rejects with", async () => {
		serveEcho();
		const error = new Error("no such host");
		await expect(connect("ws://anywhere/", () => Promise.reject(error))).rejects.toBe(error);
	});

	test("a wrong option is named", () => {
		serveEcho();
		expect(() => serve(dialled.incoming, { mesage() {} } as never)).toThrow("`mesage`");
	});

	test("an `incoming` that fails is told to the error handler", async () => {
		const error = new Error("the listener broke");
		const told = new Promise((resolve) => {
			const failing = new ReadableStream<StreamPair>({ start: (controller) => controller.error(error) });
			server = serve(failing, { error: resolve });
		});
		expect(await told).toBe(error);
	});

	test("streams that somebody else reads are told to the error handler, and cost no other connection", async () => {
		const errors: unknown[] = [];
		serveEcho({ error: (error) => void errors.push(error) });
		const [, theirs] = pairs();
		theirs.readable.getReader();
		dialled.offer(theirs);
		const socket = await connect("ws://anywhere/", dialled.dial, { timeouts: { handshake: 1000 } });
		expect(errors).toEqual([expect.any(TypeError)]);
		socket.terminate();
	});
});
