import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { head, oneChunk, request, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const BODY = "hello ".repeat(20);
const ENCODERS: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
	gzip: gzipSync,
	"x-gzip": gzipSync,
	deflate: deflateSync,
	br: brotliCompressSync,
	zstd: zstdCompressSync,
};

/** RFC 9110 §8.4: Content-Encoding "lists the content codings in the order in which they were applied". */
function encoded(codings: string): Buffer {
	const names = codings.toLowerCase().split(/[, ]+/);
	return Buffer.from(names.reduce<Uint8Array>((body, name) => ENCODERS[name]?.(body) ?? body, Buffer.from(BODY)));
}

/** What a client gets of an upstream's answer that the server hands on in its way, and what `fetch()` made of its body. */
async function proxied(
	runtime: Runtime,
	codings: string,
	handOn: (response: Response) => Response,
	method: "GET" | "HEAD" = "GET",
): Promise<{ text: string; fetched: Buffer; errors: readonly string[] }> {
	const upstream = createServer((_, response) => {
		const body = encoded(codings);
		response.sendDate = false;
		response.setHeader("connection", "close");
		response.setHeader("content-encoding", codings);
		response.setHeader("content-length", body.length);
		response.end(body);
	});
	await once(upstream.listen(0, "127.0.0.1"), "listening");
	const url = `http://127.0.0.1:${(upstream.address() as { port: number }).port}/`;
	const errors: string[] = [];
	const server = await runtime.serve({
		port: 0,
		fetch: async () => handOn(await fetch(url, { method })),
		error: (error) => void errors.push(String(error)),
	});
	const client = await RawClient.open(portOf(server));
	client.write(request(`${method} / HTTP/1.1`, "Connection: close"));
	await client.ended;
	await client.close();
	await server.close();
	const fetched = Buffer.from(await (await fetch(url)).arrayBuffer());
	upstream.close();
	await once(upstream, "close");
	return { text: withoutDates(client.text), fetched, errors };
}

/** Whether the decoded body was at hand before the head left is the runtime's affair: both tell where it ends. */
const DECODED = [
	head("HTTP/1.1 200 OK", "date: D", "transfer-encoding: chunked", "connection: close") + oneChunk(BODY),
	head("HTTP/1.1 200 OK", "date: D", `content-length: ${BODY.length}`, "connection: close") + BODY,
];

/** Each runtime's `fetch()` decodes others of them. */
const CODINGS = [
	...["identity", "gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "x-br"],
	...["gzip, br", "gzip, gzip", "gzip, x-br", "gzip,", "identity, gzip"],
];

export const httpProxied: readonly Case[] = family("HTTP, answers of `fetch()` that are handed on", "server", {
	...Object.fromEntries(
		CODINGS.map((codings) => [
			`${codings}: the fields tell of the body as it is sent`,
			async (runtime: Runtime) => {
				const { text, fetched, errors } = await proxied(runtime, codings, (response) => response);
				const asItCame = encoded(codings);
				const fields = [`content-encoding: ${codings}`, `content-length: ${asItCame.length}`];
				const kept = head("HTTP/1.1 200 OK", ...fields, "date: D", "connection: close") + asItCame.toString("latin1");
				const isDecoded = !fetched.equals(asItCame);
				const expected = isDecoded ? (DECODED.find((answer) => answer === text) ?? DECODED[0]) : kept;
				assert.deepEqual([text, errors], [expected, []]);
			},
		]),
	),
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
