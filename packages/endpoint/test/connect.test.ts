import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { type Dial, openSocket } from "../src/connect.ts";
import type { HandshakeError } from "../src/errors.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Attach, StreamEvents } from "../src/stream.ts";

/** A network whose port 80 is answered by hand. */
function scripted(answer: string): { network: MemoryNetwork; seen: string[]; end: () => void } {
	const network = new MemoryNetwork();
	const seen: string[] = [];
	let finish: () => void = () => {};
	const attach: Attach = (stream) => {
		finish = () => stream.end();
		const events: StreamEvents = {
			received(chunk) {
				seen.push(String.fromCharCode(...chunk));
				stream.write(
					Uint8Array.from(answer, (char) => char.charCodeAt(0)),
					false,
				);
			},
			ended: () => stream.end(),
			drained() {},
			closed() {},
		};
		return events;
	};
	network.listen(80, attach);
	return { network, seen, end: () => finish() };
}

describe("connect", () => {
	test("opens a socket that talks, and ends cleanly", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {
			upgrade: (request) => accept({ protocol: "b", headers: { seen: request.headers.get("x") ?? "" } }),
			message: (socket, message) => void socket.send(message),
		});
		const socket = await network.connect("ws://memory/chat?x=1", { protocols: ["a", "b"], headers: { x: "y" } });
		expect(socket.protocol).toBe("b");
		expect(socket.readyState).toBe("open");
		socket.send("hello");
		socket.send(Uint8Array.of(1, 2, 3));
		const messages: unknown[] = [];
		for await (const message of socket) if (messages.push(message) === 2) break;
		expect(messages).toEqual(["hello", Uint8Array.of(1, 2, 3)]);
		socket.close(1000, "done");
		expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true, by: "local", stage: "closed" });
	});

	test("message, drain and close handlers work as on the server", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { open: (socket) => void socket.send("hi") });
		const seen: unknown[] = [];
		const socket = await network.connect("ws://memory/", {
			message: (_socket, message) => void seen.push(message),
			close: (_socket, event) => void seen.push(event.code),
		});
		await settle();
		socket.close();
		await socket.closed;
		expect(seen).toEqual(["hi", 1005]);
	});

	test("no handler is called before the promise has been answered, whoever passes it on", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {
			open(socket) {
				for (const greeting of ["a", "b"]) socket.send(greeting);
				socket.close(4000);
			},
		});
		const order: unknown[] = [];
		const dial = async () =>
			await network.connect("ws://memory/", {
				message: (_socket, message) => void order.push(message),
				close: (_socket, { code }) => void order.push(code),
			});
		const dialTwice = async () => await dial();
		await dialTwice();
		order.push("connected");
		await settle();
		expect(order).toEqual(["connected", "a", "b", 4000]);
	});

	test("a loop that begins right behind it, and a ping, find what came with the 101", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { open: (socket) => void socket.send("a") });
		const socket = await network.connect("ws://memory/");
		expect(await socket.ping()).toBe(0);
		for await (const message of socket) {
			expect(message).toBe("a");
			break;
		}
	});

	test("what is asked for stands in the request", async () => {
		const { network, seen } = scripted("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
		const opening = network.connect("ws://memory/chat?x=1", {
			protocols: ["a"],
			origin: "http://memory",
			headers: { cookie: "a=b" },
		});
		await expect(opening).rejects.toMatchObject({ code: "ERR_HANDSHAKE_REFUSED" });
		expect(seen.join("")).toMatch(/^GET \/chat\?x=1 HTTP\/1.1\r\n/);
		for (const line of ["host: memory", "origin: http://memory", "cookie: a=b", "sec-websocket-protocol: a"])
			expect(seen.join("").toLowerCase()).toContain(`\r\n${line}\r\n`);
	});

	test("a refusal brings the response with its body", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {
			upgrade: () => new Response("who are you?", { status: 401, headers: { "www-authenticate": "Basic" } }),
		});
		const error: HandshakeError = await network.connect("ws://memory/").then(
			() => expect.fail("it opened"),
			(error) => error,
		);
		expect(error).toMatchObject({ name: "HandshakeError", code: "ERR_HANDSHAKE_REFUSED" });
		expect(error.response?.status).toBe(401);
		expect(error.response?.headers.get("www-authenticate")).toBe("Basic");
		expect(await error.response?.text()).toBe("who are you?");
	});

	test("a redirect is not followed: no credentials go to another origin", async () => {
		const { network, seen } = scripted("HTTP/1.1 302 Found\r\nlocation: ws://evil/\r\ncontent-length: 0\r\n\r\n");
		const opening = network.connect("ws://memory/", { headers: { authorization: "secret" } });
		await expect(opening).rejects.toMatchObject({ code: "ERR_HANDSHAKE_REFUSED" });
		expect(seen).toHaveLength(1);
		expect(network.streams).toHaveLength(1);
	});

	test.each([
		["no HTTP", "ERR_HANDSHAKE_INVALID", "SSH-2.0-x\r\n\r\n"],
		[
			"a wrong accept key",
			"ERR_HANDSHAKE_INVALID",
			"HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		],
		["an endless refusal", "ERR_HANDSHAKE_REFUSED", `HTTP/1.1 500 x\r\n\r\n${"x".repeat(100_000)}`],
	])("%s fails with %s", async (_name, code, answer) => {
		const { network } = scripted(answer);
		await expect(network.connect("ws://memory/")).rejects.toMatchObject({ code });
	});

	test("a server that ends before it answers", async () => {
		const { network, end } = scripted("");
		const opening = network.connect("ws://memory/");
		await settle();
		end();
		await expect(opening).rejects.toMatchObject({ code: "ERR_HANDSHAKE_ENDED" });
	});

	test("a server that resets", async () => {
		const { network } = scripted("");
		const opening = network.connect("ws://memory/");
		await settle();
		network.streams[0]?.[1].destroy();
		await expect(opening).rejects.toMatchObject({ name: "TransportError", code: "ERR_CONNECTION_RESET" });
	});

	test("a server that never answers: the handshake timeout", async () => {
		const { network } = scripted("");
		const opening = network.connect("ws://memory/", { timeouts: { handshake: 300 } });
		const failed = expect(opening).rejects.toMatchObject({ code: "ERR_HANDSHAKE_TIMED_OUT" });
		await network.clock.advance(360);
		await failed;
	});

	test("nobody listens", async () => {
		await expect(new MemoryNetwork().connect("ws://memory/")).rejects.toMatchObject({
			name: "TransportError",
			code: "ERR_CONNECTION_REFUSED",
		});
	});

	test("the signal gives up connecting with its reason, before and during", async () => {
		const { network } = scripted("");
		await expect(network.connect("ws://memory/", { signal: AbortSignal.abort("early") })).rejects.toBe("early");
		const controller = new AbortController();
		const opening = network.connect("ws://memory/", { signal: controller.signal });
		await settle();
		controller.abort("late");
		await expect(opening).rejects.toBe("late");
	});

	test("a stream that comes when nobody waits for it any more is dropped, and nothing is written", async () => {
		const { network, seen } = scripted("");
		const controller = new AbortController();
		const options = { timeouts: { handshake: 300 } };
		let closed = 0;
		for (const [signal, failure] of [
			[controller.signal, { message: "late" }],
			[undefined, { code: "ERR_CONNECTION_TIMED_OUT" }],
		] as const) {
			const connected = Promise.withResolvers<void>();
			const dial: Dial = async (_target, attach) => {
				await connected.promise;
				network.dial(80, (stream) => ({ ...attach(stream), closed: () => void closed++ }));
			};
			const opening = openSocket(dial, "ws://memory/", { ...options, ...(signal && { signal }) }, network.clock);
			const failed = expect(opening).rejects.toMatchObject(failure);
			if (signal === undefined) await network.clock.advance(300);
			else controller.abort(new Error("late"));
			await failed;
			connected.resolve();
			await settle();
		}
		expect([closed, seen]).toEqual([2, []]);
	});

	test("the signal does not touch an open socket", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {});
		const controller = new AbortController();
		const socket = await network.connect("ws://memory/", { signal: controller.signal });
		controller.abort();
		await settle();
		expect(socket.readyState).toBe("open");
	});

	test.each([
		["ftp://memory/", {}, "ERR_URL"],
		["ws://memory/#top", {}, "ERR_URL"],
		["ws://memory/", { protocols: "a" }, "ERR_OPTION"],
		["ws://memory/", { signal: 1 }, "ERR_OPTION"],
		["ws://memory/", { timeout: 1 }, "ERR_OPTION"],
		["ws://memory/", { tls: { ca: 1 } }, "ERR_OPTION"],
		["ws://memory/", { tls: { ca: "" } }, "ERR_OPTION"],
		["ws://memory/", { tls: { ca: ["", "x"] } }, "ERR_OPTION"],
	])("%s with %j is the caller's mistake %s", async (url, options, code) => {
		await expect(new MemoryNetwork().connect(url, options as object)).rejects.toMatchObject({
			name: "UsageError",
			code,
		});
	});

	test("a field that injects another line is refused, and nothing is written", async () => {
		const { network, seen } = scripted("");
		await expect(network.connect("ws://memory/", { headers: { a: "b\r\nc: d" } })).rejects.toMatchObject({
			code: "ERR_OPTION",
			message: expect.stringContaining("`headers`"),
		});
		await expect(network.connect("ws://memory/", { protocols: ["a\r\nb"] })).rejects.toMatchObject({
			name: "UsageError",
		});
		expect(seen).toEqual([]);
	});
});
