import assert from "node:assert/strict";
import { once } from "node:events";
import type { ServeOptions, Server } from "@barewire/endpoint";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { streamed, text } from "../http-case.ts";
import { head, ok, refusal, request, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const GET = request("GET / HTTP/1.1");
const post = (...fields: readonly string[]): string => request("POST / HTTP/1.1", ...fields);

interface Asking {
	readonly server: Server;
	readonly client: RawClient;
	/** What handlers threw. */
	readonly errors: readonly string[];
	/** All that the client got so far. */
	got(): string;
	/** Waits for the end of the stream and releases everything. */
	leave(): Promise<void>;
}

async function ask(
	runtime: Runtime,
	fetch: NonNullable<ServeOptions<undefined>["fetch"]>,
	options: Pick<ServeOptions<undefined>, "timeouts"> = {},
): Promise<Asking> {
	const errors: string[] = [];
	const error = (error: unknown): void => void errors.push(String(error));
	const server = await runtime.serve({ port: 0, fetch, error, ...options });
	const client = await RawClient.open(portOf(server));
	return {
		server,
		client,
		errors,
		got: () => withoutDates(client.text),
		async leave() {
			await client.close();
			await server.close();
		},
	};
}

/** A body that the test makes while it is being sent. */
class Source {
	readonly canceled: Promise<unknown>;
	readonly stream: ReadableStream<Uint8Array>;
	private controller: ReadableStreamDefaultController<Uint8Array> | null = null;

	constructor() {
		const { promise, resolve } = Promise.withResolvers<unknown>();
		this.canceled = promise;
		this.stream = new ReadableStream({
			start: (controller) => {
				this.controller = controller;
			},
			cancel: resolve,
		});
	}

	push(chunk: string): void {
		this.controller?.enqueue(Buffer.from(chunk, "latin1"));
	}

	end(): void {
		this.controller?.close();
	}

	fail(error: Error): void {
		this.controller?.error(error);
	}
}

const CHUNKED = head("HTTP/1.1 200 OK", "date: D", "transfer-encoding: chunked");

async function nextChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
	const { value } = await reader.read();
	return Buffer.from(value ?? []).toString("latin1");
}

export const httpStreaming: readonly Case[] = family("HTTP, bodies as they come", "server", {
	async "an answer goes out as it is made"(runtime) {
		const source = new Source();
		const { client, got, leave, errors } = await ask(runtime, () => new Response(source.stream));
		client.write(GET);
		await client.until(/\r\n\r\n$/);
		assert.equal(got(), CHUNKED);
		for (const [i, chunk] of ["one", "two", "three"].entries()) {
			source.push(chunk);
			await client.until(new RegExp(`${chunk}\r\n$`));
			assert.equal(got(), CHUNKED + ["3\r\none\r\n", "3\r\ntwo\r\n", "5\r\nthree\r\n"].slice(0, i + 1).join(""));
		}
		source.end();
		await client.until(/\r\n0\r\n\r\n$/);
		await leave();
		assert.deepEqual(errors, []);
	},
	async "a request's body is read as it comes"(runtime) {
		const readers = new Inbox<ReadableStreamDefaultReader<Uint8Array>>();
		const answers = new Inbox<() => void>();
		const { client, got, leave } = await ask(runtime, ({ body }) => {
			if (body === null) return text("no body");
			readers.push(body.getReader());
			return new Promise((resolve) => answers.push(() => resolve(text("read"))));
		});
		client.write(post("Content-Length: 11"));
		const reader = await readers.next();
		for (const chunk of ["one ", "two ", "end"]) {
			client.write(chunk);
			assert.equal(await nextChunk(reader), chunk);
		}
		assert.equal((await reader.read()).done, true);
		(await answers.next())();
		await client.until(/read$/);
		assert.equal(got(), ok("read"));
		await leave();
	},
	// RFC 9110 §10.1.1
	async "100 Continue comes when the application reads, and not before"(runtime) {
		const requests = new Inbox<Request>();
		const answers = new Inbox<() => void>();
		const { client, got, leave } = await ask(runtime, (request) => {
			requests.push(request);
			return new Promise((resolve) => answers.push(() => resolve(text("read"))));
		});
		client.write(post("Content-Length: 5", "Expect: 100-continue"));
		const body = (await requests.next()).text();
		await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
		client.write("hello");
		assert.equal(await body, "hello");
		(await answers.next())();
		await client.until(/read$/);
		assert.equal(got(), `HTTP/1.1 100 Continue\r\n\r\n${ok("read")}`);
		await leave();
	},
	// RFC 9110 §10.1.1
	async "100 Continue comes before an answer that streams the request's body"(runtime) {
		const { client, got, leave } = await ask(runtime, ({ body }) => new Response(body));
		client.write(post("Content-Length: 5", "Expect: 100-continue"));
		await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
		client.write("hello");
		await client.until(/hello$/);
		const answer = head("HTTP/1.1 200 OK", "date: D", "content-length: 5");
		assert.equal(got(), `HTTP/1.1 100 Continue\r\n\r\n${answer}hello`);
		await leave();
	},
	async "100 Continue is not sent for an answer that does not read the request's body"(runtime) {
		const { client, got, leave } = await ask(runtime, () => new Response(streamed("no")));
		client.write(post("Content-Length: 5", "Expect: 100-continue"));
		await client.ended;
		await leave();
		assert.equal(got(), `${head("HTTP/1.1 200 OK", "date: D", "content-length: 2", "connection: close")}no`);
	},
	async "a client that goes while the answer waits for the request's body"(runtime) {
		const requests = new Inbox<Request>();
		const { client, server, errors } = await ask(runtime, (request) => {
			requests.push(request);
			return new Response(request.body);
		});
		client.write(post("Content-Length: 5", "Expect: 100-continue"));
		const { signal } = await requests.next();
		const aborted = once(signal, "abort");
		await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
		await client.reset();
		await aborted;
		await server.close();
		assert.deepEqual(errors, []);
	},
	async "a client that goes before the application answers: the answer's body is cancelled, and not begun"(runtime) {
		for (const expects of ["Expect: 100-continue", "X-Expect: nothing"]) {
			const requests = new Inbox<{ signal: AbortSignal; answer(response: Response): void }>();
			const { client, server, errors } = await ask(
				runtime,
				({ signal }) => new Promise((answer) => requests.push({ signal, answer })),
			);
			client.write(post("Content-Length: 5", expects));
			const { signal, answer } = await requests.next();
			const aborted = once(signal, "abort");
			await client.reset();
			await aborted;
			const calls: string[] = [];
			const { promise, resolve } = Promise.withResolvers<unknown>();
			const pull = (): Promise<void> => {
				calls.push("pull");
				return new Promise(() => {});
			};
			answer(new Response(new ReadableStream({ pull, cancel: resolve }, { highWaterMark: 0 })));
			assert.equal(await promise, signal.reason);
			assert.deepEqual([calls, errors], [[], []]);
			await server.close();
		}
	},
	async "a client that goes: the signal tells first, then the cancelled body"(runtime) {
		const order: string[] = [];
		const { promise, resolve } = Promise.withResolvers<void>();
		const cancel = (): void => {
			order.push("cancel");
			resolve();
		};
		const { client, server } = await ask(runtime, ({ signal }) => {
			signal.addEventListener("abort", () => order.push("signal"));
			return new Response(new ReadableStream({ cancel }));
		});
		client.write(GET);
		await client.until(/\r\n\r\n$/);
		await client.reset();
		await promise;
		assert.deepEqual(order, ["signal", "cancel"]);
		await server.close();
	},
	async "an answer may end before the request's body has come, and the connection goes on"(runtime) {
		const { client, got, leave } = await ask(runtime, () => text("early"));
		client.write(post("Content-Length: 100000"));
		await client.until(/early$/);
		client.write("x".repeat(100_000) + GET);
		await client.until(/early[\s\S]*early$/);
		assert.equal(got(), ok("early").repeat(2));
		await leave();
	},
	// RFC 9112 §9.6: what is said to be kept must be kept.
	...Object.fromEntries(
		[
			["a long body", "Content-Length: 5000000", "x".repeat(5_000_000)],
			[
				"a chunked body",
				"Transfer-Encoding: chunked",
				`5\r\nhello\r\n${"4000\r\n".padEnd(16_390, "x")}\r\n`.repeat(300),
			],
		].map(([name, field = "", body = ""]) => [
			`${name} that nobody reads: the answer says that the connection ends, and arrives`,
			async (runtime: Runtime) => {
				const { client, got, leave } = await ask(runtime, () => text("no", { status: 413 }));
				client.write(post(field) + body);
				await client.ended;
				client.write(GET);
				await leave();
				assert.equal(await client.gone, null);
				const fields = ["content-length: 2", "date: D", "connection: close"];
				assert.equal(got(), `${head("HTTP/1.1 413 Content Too Large", ...fields)}no`);
			},
		]),
	),
	async "a long body of which a part was read: the same"(runtime) {
		const { client, got, leave } = await ask(runtime, async ({ body }) => {
			await body?.getReader().read();
			return text("no", { status: 413 });
		});
		client.write(post("Content-Length: 5000000") + "x".repeat(5_000_000));
		await client.ended;
		await leave();
		const fields = ["content-length: 2", "date: D", "connection: close"];
		assert.equal(got(), `${head("HTTP/1.1 413 Content Too Large", ...fields)}no`);
	},
	async "an answer that streams a long body: the connection goes on"(runtime) {
		const { client, got, leave } = await ask(runtime, ({ body }) =>
			body === null ? text("next") : new Response(body),
		);
		client.write(post("Content-Length: 5000000"));
		await client.until(/\r\n\r\n$/);
		assert.equal(got(), CHUNKED);
		client.write("x".repeat(5_000_000) + GET);
		await client.untilTail("next");
		await leave();
	},
	async "an answer that streams a long body by way of another stream: it arrives whole, and the connection ends"(
		runtime,
	) {
		const { client, got, leave, errors } = await ask(
			runtime,
			({ body }) => new Response(body?.pipeThrough(new TransformStream())),
		);
		client.write(post("Content-Length: 3000000") + "x".repeat(3_000_000));
		await client.ended;
		await leave();
		assert.equal(
			got()
				.split("\r\n")
				.filter((line) => line.startsWith("x"))
				.join("").length,
			3_000_000,
		);
		assert.deepEqual([got().includes("connection: close\r\n"), errors], [true, []]);
	},
	async "a body that breaks the rules: the application's read fails, the client gets 400"(runtime) {
		const outcome = new Inbox<string>();
		const { client, got, leave, errors } = await ask(runtime, async (request) => {
			try {
				await request.text();
			} catch (error) {
				outcome.push(`${String(error instanceof Error && error.name)} ${request.signal.aborted}`);
				throw error;
			}
			return text("read");
		});
		client.write(`${post("Transfer-Encoding: chunked")}5\r\nhello\r\nX\r\n`);
		await client.ended;
		assert.equal(await outcome.next(), "AbortError true");
		await leave();
		assert.equal(got(), refusal("400 Bad Request", "malformed chunk size (RFC 9112 §7.1)"));
		// What the client did is no mistake of the application.
		assert.deepEqual(errors, []);
	},
	// RFC 9112 §8: a client can tell that an answer is not complete.
	async "an answer's body that fails is cut off"(runtime) {
		const source = new Source();
		const { client, got, leave, errors } = await ask(runtime, () => new Response(source.stream));
		client.write(GET);
		source.push("one");
		await client.until(/one\r\n$/);
		source.fail(new Error("no more"));
		await client.ended;
		await leave();
		assert.equal(got(), `${CHUNKED}3\r\none\r\n`);
		assert.deepEqual(errors, ["Error: no more"]);
	},
	// RFC 9112 §8: without a length or chunks the end of the stream is the end of the body, so this must be no orderly one.
	...Object.fromEntries(
		Object.entries({
			"fails ends in a reset": (source: Source) => source.fail(new Error("no more")),
			"outlasts the deadline of `close` ends in a reset": (_: Source, server: Server) => server.close({ deadline: 1 }),
			"outlasts the time for its request's body ends in a reset": () => {},
		}).map(([what, end]) => [
			`an answer to HTTP/1.0 that ${what}`,
			async (runtime: Runtime) => {
				const source = new Source();
				// Long enough for the answer to begin.
				const times = { timeouts: { httpIdle: 200 } };
				const answer = (asked: Request): Response => {
					asked.text().catch(() => {});
					return new Response(source.stream);
				};
				const { client, server, got } = await ask(runtime, answer, times);
				client.write(`${request("POST / HTTP/1.0", "Content-Length: 5")}${what.includes("body") ? "hell" : "hello"}`);
				source.push("one");
				await client.until(/one$/);
				await end(source, server);
				await client.ended;
				client.socket.destroy();
				// Deno can't reset a connection.
				assert.equal(await client.gone, runtime.name === "deno" ? null : "ECONNRESET");
				await server.close();
				assert.equal(got(), `${head("HTTP/1.1 200 OK", "date: D", "connection: close")}one`);
			},
		]),
	),
	async "a body shorter than its Content-Length is cut off"(runtime) {
		const source = new Source();
		const headers = { "content-length": "10" };
		const { client, got, leave, errors } = await ask(runtime, () => new Response(source.stream, { headers }));
		client.write(GET);
		source.push("one");
		await client.until(/one$/);
		source.end();
		await client.ended;
		await leave();
		assert.equal(got(), `${head("HTTP/1.1 200 OK", "content-length: 10", "date: D")}one`);
		assert.deepEqual(errors, ["UsageError: the body is shorter than its Content-Length by 7 bytes"]);
	},
	async "a body longer than its Content-Length is cut off"(runtime) {
		const source = new Source();
		const headers = { "content-length": "5" };
		const { client, got, leave, errors } = await ask(runtime, () => new Response(source.stream, { headers }));
		client.write(GET);
		source.push("one");
		await client.until(/one$/);
		source.push("two");
		await client.ended;
		await leave();
		assert.equal(got(), `${head("HTTP/1.1 200 OK", "content-length: 5", "date: D")}one`);
		assert.deepEqual(errors, ["UsageError: the body is longer than its Content-Length by 1 bytes"]);
	},
	...Object.fromEntries(
		[
			["goes", ({ client }: Asking) => client.reset()] as const,
			["ends its half while an answer is silent", async ({ client }: Asking) => void client.socket.end()] as const,
			["the application cuts off", async ({ server }: Asking) => server.connections[0]?.terminate()] as const,
		].map(([leaves, leave]) => [
			`a client that ${leaves}: the request's signal and the answer's body tell`,
			async (runtime: Runtime) => {
				const source = new Source();
				const requests = new Inbox<Request>();
				const asking = await ask(runtime, (request) => {
					requests.push(request);
					return new Response(source.stream);
				});
				const { client, server, errors } = asking;
				client.write(GET);
				const { signal } = await requests.next();
				const aborted = once(signal, "abort");
				source.push("one");
				await client.until(/one\r\n$/);
				await leave(asking);
				await aborted;
				const reason = await source.canceled;
				assert.equal(reason instanceof Error && reason.name, "AbortError");
				await client.ended;
				client.socket.destroy();
				await server.close();
				assert.deepEqual(errors, []);
			},
		]),
	),
	async "a client that ends its half while `fetch` works is gone, unless the option says that it waits"(runtime) {
		for (const halfOpen of [50, Number.POSITIVE_INFINITY]) {
			const requests = new Inbox<{ signal: AbortSignal; answer(response: Response): void }>();
			const server = await runtime.serve({
				port: 0,
				timeouts: { halfOpen },
				fetch: ({ signal }) => new Promise<Response>((answer) => requests.push({ signal, answer })),
			});
			const client = await RawClient.open(portOf(server));
			client.write(GET);
			const { signal, answer } = await requests.next();
			client.socket.end();
			if (halfOpen === 50) {
				if (!signal.aborted) await once(signal, "abort");
				await client.gone;
				assert.equal(client.text, "");
			}
			answer(text("late"));
			if (halfOpen !== 50) await client.until(/late$/);
			await client.close();
			await server.close();
		}
	},
	...Object.fromEntries(
		Object.entries({
			"a body": `${post("Content-Length: 5")}hello`,
			"a part of a body": `${post("Content-Length: 5")}hell`,
			"a chunked body": `${post("Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
			"another request": GET + GET,
			"an empty line": `${GET}\r\n`,
		}).map(([what, sends]) => [
			`a client that ends its half while ${what} is unread: the request's signal and the answer's body tell`,
			async (runtime: Runtime) => {
				for (const hasBegun of [false, true]) {
					const source = new Source();
					const requests = new Inbox<Request>();
					const { client, server, errors } = await ask(runtime, (request) => {
						requests.push(request);
						return hasBegun ? new Response(source.stream) : new Promise(() => {});
					});
					client.write(sends);
					const { signal } = await requests.next();
					if (hasBegun) {
						source.push("one");
						await client.until(/one\r\n$/);
					}
					const aborted = once(signal, "abort");
					client.socket.end();
					await aborted;
					if (hasBegun) await source.canceled;
					await client.ended;
					client.socket.destroy();
					await server.close({ deadline: 1 });
					assert.deepEqual(errors, []);
				}
			},
		]),
	),
	async "a slow answer holds the later ones back, and nobody else"(runtime) {
		const answers = new Inbox<() => void>();
		const asked: string[] = [];
		const { client, server, got, leave } = await ask(runtime, ({ url }) => {
			const { pathname } = new URL(url);
			asked.push(pathname);
			if (pathname !== "/slow") return text(`[${pathname}]`);
			return new Promise((resolve) => answers.push(() => resolve(text("[/slow]"))));
		});
		client.write(["/first", "/slow", "/last"].map((path) => request(`GET ${path} HTTP/1.1`)).join(""));
		const answer = await answers.next();
		await client.until(/\[\/first\]$/);
		const other = await RawClient.open(portOf(server));
		other.write(request("GET /other HTTP/1.1"));
		await other.until(/\[\/other\]$/);
		assert.deepEqual(asked, ["/first", "/slow", "/other"]);
		answer();
		await client.until(/\[\/last\]$/);
		assert.equal(got(), ok("[/first]") + ok("[/slow]") + ok("[/last]"));
		await other.close();
		await leave();
	},
});
