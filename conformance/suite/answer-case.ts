import assert from "node:assert/strict";
import { type ConnectOptions, HandshakeError, type Socket } from "@barewire/endpoint";
import { concat, fromHex, latin1 } from "../arbitraries/bytes.ts";
import type { RawClient } from "../raw-client.ts";
import type { Case } from "./case.ts";
import { acceptKey, keyIn } from "./raw-handshake.ts";
import { RawServer } from "./raw-server.ts";
import type { Runtime } from "./runtime.ts";
import { framesOf } from "./wire-frames.ts";

/** What the error of a failed handshake shows. */
export interface Refused {
	readonly code: HandshakeError["code"];
	readonly message: string;
	/** The server's answer, where it was another status than 101. */
	readonly response: { status: number; reason: string; fields: Record<string, string>; body: string } | null;
}

/** What a server answers to a client of ours, and what comes of it. */
export interface AnswerCase {
	/** `ACCEPT` stands for the value that belongs to the request's key. */
	readonly answers: string;
	readonly ends: boolean;
	readonly options: ConnectOptions;
	/** The subprotocol, or the error. */
	readonly outcome: { readonly protocol: string } | Refused;
}

/** An answer that opens the WebSocket. */
export function opens(answers: string, protocol: string = "", options: ConnectOptions = {}): AnswerCase {
	return { answers, ends: false, options, outcome: { protocol } };
}

/** An answer that is no switch to WebSocket. */
export function invalid(answers: string, message: string, options: ConnectOptions = {}): AnswerCase {
	return { answers, ends: false, options, outcome: { code: "ERR_HANDSHAKE_INVALID", message, response: null } };
}

/** Another answer than 101, which the application may read; `ends`: the stream ends behind it. */
export function refuses(answers: string, response: Refused["response"], ends: boolean = false): AnswerCase {
	// Behind answers of 1xx comes the one that counts.
	const [, status] = /HTTP\/1\.\d ([2-9]\d\d.*?) *\r\n/.exec(answers) ?? [];
	const message = `the server answered ${status}, not 101`;
	return { answers, ends, options: {}, outcome: { code: "ERR_HANDSHAKE_REFUSED", message, response } };
}

/** Bytes behind which the stream ends too early. */
export function endsEarly(answers: string): AnswerCase {
	const message = "the connection ended before the handshake was complete";
	return { answers, ends: true, options: {}, outcome: { code: "ERR_HANDSHAKE_ENDED", message, response: null } };
}

/** Streams up to this length come byte by byte; longer ones in as many chunks. */
const MOST_CHUNKS = 300;

/** The cases, each with its bytes whole and in small chunks. */
export function answerCases(family: string, cases: Readonly<Record<string, AnswerCase>>): Case[] {
	return Object.entries(cases).map(([name, each]) => ({
		family,
		name,
		role: "client",
		run: async (runtime) => {
			await check(runtime, each, false);
			await check(runtime, each, true);
		},
	}));
}

/** A text, a binary message and a Close frame, right behind the switch. */
const FRAMES = fromHex("81026869 820102 88060fa0646f6e65");

async function check(runtime: Runtime, { answers, ends, options, outcome }: AnswerCase, cut: boolean): Promise<void> {
	const server = await RawServer.open();
	const connecting = settled(runtime.connect(server.url, options));
	const peer = await server.next();
	const request = await peer.until(/\r\n\r\n$/);
	const head = latin1(answers.replaceAll("ACCEPT", acceptKey(keyIn(request))));
	await write(peer, "protocol" in outcome ? concat([head, FRAMES]) : head, cut);
	if (ends) peer.socket.end();
	const result = await connecting;
	if ("protocol" in outcome) {
		if (result instanceof Error) throw result;
		await exchange(result, peer, request.length);
		assert.equal(result.protocol, outcome.protocol);
	} else {
		assert.deepEqual(await shown(result), { name: "HandshakeError", ...outcome });
		// It says no more, and goes.
		await peer.ended;
		assert.equal(peer.text, request);
	}
	peer.socket.destroy();
	await peer.gone;
	server.close();
}

async function write(peer: RawClient, bytes: Uint8Array, cut: boolean): Promise<void> {
	const size = cut ? Math.ceil(bytes.length / MOST_CHUNKS) : bytes.length;
	for (let at = 0; at < bytes.length; at += size) {
		peer.write(bytes.subarray(at, at + size));
		// With a turn in between, most chunks are read one by one.
		if (cut) await new Promise((resolve) => setImmediate(resolve));
	}
}

/** The messages that came behind the switch, then the closing handshake. */
async function exchange(socket: Socket, peer: RawClient, requestLength: number): Promise<void> {
	await peer.untilIt((bytes) => (framesOf("client", bytes.subarray(requestLength)).length > 0 ? true : null));
	await peer.close();
	const messages: unknown[] = [];
	for await (const message of socket) messages.push(message);
	assert.deepEqual(messages, ["hi", Uint8Array.of(2)]);
	const { code, reason, wasClean, by, error } = await socket.closed;
	assert.deepEqual([code, reason, wasClean, by, error], [4000, "done", true, "peer", undefined]);
	assert.deepEqual(framesOf("client", peer.bytes.subarray(requestLength)), ["88020fa0"]);
}

/** What a promise comes to, so that nobody has to be there when it rejects. */
export function settled<Value>(promise: Promise<Value>): Promise<Value | Error> {
	return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

async function shown(result: Socket | Error): Promise<Refused & { readonly name: string }> {
	if (!(result instanceof HandshakeError)) throw result instanceof Error ? result : new Error("it was let in");
	const { name, code, message, response } = result;
	if (response === null) return { name, code, message, response };
	const { status, statusText, headers } = response;
	const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
	return { name, code, message, response: { status, reason: statusText, fields: Object.fromEntries(headers), body } };
}
