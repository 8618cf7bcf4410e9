import { describe, expect, test } from "vitest";
import { MemoryNetwork, settle } from "../src/memory/index.ts";
import { RawPeer } from "./raw-peer.ts";

const GET = "GET /a?b HTTP/1.1\r\nHost: memory\r\n\r\n";
const DATE = "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";

async function answerTo(request: string, fetch: (request: Request) => Response | Promise<Response>): Promise<string> {
	const network = new MemoryNetwork();
	await network.serve(80, { fetch });
	const peer = RawPeer.dial(network);
	await peer.send(request);
	await settle();
	return peer.text;
}

function streamOf(...parts: readonly string[]): ReadableStream<Uint8Array> {
	return new ReadableStream({
		start(controller) {
			for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
			controller.close();
		},
	});
}

describe("ordinary HTTP through fetch", () => {
	test("the request carries method, URL and fields, and info the five-tuple", async () => {
		const network = new MemoryNetwork();
		const seen: unknown[] = [];
		await network.serve(80, {
			fetch(request, info) {
				seen.push(request.method, request.url, request.headers.get("x-y"), info);
				return new Response(null, { status: 204 });
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("PATCH /a?b HTTP/1.1\r\nHost: example.com:81\r\nX-Y: z\r\n\r\n");
		expect(seen).toEqual([
			"PATCH",
			"http://example.com:81/a?b",
			"z",
			{
				local: { transport: "tcp", hostname: "memory", port: 80 },
				remote: { transport: "tcp", hostname: "memory", port: 49_152 },
				secure: false,
				client: "memory",
			},
		]);
		expect(peer.text).toBe(`HTTP/1.1 204 No Content\r\n${DATE}\r\n`);
	});

	test.each([
		["a text", (): string => "hello"],
		["bytes", () => new TextEncoder().encode("hello")],
		["a stream that has all of it", () => streamOf("hello")],
	] as const)("a body at hand goes out with its length, in one piece: %s", async (_name, body) => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: () => new Response(body(), { headers: { "content-type": "a/b" } }) });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		const answer = `HTTP/1.1 200 OK\r\ncontent-type: a/b\r\n${DATE}content-length: 5\r\n\r\nhello`;
		expect(peer.chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual([answer]);
	});

	test("a body without an end at hand is chunked, and its head doesn't wait for it", async () => {
		const network = new MemoryNetwork();
		const { readable, writable } = new TransformStream<Uint8Array>(undefined, undefined, { highWaterMark: 1 });
		const writer = writable.getWriter();
		await network.serve(80, { fetch: () => new Response(readable) });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		expect(peer.takeText()).toBe(`HTTP/1.1 200 OK\r\n${DATE}transfer-encoding: chunked\r\n\r\n`);
		await writer.write(new TextEncoder().encode("he"));
		await settle();
		expect(peer.takeText()).toBe("2\r\nhe\r\n");
		await writer.close();
		await settle();
		expect(peer.text).toBe("0\r\n\r\n");
	});

	test("a body of two parts, or of one that is not copied, is chunked unless its length is told", async () => {
		const chunked = `${DATE}transfer-encoding: chunked\r\n\r\n`;
		expect(await answerTo(GET, () => new Response(streamOf("he", "llo")))).toBe(
			`HTTP/1.1 200 OK\r\n${chunked}2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`,
		);
		expect(await answerTo(GET, () => new Response(new Uint8Array(65_537)))).toContain(`${chunked}10001\r\n`);
		expect(
			await answerTo(GET, () => new Response(streamOf("he", "llo"), { headers: { "content-length": "5" } })),
		).toContain("content-length: 5");
	});

	test("the head of a body that comes in time leaves with the part that is there", async () => {
		const network = new MemoryNetwork();
		const events = new ReadableStream<Uint8Array>({
			start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
		});
		await network.serve(80, { fetch: () => new Response(events) });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		const answer = `HTTP/1.1 200 OK\r\n${DATE}transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n`;
		expect(peer.chunks.map((chunk) => new TextDecoder().decode(chunk))).toEqual([answer]);
	});

	test.each([
		["at hand", 1],
		["in parts", 2],
	])(
		"a source may use the memory of a chunk again when it is asked for the next one: a body %s",
		async (_name, parts) => {
			// Its slice() is no copy.
			const memory = Buffer.from("hello");
			let pulls = 0;
			const body = new ReadableStream(
				{
					pull(controller) {
						memory.write(pulls === 0 ? "hello" : "world");
						if (pulls++ === parts) controller.close();
						else controller.enqueue(memory);
					},
				},
				{ highWaterMark: 0 },
			);
			const texts = parts === 1 ? ["\r\n\r\nhello"] : ["5\r\nhello\r\n", "5\r\nworld\r\n"];
			const answer = await answerTo(GET, () => new Response(body));
			for (const text of texts) expect(answer).toContain(text);
		},
	);

	test("a body of another length than told breaks the connection and is reported", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: () => new Response("hello", { headers: { "content-length": "4" } }) });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		expect(peer.closedWith).toMatchObject({ code: "ERR_CONNECTION_RESET" });
		expect(network.clock.reported).toMatchObject([{ code: "ERR_CONTENT_LENGTH" }]);
	});

	test("answers to pipelined requests leave in one write, as far as they are made at once", async () => {
		const network = new MemoryNetwork();
		const slow = Promise.withResolvers<void>();
		await network.serve(80, {
			async fetch({ url }) {
				const path = new URL(url).pathname;
				if (path === "/slow") await slow.promise;
				return new Response(path);
			},
		});
		const peer = RawPeer.dial(network);
		const bodies = () =>
			peer.chunks.splice(0).map((chunk) => new TextDecoder().decode(chunk).match(/\/\w+(?=HTTP|$)/g));
		await peer.send(
			["/a", "/b", "/slow", "/c", "/d"].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""),
		);
		await settle();
		expect(bodies()).toEqual([["/a", "/b"]]);
		slow.resolve();
		await settle();
		expect(bodies()).toEqual([["/slow", "/c", "/d"]]);
	});

	test("HEAD gets the fields and no body, and the body is not made", async () => {
		let cancelled = false;
		const body = new ReadableStream({
			cancel() {
				cancelled = true;
			},
		});
		const text = await answerTo("HEAD / HTTP/1.1\r\nHost: memory\r\n\r\n", () => new Response(body));
		expect(text).toBe(`HTTP/1.1 200 OK\r\n${DATE}\r\n`);
		expect(cancelled).toBe(true);
	});

	test.each(["POST", "GET", "TRACE", "DELETE", "brew"])("%s brings its body to the application", async (method) => {
		const text = await answerTo(
			`${method} / HTTP/1.1\r\nHost: memory\r\nContent-Length: 5\r\n\r\nhello`,
			async (request) => new Response(`${request.method} ${await request.text()}`),
		);
		expect(text).toContain(`\r\n\r\n${method} hello`);
	});

	test("a chunked request streams, and the response may stream meanwhile", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: (request) => new Response(request.body) });
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: memory\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
		expect(peer.takeText()).toContain("3\r\nabc\r\n");
		await peer.send("2\r\nde\r\n0\r\n\r\n");
		await settle();
		expect(peer.takeText()).toBe("2\r\nde\r\n0\r\n\r\n");
	});

	test("pipelined requests are answered one after the other, in order", async () => {
		const release: (() => void)[] = [];
		const network = new MemoryNetwork();
		let running = 0;
		await network.serve(80, {
			async fetch(request) {
				running++;
				await new Promise<void>((resolve) => release.push(resolve));
				running--;
				return new Response(null, { headers: { path: new URL(request.url).pathname } });
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("GET /1 HTTP/1.1\r\nHost: m\r\n\r\nGET /2 HTTP/1.1\r\nHost: m\r\n\r\n");
		expect(running).toBe(1);
		release[0]?.();
		await settle();
		expect(running).toBe(1);
		release[1]?.();
		await settle();
		expect(peer.text.match(/path: \S+/g)).toEqual(["path: /1", "path: /2"]);
	});

	test("pipelined requests of a client that reads nothing wait for room, though their answers are short", async () => {
		const network = new MemoryNetwork();
		let answered = 0;
		await network.serve(80, {
			fetch() {
				answered++;
				return new Response(new Uint8Array(60_000));
			},
		});
		const peer = RawPeer.dial(network);
		peer.stream.pause();
		await peer.send(GET.repeat(50));
		for (let turn = 0; turn < 100; turn++) await settle();
		expect(answered).toBeLessThan(25);
		peer.stream.resume();
		for (let turn = 0; turn < 100; turn++) await settle();
		expect(answered).toBe(50);
	});

	test("`connection: close` of the application ends the connection after the answer", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: () => new Response(null, { headers: { connection: "close" } }) });
		const peer = RawPeer.dial(network);
		await peer.send(GET + GET);
		expect(peer.text.match(/HTTP\/1.1 200/g)).toHaveLength(1);
		expect(peer.text).toContain("connection: close\r\n");
		expect(peer.hasEnded).toBe(true);
	});

	test("100 Continue is sent when the application reads the body, and not before", async () => {
		const network = new MemoryNetwork();
		let read: () => void = () => {};
		await network.serve(80, {
			async fetch(request) {
				await new Promise<void>((resolve) => {
					read = resolve;
				});
				return new Response(await request.text());
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
		expect(peer.text).toBe("");
		read();
		await settle();
		expect(peer.takeText()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
		await peer.send("ok");
		await settle();
		expect(peer.takeText()).toContain("content-length: 2\r\n\r\nok");
	});

	test("a body that nobody reads is dropped and the connection kept", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: () => new Response(null, { status: 204 }) });
		const peer = RawPeer.dial(network);
		await peer.send(`POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n\r\nhello${GET}`);
		await settle();
		expect(peer.text.match(/HTTP\/1.1 204/g)).toHaveLength(2);
	});

	test("a request body is read no faster than the application reads it", async () => {
		const network = new MemoryNetwork();
		let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
		await network.serve(80, {
			fetch(request) {
				reader = request.body?.getReader();
				return new Promise(() => {});
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 1000000\r\n\r\n");
		for (let sent = 0; sent < 50; sent++) await peer.send(new Uint8Array(10_000));
		expect(peer.stream.bufferedAmount).toBeGreaterThan(400_000);
		for (let taken = 0; taken < 500_000; ) taken += (await reader?.read())?.value?.length ?? Number.NaN;
		await settle();
		expect(peer.stream.bufferedAmount).toBe(0);
	});

	test("a response body is made no faster than the client takes it", async () => {
		const network = new MemoryNetwork();
		let made = 0;
		const body = new ReadableStream(
			{
				pull(controller) {
					made += 10_000;
					controller.enqueue(new Uint8Array(10_000));
					if (made === 1_000_000) controller.close();
				},
			},
			{ highWaterMark: 0 },
		);
		await network.serve(80, { fetch: () => new Response(body) });
		const peer = RawPeer.dial(network);
		peer.stream.pause();
		await peer.send(GET);
		for (let turn = 0; turn < 20; turn++) await settle();
		expect(made).toBeGreaterThan(0);
		expect(made).toBeLessThan(200_000);
		peer.stream.resume();
		for (let turn = 0; turn < 20; turn++) await settle();
		expect(made).toBe(1_000_000);
		expect(peer.chunks.reduce((sum, chunk) => sum + chunk.length, 0)).toBeGreaterThan(1_000_000);
	});

	test("a client that leaves aborts the request's signal, its body and the response's body", async () => {
		const network = new MemoryNetwork();
		let request: Request | undefined;
		let cancelled: unknown;
		await network.serve(80, {
			fetch(incoming) {
				request = incoming;
				return new Response(
					new ReadableStream({
						async pull(controller) {
							await settle();
							controller.enqueue(new Uint8Array(1));
						},
						cancel(reason) {
							cancelled = reason;
						},
					}),
				);
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 9\r\n\r\n");
		const reading = request?.text();
		peer.stream.destroy();
		await expect(reading).rejects.toThrow();
		for (let turn = 0; turn < 5; turn++) await settle();
		expect(request?.signal.aborted).toBe(true);
		expect(cancelled).toBeDefined();
		expect(network.clock.reported).toEqual([]);
	});

	test("a response body that waits for its next chunk is cancelled when the client leaves", async () => {
		const network = new MemoryNetwork();
		let cancelled = false;
		const body = new ReadableStream({
			cancel() {
				cancelled = true;
			},
		});
		await network.serve(80, { fetch: () => new Response(body) });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		peer.stream.destroy();
		await settle();
		expect(cancelled).toBe(true);
		expect(network.clock.reported).toEqual([]);
	});

	test("the reason of the signal tells what has happened", async () => {
		const network = new MemoryNetwork();
		const signals: AbortSignal[] = [];
		const server = await network.serve(80, {
			fetch({ signal }) {
				signals.push(signal);
				return new Promise(() => {});
			},
		});
		const [gone, cut, left] = [0, 1, 2].map(() => RawPeer.dial(network));
		for (const peer of [gone, cut, left]) await peer?.send(GET);
		gone?.stream.destroy();
		await settle();
		server.connections[0]?.terminate();
		await settle();
		left?.stream.end();
		await network.clock.advance(200);
		await network.serve(81, {
			fetch(request) {
				signals.push(request.signal);
				return request.text().then((text) => new Response(text));
			},
		});
		const silent = RawPeer.dial(network, 81);
		await silent.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n\r\n");
		await network.clock.advance(30_050);
		silent.stream.end();
		await settle();
		const malformed = RawPeer.dial(network, 81);
		await malformed.send("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
		await settle();
		expect(signals.map(({ reason }) => String(reason))).toEqual([
			"AbortError: the connection was reset",
			"AbortError: the server has cut the connection",
			"AbortError: the connection to the client has ended",
			"AbortError: the body of the request came too slowly",
			"AbortError: the request has broken a rule: malformed chunk size (RFC 9112 §7.1)",
		]);
	});

	test("a HEAD whose answer can't be sent: its body is cancelled", async () => {
		let cancelled = false;
		const body = new ReadableStream({
			cancel() {
				cancelled = true;
			},
		});
		const network = new MemoryNetwork();
		await network.serve(80, {
			fetch: () => new Response(body, { headers: { "content-length": "x" } }),
			error: () => {},
		});
		const peer = RawPeer.dial(network);
		await peer.send("HEAD / HTTP/1.1\r\nHost: memory\r\n\r\n");
		await settle();
		expect([peer.text.slice(0, 12), cancelled]).toEqual(["HTTP/1.1 500", true]);
	});

	test("an upload that the client breaks off is no fault of the application", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: async (request) => new Response(await request.text()) });
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 9\r\n\r\nabc");
		peer.stream.destroy();
		await settle();
		expect(network.clock.reported).toEqual([]);
	});

	test("a request body that is read after the answer ends, and does not reach into the next request", async () => {
		const network = new MemoryNetwork();
		const bodies: (ReadableStream<Uint8Array> | null)[] = [];
		await network.serve(80, {
			fetch(request) {
				bodies.push(request.body);
				return bodies.length === 1 ? new Response("ok") : new Promise(() => {});
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n\r\nabc");
		await settle();
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
		await settle();
		peer.takeText();
		await expect(bodies[0]?.getReader().read()).rejects.toMatchObject({ name: "AbortError" });
		await settle();
		expect(peer.text).toBe("");
	});

	test("a handler that throws gives 500, is reported once, and the connection goes on", async () => {
		const network = new MemoryNetwork();
		const errors: unknown[] = [];
		await network.serve(80, {
			fetch(request) {
				if (request.url.endsWith("/bad")) throw new Error("boom");
				return new Response(null, { status: 204 });
			},
			error: (error, socket) => void errors.push(error, socket),
		});
		const peer = RawPeer.dial(network);
		await peer.send(`GET /bad HTTP/1.1\r\nHost: m\r\n\r\n${GET}`);
		await settle();
		expect(peer.text.match(/HTTP\/1.1 \d+/g)).toEqual(["HTTP/1.1 500", "HTTP/1.1 204"]);
		expect(errors).toEqual([new Error("boom"), null]);
		expect(peer.text).not.toContain("boom");
	});
	test("an answer that breaks off: the request's signal is aborted, and its body fails", async () => {
		const network = new MemoryNetwork();
		const told: string[] = [];
		await network.serve(80, {
			error() {},
			fetch(request) {
				request.signal.addEventListener("abort", () => told.push("aborted"));
				request.text().catch((error: unknown) => told.push(`${error}`));
				return new Response(new ReadableStream({ pull: () => Promise.reject(new Error("broken")) }));
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhi");
		await settle();
		expect(told).toEqual(["aborted", "AbortError: the answer has broken off"]);
	});

	test("a stream of strings breaks off, and the error names what came and the remedy", async () => {
		const network = new MemoryNetwork();
		const errors: unknown[] = [];
		await network.serve(80, {
			fetch: () => new Response(new ReadableStream({ start: (controller) => controller.enqueue("text") })),
			error: (error) => void errors.push(error),
		});
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		expect(errors.map(String)).toEqual([
			'TypeError: the stream of a Response gives Uint8Arrays, and this one gave "text": pipe text through a TextEncoderStream',
		]);
		expect(peer.closedWith).not.toBeUndefined();
	});

	test.each([
		["nothing", () => undefined],
		[
			"a used response",
			async () => {
				const response = new Response("x");
				await response.text();
				return response;
			},
		],
		["an error response", () => Response.error()],
	])("a handler that returns %s gives 500 and a report", async (_name, fetch) => {
		const network = new MemoryNetwork();
		await network.serve(80, { fetch: fetch as () => Response });
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 500 /);
		expect(network.clock.reported).toHaveLength(1);
	});

	test("a target that makes no URL gives 400", async () => {
		const text = await answerTo("GET / HTTP/1.1\r\nHost: 999.999.999.999\r\n\r\n", () => new Response("not reached"));
		expect(text).toMatch(/^HTTP\/1.1 400 /);
	});

	test("a malformed head is answered by the connection and never reaches the application", async () => {
		let reached = false;
		const text = await answerTo("GET / HTTP/1.1\r\nHost : m\r\n\r\n", () => {
			reached = true;
			return new Response();
		});
		expect(text).toMatch(/^HTTP\/1.1 400 /);
		expect(reached).toBe(false);
	});

	test("a body that breaks a rule is answered 400, and whoever reads it learns at once", async () => {
		const network = new MemoryNetwork();
		let failure: unknown;
		let request: Request | undefined;
		await network.serve(80, {
			async fetch(incoming) {
				request = incoming;
				await incoming.text().catch((error) => {
					failure = error;
				});
				return new Response("too late");
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 400 /);
		expect(peer.text.match(/HTTP\/1.1/g)).toHaveLength(1);
		expect([failure, request?.signal.aborted]).toEqual([expect.objectContaining({ name: "AbortError" }), true]);
	});

	test("without fetch, plain HTTP learns that this port speaks WebSocket", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {});
		const peer = RawPeer.dial(network);
		await peer.send(GET);
		await settle();
		expect(peer.text).toMatch(/^HTTP\/1.1 426 /);
		expect(peer.text).toContain("upgrade: websocket\r\n");
		expect(peer.text).toContain("connection: upgrade\r\n");
	});

	test("a client that has finished its sending half still gets its answer", async () => {
		const network = new MemoryNetwork();
		await network.serve(80, {
			async fetch() {
				await settle();
				return new Response("late");
			},
		});
		const peer = RawPeer.dial(network);
		peer.stream.write(
			Uint8Array.from(GET, (char) => char.charCodeAt(0)),
			false,
		);
		peer.stream.end();
		for (let turn = 0; turn < 4; turn++) await settle();
		expect(peer.text).toContain("content-length: 4\r\n\r\nlate");
		expect(peer.closedWith).toBeNull();
	});

	test("a client that has finished its sending half behind a body: the body can still be read", async () => {
		const network = new MemoryNetwork();
		const { promise, resolve } = Promise.withResolvers<void>();
		await network.serve(80, {
			async fetch(request) {
				await promise;
				return new Response(await request.text());
			},
		});
		const peer = RawPeer.dial(network);
		await peer.send("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n\r\nhello");
		peer.stream.end();
		await network.clock.advance(50);
		resolve();
		await network.clock.advance(1);
		expect(peer.text).toContain("content-length: 5\r\n\r\nhello");
		expect(peer.closedWith).toBeNull();
	});
});
