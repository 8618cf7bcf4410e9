import { describe, expect, test } from "vitest";
import { accept } from "../src/accept.ts";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import type { Observed } from "../src/observe.ts";
import type { Server } from "../src/server.ts";
import type { ServerOptions } from "../src/server-options.ts";
import { CLOSE, masked } from "./conversation.ts";
import { RawPeer, UPGRADE, upgraded, upgradeWith } from "./raw-peer.ts";

interface Seen {
	readonly network: MemoryNetwork;
	readonly server: Server;
	readonly events: Observed[];
	readonly errors: unknown[];
	/** What was observed, a line each, and forgotten. */
	take(): string[];
}

async function observed(options: Partial<ServerOptions<undefined>> = {}): Promise<Seen> {
	const network = new MemoryNetwork();
	const events: Observed[] = [];
	const errors: unknown[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		error: (error) => void errors.push(error),
		...options,
		observe(event) {
			events.push(event);
			return options.observe?.(event);
		},
	});
	return { network, server, events, errors, take: () => events.splice(0).map(line) };
}

function line(event: Observed): string {
	switch (event.type) {
		case "refused":
			return `refused ${event.status} ${event.reason}`;
		case "failed":
			return `failed ${event.kind}`;
		case "closed":
			return `closed ${event.event?.code ?? "http"} ${event.failure}`;
		default:
			return event.type;
	}
}

/** What is observed of a client that sends this, and then ends its stream if it has not ended. */
async function storyOf(request: string, options: Partial<ServerOptions<undefined>> = {}): Promise<string[]> {
	const { network, take } = await observed(options);
	const peer = RawPeer.dial(network);
	await peer.send(request);
	// Of a request that is not complete.
	if (!request.endsWith("\r\n\r\n")) await network.clock.advance(10_000);
	peer.stream.end();
	await settle();
	return take();
}

const GET = "GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";

describe("the story of a connection", () => {
	test("HTTP that is answered", async () => {
		expect(await storyOf(GET, { fetch: () => new Response("a") })).toEqual(["accepted", "closed http null"]);
	});

	test("a WebSocket: `upgraded` comes before `open`, `closed` before `close`", async () => {
		const order: string[] = [];
		const { network } = await observed({
			observe: (event) => void order.push(line(event)),
			open: () => void order.push("open"),
			close: () => void order.push("close"),
		});
		const peer = await upgraded(network);
		await peer.send(CLOSE);
		peer.stream.end();
		await settle();
		expect(order).toEqual(["accepted", "upgraded", "open", "closed 1000 null", "close"]);
	});

	test("all of it is told of one and the same view", async () => {
		const { network, server, events } = await observed();
		const peer = await upgraded(network);
		const [view] = server.connections;
		peer.stream.destroy();
		await settle();
		const views = new Set(events.map((event) => ("connection" in event ? event.connection : null)));
		expect([events.length, views.size, [...views][0]]).toEqual([3, 1, view]);
	});

	test("a client that leaves without a word, before the request, within it, and as a WebSocket", async () => {
		const { network, take } = await observed();
		for (const bytes of ["", "GET / HT", UPGRADE]) {
			const peer = RawPeer.dial(network);
			await peer.send(bytes);
			peer.stream.reset();
			await settle();
		}
		expect(take()).toEqual([
			"accepted",
			"closed http stream-reset",
			"accepted",
			"closed http stream-reset",
			"accepted",
			"upgraded",
			"closed 1006 stream-reset",
		]);
	});
});

describe("refusals", () => {
	test.each<[string, string, Partial<ServerOptions<undefined>>]>([
		["GET /\r\n\r\n", "400 malformed-request-line", {}],
		[`${UPGRADE.replace("Version: 13", "Version: 12")}`, "426 unsupported-version", {}],
		["CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "501 connect-not-implemented", {}],
		["GET / HTTP/1.1\r\n", "408 handshake-timeout", {}],
		[GET, "426 websocket-only", {}],
		[upgradeWith("Origin: https://elsewhere.example"), "403 origin", {}],
		[UPGRADE, "401 application", { upgrade: () => new Response(null, { status: 401 }) }],
		[
			UPGRADE,
			"500 handler-failed",
			{
				upgrade() {
					throw new Error("no");
				},
			},
		],
		[
			GET,
			"500 handler-failed",
			{
				fetch() {
					throw new Error("no");
				},
			},
		],
	])("%j: %s", async (request, refusal, options) => {
		const [accepted, refused, closed, ...more] = await storyOf(request, options);
		expect([accepted, refused, more]).toEqual(["accepted", `refused ${refusal}`, []]);
		expect(closed).toMatch(/^closed http/);
	});

	test("a server that closes lets no further client in", async () => {
		const gate = Promise.withResolvers<ReturnType<typeof accept>>();
		const { network, server, take } = await observed({ upgrade: () => gate.promise });
		const peer = RawPeer.dial(network);
		await peer.send(UPGRADE);
		void server.close();
		await settle();
		gate.resolve(accept());
		await settle();
		peer.stream.end();
		await settle();
		expect(take()).toEqual(["accepted", "refused 503 closing", "closed http null"]);
	});

	test.each<[string, string, Partial<ServerOptions<undefined>>]>([
		["fetch", GET, { fetch: () => new Response("a", { headers: { "content-length": "x" } }) }],
		["upgrade", UPGRADE, { upgrade: () => new Response("a", { status: 401, headers: { "content-length": "x" } }) }],
	])("a Response of `%s` that can't be sent: the client gets 500", async (_handler, request, options) => {
		const [, refused, closed, ...more] = await storyOf(request, options);
		expect([refused, closed, more]).toEqual(["refused 500 handler-failed", "closed http null", []]);
	});

	const reads = { fetch: async (request: Request) => new Response(await request.text()) };
	const POST = "POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n";

	test("a request that breaks a rule while `fetch` reads it is refused once", async () => {
		expect(await storyOf(`${POST}zz\r\n\r\n`, reads)).toEqual([
			"accepted",
			"refused 400 malformed-chunk-size",
			"closed http null",
		]);
	});

	test("a client that leaves while `fetch` reads its request is not refused", async () => {
		const { network, take } = await observed(reads);
		const peer = RawPeer.dial(network);
		await peer.send(POST);
		peer.stream.reset();
		await settle();
		expect(take()).toEqual(["accepted", "closed http stream-reset"]);
	});

	test("a client that connects while the server closes is cut, and nothing has gone wrong", async () => {
		const { network, server, take } = await observed({ fetch: () => new Promise(() => {}) });
		await RawPeer.dial(network).send(GET);
		void server.close();
		network.listen(81, (stream) => server.attach(stream));
		const late = RawPeer.dial(network, 81);
		await settle();
		expect([late.closedWith, take()]).toEqual([expect.anything(), ["accepted", "accepted", "closed http null"]]);
	});

	test("an answer that is under way is not a refusal, whatever breaks then", async () => {
		const { network, take } = await observed({
			fetch: () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) })),
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n");
		await peer.send("zz\r\n");
		peer.stream.end();
		await settle();
		expect(take().filter((each) => each.startsWith("refused"))).toEqual([]);
	});
});

describe("failures of WebSockets", () => {
	test("a broken rule, by its kind", async () => {
		const { network, take } = await observed();
		const peer = await upgraded(network);
		await peer.send(masked(0x83, ""));
		peer.stream.end();
		await settle();
		expect(take()).toEqual(["accepted", "upgraded", "failed reserved-opcode", "closed 1006 reserved-opcode"]);
	});

	test("time that ran out, by its kind", async () => {
		const { network, take } = await observed({ keepAlive: { interval: 100, timeout: 100 } });
		const peer = await upgraded(network);
		await network.clock.advance(250);
		peer.stream.end();
		await settle();
		expect(take()).toEqual(["accepted", "upgraded", "failed keepalive-timeout", "closed 1006 keepalive-timeout"]);
	});

	test("a peer that takes no output", async () => {
		const { network, take } = await observed({
			timeouts: { stalled: 1_000 },
			open: (socket) => void socket.send(new Uint8Array(100_000)),
		});
		const peer = RawPeer.dial(network);
		peer.stream.pause();
		await peer.send(UPGRADE);
		await network.clock.advance(1_100);
		expect(take()).toEqual(["accepted", "upgraded", "failed stalled-timeout", "closed 1006 stalled-timeout"]);
	});

	test("a message in parts that is larger than may be put together", async () => {
		const network = new MemoryNetwork();
		const events: string[] = [];
		await network.serve(80, {
			receive: "parts",
			limits: { maxMessageSize: 3 },
			message: async (_socket, message) => void (await message.bytes()),
			observe: (event) => void events.push(line(event)),
		});
		const peer = await upgraded(network);
		await peer.send(masked(0x82, "four"));
		peer.stream.end();
		await settle();
		expect(events).toEqual(["accepted", "upgraded", "failed message-too-big", "closed 1006 message-too-big"]);
	});
});

test.each<["throws" | "rejects", (event: Observed) => void]>([
	[
		"throws",
		(event) => {
			throw new Error(event.type);
		},
	],
	["rejects", (event) => Promise.reject(new Error(event.type))],
])("an observer that %s is told to `error`, and the connection goes on", async (_how, observe) => {
	const { network, errors } = await observed({
		observe,
		message: (socket, message) => void socket.send(message),
	});
	const peer = await upgraded(network);
	await peer.send(masked(0x81, "a"));
	expect([peer.takeHex(), errors.map(String)]).toEqual(["810161", ["Error: accepted", "Error: upgraded"]]);
});
