import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { ServerOptions } from "../src/server-options.ts";
import type { Socket } from "../src/socket.ts";
import { RawPeer, UPGRADE, upgraded, upgradeWith } from "./raw-peer.ts";

async function answerTo(request: string, options: ServerOptions<unknown>): Promise<string> {
	const network = new MemoryNetwork();
	await network.serve(80, options);
	const peer = RawPeer.dial(network);
	await peer.send(request);
	await settle();
	return peer.text;
}

const HELLO = "81 85 00000000 68656c6c6f";

describe("the opening handshake", () => {
	test("RFC 6455 §1.3: without an upgrade handler everybody is let in", async () => {
		expect(await answerTo(UPGRADE, {})).toBe(
			"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n" +
				"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		);
	});

	test("the handler sees cookies and authorization and may refuse with any response", async () => {
		const options: ServerOptions<string> = {
			upgrade: (request) =>
				request.headers.get("cookie") === "id=1"
					? accept({ data: "known", headers: { "set-cookie": "seen=1" } })
					: new Response("who are you?", { status: 401, headers: { "www-authenticate": "Basic" } }),
		};
		const refused = await answerTo(UPGRADE, options as ServerOptions<unknown>);
		expect(refused).toMatch(/^HTTP\/1.1 401 Unauthorized\r\n/);
		expect(refused).toContain("www-authenticate: Basic\r\n");
		expect(refused).toContain("who are you?");
		expect(await answerTo(upgradeWith("Cookie: id=1"), options as ServerOptions<unknown>)).toContain(
			"set-cookie: seen=1\r\n",
		);
	});

	test("a refused upgrade closes: a request pipelined behind it never runs", async () => {
		const network = new MemoryNetwork();
		let ran = false;
		await network.serve(80, {
			upgrade: () => new Response(null, { status: 401 }),
			fetch() {
				ran = true;
				return new Response();
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send(`${UPGRADE}GET /admin HTTP/1.1\r\nHost: m\r\n\r\n`);
		await settle();
		expect(peer.text).toContain("connection: close\r\n");
		expect(peer.text.match(/HTTP\//g)).toHaveLength(1);
		expect(peer.hasEnded).toBe(true);
		expect(ran).toBe(false);
	});

	test("a subprotocol of the client's list is agreed on; another is the application's error", async () => {
		const offer = upgradeWith("Sec-WebSocket-Protocol: chat.v1, chat.v2");
		expect(await answerTo(offer, { upgrade: () => accept({ protocol: "chat.v2" }) })).toContain(
			"sec-websocket-protocol: chat.v2\r\n",
		);
		const network = new MemoryNetwork();
		await network.serve(80, { upgrade: () => accept({ protocol: "other" }) });
		const peer = RawPeer.dial(network);
		await peer.send(offer);
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 500 /);
		expect(network.clock.reported).toMatchObject([{ name: "UsageError" }]);
	});

	test.each([
		[
			"throws",
			() => {
				throw new Error("boom");
			},
		],
		[
			"rejects",
			async () => {
				throw new Error("boom");
			},
		],
		["returns nothing", () => undefined],
	])("a handler that %s gives 500 and a report", async (_name, upgrade) => {
		const network = new MemoryNetwork();
		await network.serve(80, { upgrade: upgrade as unknown as () => Response });
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 500 /);
		expect(network.clock.reported).toHaveLength(1);
	});

	test("a response that is given twice is refused and reported: its body is in use", async () => {
		const network = new MemoryNetwork();
		const refusal = new Response("no", { status: 401 });
		const server = await network.serve(80, { upgrade: () => refusal });
		const answers: string[] = [];
		for (let client = 0; client < 2; client++) {
			const peer = RawPeer.dial(network);
			await peer.send(UPGRADE);
			await settle();
			answers.push(peer.text.slice(0, 12));
			peer.stream.end();
			await settle();
		}
		expect(answers).toEqual(["HTTP/1.1 401", "HTTP/1.1 500"]);
		expect(network.clock.reported).toMatchObject([{ name: "TypeError" }]);
		expect(server.connections).toEqual([]);
	});

	test("frames right behind the request are messages", async () => {
		const network = new MemoryNetwork();
		const messages: unknown[] = [];
		await network.serve(80, { message: (_socket, message) => void messages.push(message) });
		const peer = RawPeer.dial(network);
		await peer.send(`${UPGRADE}\x81\x85\0\0\0\0hello`);
		expect(messages).toEqual(["hello"]);
	});

	test("while an async upgrade runs, frames are kept, bounded, and none is lost", async () => {
		const network = new MemoryNetwork();
		const messages: unknown[] = [];
		let letIn: () => void = () => {};
		await network.serve(80, {
			async upgrade() {
				await new Promise<void>((resolve) => {
					letIn = resolve;
				});
				return accept();
			},
			message: (_socket, message) => void messages.push(message),
		});
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		for (let sent = 0; sent < 100; sent++) await peer.sendHex(HELLO.repeat(100));
		// 64 KiB are read ahead. Then reading has stopped: what was sent waits at the sender.
		expect(peer.stream.bufferedAmount).toBeGreaterThan(40_000);
		letIn();
		await settle();
		await settle();
		expect(messages).toHaveLength(10_000);
		expect(new Set(messages)).toEqual(new Set(["hello"]));
	});

	test("a client that leaves while an async upgrade runs disturbs nobody", async () => {
		const network = new MemoryNetwork();
		let letIn: () => void = () => {};
		let opened = 0;
		const server = await network.serve(80, {
			async upgrade() {
				await new Promise<void>((resolve) => {
					letIn = resolve;
				});
				return accept();
			},
			open: () => void opened++,
		});
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		peer.stream.destroy();
		await settle();
		letIn();
		await settle();
		expect([opened, server.connections.length, network.clock.reported.length]).toEqual([0, 0, 0]);
	});

	test.each([100, Number.POSITIVE_INFINITY])(
		"a client that ends its half while an async upgrade runs is gone, also with halfOpen %s",
		async (halfOpen) => {
			const network = new MemoryNetwork();
			const { promise, resolve } = Promise.withResolvers<ReturnType<typeof accept>>();
			const calls: string[] = [];
			await network.serve(80, {
				timeouts: { halfOpen },
				upgrade({ signal }) {
					signal.addEventListener("abort", () => calls.push("signal"));
					return promise;
				},
				open: () => void calls.push("open"),
				close: () => void calls.push("close"),
			});
			const peer = RawPeer.dial(network);
			await peer.send(UPGRADE);
			peer.stream.end();
			await settle();
			expect(calls).toEqual([]);
			resolve(accept());
			await settle();
			expect([calls, peer.text]).toEqual([["signal"], ""]);
			expect(peer.closedWith).not.toBeUndefined();
		},
	);

	test.each([
		["a subprotocol that was not offered", { protocol: "other" }],
		["a field that is the handshake's own", { headers: { "sec-websocket-accept": "x" } }],
	])("accept() with %s comes to nothing: the request's signal tells", async (_what, options) => {
		const network = new MemoryNetwork();
		const signals: AbortSignal[] = [];
		await network.serve(80, {
			upgrade({ signal }) {
				signals.push(signal);
				return accept(options);
			},
			error: () => {},
		});
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 500 /);
		expect(signals.map((signal) => [signal.aborted, String(signal.reason)])).toEqual([
			[true, "AbortError: the client was not let in"],
		]);
	});

	test("accept() that lets the client in: the request's signal says nothing, then or later", async () => {
		const network = new MemoryNetwork();
		const signals: AbortSignal[] = [];
		await network.serve(80, {
			upgrade({ signal }) {
				signals.push(signal);
				return accept();
			},
		});
		const peer = await upgraded(network);
		peer.stream.destroy();
		await settle();
		expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
	});

	test("a refusal stands when the server closes meanwhile", async () => {
		const network = new MemoryNetwork();
		const { promise, resolve } = Promise.withResolvers<Response>();
		const server = await network.serve(80, { upgrade: () => promise });
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		const closed = server.close();
		resolve(new Response("who are you?", { status: 401 }));
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 401 /);
		peer.stream.end();
		await closed;
	});

	test("what open sends leaves with the 101 in one chunk", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { open: (socket) => void socket.send("hi") });
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		expect(peer.chunks).toHaveLength(1);
		expect(peer.text.endsWith("\r\n\r\n\x81\x02hi")).toBe(true);
	});

	test("data given to accept is socket.data", async () => {
		const network = new MemoryNetwork();
		let socket: Socket<{ name: string }> | undefined;
		await network.serve<{ name: string }>(80, {
			upgrade: () => accept({ data: { name: "ann" } }),
			open(opened) {
				socket = opened;
			},
		});
		await upgraded(network);
		expect(socket?.data.name).toBe("ann");
	});
});

describe("origins", () => {
	const from = (origin: string): string =>
		upgradeWith(`Origin: ${origin}`).replace("Host: memory", "Host: example.com");

	test.each([
		["http://example.com", "same-origin", 101],
		["http://EXAMPLE.com:80", "same-origin", 101],
		["https://example.com", "same-origin", 403],
		["http://example.com:81", "same-origin", 403],
		["http://example.com.evil.org", "same-origin", 403],
		["http://notexample.com", "same-origin", 403],
		["null", "same-origin", 403],
		["http://evil.org", "any", 101],
		["https://example.com", ["https://example.com"], 101],
		["https://example.com.evil.org", ["https://example.com"], 403],
	] as const)("a page of %s where %j is allowed gets %d", async (origin, origins, status) => {
		expect(await answerTo(from(origin), { origins })).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
	});

	test("a client that is no browser sends no origin and is let in", async () => {
		expect(await answerTo(UPGRADE, { origins: ["https://example.com"] })).toMatch(/^HTTP\/1.1 101 /);
	});

	test("the upgrade handler is not asked about a refused origin", async () => {
		let asked = false;
		await answerTo(from("http://evil.org"), {
			upgrade() {
				asked = true;
				return accept();
			},
		});
		expect(asked).toBe(false);
	});
});
