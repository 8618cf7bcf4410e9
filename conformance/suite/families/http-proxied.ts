import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { head, oneChunk, request, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const BODY = "hello ".repeat(20);
const ENCODERS = { gzip: gzipSync, br: brotliCompressSync, identity: (text: string) => Buffer.from(text) };

/** What a client gets of an upstream's answer that the server hands on in its way. */
async function proxied(
	runtime: Runtime,
	coding: keyof typeof ENCODERS,
	handOn: (response: Response) => Response,
	method: "GET" | "HEAD" = "GET",
): Promise<{ text: string; errors: readonly string[] }> {
	const upstream = createServer((_, response) => {
		const body = ENCODERS[coding](BODY);
		response.sendDate = false;
		response.setHeader("connection", "close");
		response.setHeader("content-encoding", coding);
		response.setHeader("content-length", body.length);
		response.end(body);
	});
	await once(upstream.listen(0, "127.0.0.1"), "listening");
	const { port } = upstream.address() as { port: number };
	const errors: string[] = [];
	const server = await runtime.serve({
		port: 0,
		fetch: async () => handOn(await fetch(`http://127.0.0.1:${port}/`, { method })),
		error: (error) => void errors.push(String(error)),
	});
	const client = await RawClient.open(portOf(server));
	client.write(request(`${method} / HTTP/1.1`, "Connection: close"));
	await client.ended;
	await client.close();
	await server.close();
	upstream.close();
	await once(upstream, "close");
	return { text: withoutDates(client.text), errors };
}

const DECODED = head("HTTP/1.1 200 OK", "date: D", "transfer-encoding: chunked", "connection: close");

export const httpProxied: readonly Case[] = family("HTTP, answers of `fetch()` that are handed on", "server", {
	...Object.fromEntries(
		(["gzip", "br"] as const).map((coding) => [
			`a body that was ${coding} is sent as it is now`,
			async (runtime: Runtime) => {
				const { text, errors } = await proxied(runtime, coding, (response) => response);
				assert.deepEqual([text, errors], [DECODED + oneChunk(BODY), []]);
			},
		]),
	),
	async "a body that was not encoded keeps its fields"(runtime) {
		const { text } = await proxied(runtime, "identity", (response) => response);
		const fields = ["content-encoding: identity", `content-length: ${BODY.length}`, "date: D", "connection: close"];
		assert.equal(text, head("HTTP/1.1 200 OK", ...fields) + BODY);
	},
	async "HEAD gets the fields that GET gets"(runtime) {
		const { text } = await proxied(runtime, "gzip", (response) => response, "HEAD");
		assert.equal(text, head("HTTP/1.1 200 OK", "date: D", "connection: close"));
	},
	// Nothing tells that this body was decoded, until it is longer than it should be.
	async "a decoded body in another Response with the old fields: the error says why"(runtime) {
		const { errors } = await proxied(runtime, "gzip", ({ body, headers }) => new Response(body, { headers }));
		const over = BODY.length - gzipSync(BODY).length;
		assert.deepEqual(errors, [
			`UsageError: the body is longer than its Content-Length by ${over} bytes: if fetch() has decoded it, leave out content-encoding and content-length`,
		]);
	},
});
