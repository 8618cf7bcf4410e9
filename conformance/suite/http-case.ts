import assert from "node:assert/strict";
import type { ServeOptions } from "@barewire/endpoint";
import { fromHex, latin1 } from "../arbitraries/bytes.ts";
import { portOf, RawClient } from "../raw-client.ts";
import type { Case } from "./case.ts";
import { ok, request, withoutDates } from "./http-text.ts";
import type { Runtime } from "./runtime.ts";
import { frameFor } from "./wire-frames.ts";

export type HttpHandler = NonNullable<ServeOptions<undefined>["fetch"]>;

/** Without `fetch`, requests are echoed; null: they are nobody's. */
export interface HttpOptions extends Omit<Partial<ServeOptions<undefined>>, "fetch"> {
	readonly fetch?: HttpHandler | null;
}

/** What a client sends to a server of ours, and every byte that it gets. */
export interface HttpCase {
	readonly sends: string;
	/** With `D` in the place of each date. */
	readonly answers: string;
	readonly ending: keyof typeof ENDINGS;
	readonly options: HttpOptions;
	/** What handlers threw. */
	readonly errors: readonly string[];
}

const NEXT = "/next";
const SMUGGLED = "/smuggled";

const frames = (...hex: readonly string[]): string =>
	hex.map((each) => Buffer.from(frameFor("server", fromHex(each))).toString("latin1")).join("");

/** What is sent right behind a case's bytes, and what must come of it. */
const ENDINGS = {
	/** The connection is kept alive: the next request is answered. */
	goesOn: {
		sends: request(`GET ${NEXT} HTTP/1.1`, "Connection: close"),
		answers: ok("[next]", "connection: close"),
	},
	/** The server closes: what was pipelined never runs, and nobody answers it. */
	closes: { sends: request(`GET ${SMUGGLED} HTTP/1.1`), answers: "" },
	/** The client has ended its sending half. */
	ends: { sends: "", answers: "" },
	/** The connection speaks WebSocket: the text "hi" comes back, then the Close frame. */
	switches: { sends: frames("81026869", "880203e8"), answers: "\x81\x02hi\x88\x02\x03\xe8" },
} as const;

/** A request that is answered; the connection is kept alive. */
export function answered(sends: string, answers: string, options: HttpOptions = {}): HttpCase {
	return { sends, answers, ending: "goesOn", options, errors: [] };
}

/** What the application answers; the connection is kept alive. */
export function saying(fetch: HttpHandler, answers: string, sends: string = request("GET / HTTP/1.1")): HttpCase {
	return answered(sends, answers, { fetch });
}

/** A request that is answered or refused, and the connection ends. */
export function closed(sends: string, answers: string, options: HttpOptions = {}): HttpCase {
	return { sends, answers, ending: "closes", options, errors: [] };
}

/** Bytes, and then the end of the client's sending half. */
export function ended(sends: string, answers: string, options: HttpOptions = {}): HttpCase {
	return { sends, answers, ending: "ends", options, errors: [] };
}

/** A handshake that is accepted. */
export function switched(sends: string, answers: string, options: HttpOptions = {}): HttpCase {
	return { sends, answers, ending: "switches", options, errors: [] };
}

/** Streams up to this length come byte by byte; longer ones in as many chunks. */
const MOST_CHUNKS = 400;

/** The cases, each with its bytes whole and in small chunks. */
export function httpCases(family: string, cases: Readonly<Record<string, HttpCase>>): Case[] {
	return Object.entries(cases).map(([name, each]) => ({
		family,
		name,
		role: "server",
		run: async (runtime) => {
			const bytes = latin1(each.sends + ENDINGS[each.ending].sends);
			await check(runtime, each, [bytes], "whole");
			await check(runtime, each, inChunks(bytes, Math.ceil(bytes.length / MOST_CHUNKS)), "in chunks");
		},
	}));
}

function inChunks(bytes: Uint8Array, size: number): Uint8Array[] {
	return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

async function check(runtime: Runtime, each: HttpCase, chunks: readonly Uint8Array[], how: string): Promise<void> {
	const { answers, ending, options } = each;
	const seen: string[] = [];
	const errors: string[] = [];
	const server = await runtime.serve({
		port: 0,
		message: (socket, message) => void socket.send(message),
		error: (error) => void errors.push(String(error)),
		...watched(options, seen),
	});
	const client = await RawClient.open(portOf(server));
	for (const chunk of chunks) {
		client.write(chunk);
		// With a turn in between, most chunks are read one by one.
		if (chunks.length > 1) await new Promise((resolve) => setImmediate(resolve));
	}
	if (ending === "ends") client.socket.end();
	await client.ended;
	await client.close();
	await server.close();
	assert.equal(withoutDates(client.text), answers + ENDINGS[ending].answers, how);
	assert.equal(await client.gone, null, "a reset instead of an orderly end");
	assert.deepEqual(errors, each.errors, how);
	assert.ok(!seen.includes(SMUGGLED), "what was pipelined behind it has run");
}

/** The case's handlers, which are not asked about the probe behind it. */
function watched({ fetch = echo, ...options }: HttpOptions, seen: string[]): Partial<ServeOptions<undefined>> {
	if (fetch === null) return options;
	return {
		...options,
		fetch(request, info) {
			const { pathname } = new URL(request.url);
			seen.push(pathname);
			return pathname === NEXT ? text("[next]") : fetch(request, info);
		},
	};
}

/** An answer whose length is stated. */
export function text(body: string, init: ResponseInit = {}): Response {
	const bytes = latin1(body);
	const headers = new Headers(init.headers);
	headers.set("content-length", String(bytes.length));
	return new Response(bytes, { ...init, headers });
}

/** A body of these chunks, whose length nobody knows. */
export function streamed(...chunks: readonly string[]): ReadableStream<Uint8Array> {
	return new ReadableStream({
		start(controller) {
			for (const chunk of chunks) controller.enqueue(latin1(chunk));
			controller.close();
		},
	});
}

/** Answers with what was asked: `[POST http://server.example.com/path body]`. */
async function echo(request: Request): Promise<Response> {
	const body = Buffer.from(await request.arrayBuffer()).toString("latin1");
	return text(`[${request.method} ${request.url} ${body}]`);
}

/** What `echo` says. */
export function echoed(method: string, path: string = "/", body: string = ""): string {
	return `[${method} http://server.example.com${path} ${body}]`;
}
