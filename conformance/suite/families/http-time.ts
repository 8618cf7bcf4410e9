import assert from "node:assert/strict";
import type { ServeOptions } from "@barewire/endpoint";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { asking, switching } from "../asking.ts";
import { type Case, family } from "../case.ts";
import { text } from "../http-case.ts";
import { ok, refusal, request, withoutDates } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";

type Timeouts = NonNullable<ServeOptions<undefined>["timeouts"]>;

/** All that a client gets that sends this much and then waits. */
async function waitFor(runtime: Runtime, sends: string, timeouts: Timeouts): Promise<string> {
	const server = await runtime.serve({
		port: 0,
		timeouts,
		fetch: async (asked) => text(`[${await asked.text()}]`),
	});
	const client = await RawClient.open(portOf(server));
	client.write(sends);
	await client.ended;
	await client.close();
	assert.equal(await client.gone, null);
	await server.close();
	return withoutDates(client.text);
}

/** Takes the processor for so many milliseconds, as a handler may that computes something. */
function beBusy(milliseconds: number): void {
	const until = performance.now() + milliseconds;
	while (performance.now() < until);
}

// Long enough for a loaded machine to read what was sent before.
const HANDSHAKE = { handshake: 150 };
const IDLE = { httpIdle: 150 };
const BODY = { body: 150 };
const LATE = refusal("408 Request Timeout", "the request was not complete in time");
const GET = request("GET / HTTP/1.1");
const POST = request("POST / HTTP/1.1", "Content-Length: 5");

// RFC 9110 §15.5.9, RFC 9112 §9.5.
export const httpTime: readonly Case[] = family("HTTP, time", "server", {
	async "a client that says nothing is let go without a word"(runtime) {
		assert.equal(await waitFor(runtime, "", HANDSHAKE), "");
	},
	async "empty lines are nothing"(runtime) {
		assert.equal(await waitFor(runtime, "\r\n\r\n", HANDSHAKE), "");
	},
	async "one byte, and no more"(runtime) {
		assert.equal(await waitFor(runtime, "G", HANDSHAKE), LATE);
	},
	async "a head without its last line"(runtime) {
		assert.equal(await waitFor(runtime, GET.slice(0, -2), HANDSHAKE), LATE);
	},
	async "a handshake without its last byte"(runtime) {
		assert.equal(await waitFor(runtime, asking().slice(0, -1), HANDSHAKE), LATE);
	},
	async "a second head that is not completed"(runtime) {
		assert.equal(await waitFor(runtime, GET + GET.slice(0, -1), HANDSHAKE), ok("[]") + LATE);
	},
	async "what comes while the process is busy is read before the time is judged"(runtime) {
		const server = await runtime.serve({ port: 0, timeouts: HANDSHAKE, fetch: () => text("served") });
		const client = await RawClient.open(portOf(server));
		client.write(GET.slice(0, -1));
		while (server.connections.length === 0) await passTurns(1);
		client.write(GET.slice(-1));
		beBusy(400);
		await client.until(/served$/);
		await client.close();
		await server.close();
	},
	async "a body that is not completed"(runtime) {
		assert.equal(await waitFor(runtime, `${POST}hell`, IDLE), LATE);
	},
	async "a body that nobody has begun to send"(runtime) {
		assert.equal(await waitFor(runtime, POST, IDLE), LATE);
	},
	async "a body that is behind its time"(runtime) {
		assert.equal(await waitFor(runtime, `${POST}hell`, BODY), LATE);
	},
	async "a body that trickles in"(runtime) {
		const server = await runtime.serve({
			port: 0,
			timeouts: BODY,
			fetch: async (asked) => text(`[${await asked.text()}]`),
		});
		const client = await RawClient.open(portOf(server));
		client.write(request("POST / HTTP/1.1", "Content-Length: 1000000"));
		// Less than 250 bytes a second.
		const trickle = setInterval(() => client.write("a"), 20);
		await client.until(/408 Request Timeout.*\r\n\r\n.*\n$/s);
		clearInterval(trickle);
		assert.equal(withoutDates(client.text), LATE);
		await client.close();
		await server.close();
	},
	async "a connection that is kept alive for nothing is let go without a word"(runtime) {
		assert.equal(await waitFor(runtime, GET, IDLE), ok("[]"));
	},
	async "an answer that the system has taken reaches a client that reads it after `closing`"(runtime) {
		// So little that `closing` gives no more time for it.
		const length = 15_000;
		const failures = new Inbox<string | null>();
		const server = await runtime.serve({
			port: 0,
			timeouts: { closing: 50 },
			fetch: () => new Response(new Uint8Array(length), { headers: { "content-length": `${length}` } }),
			observe: (event) => void (event.type === "closed" && failures.push(event.failure)),
		});
		const client = await RawClient.open(portOf(server));
		client.socket.pause();
		client.write(request("GET / HTTP/1.1", "Connection: close"));
		assert.equal(await failures.next(), "closing-timeout");
		client.socket.resume();
		await client.ended;
		client.socket.destroy();
		assert.equal(await client.gone, null);
		assert.equal(client.text.split("\r\n\r\n")[1]?.length, length);
		await server.close();
	},
	async "a WebSocket is none of these timers' business"(runtime) {
		const server = await runtime.serve({
			port: 0,
			timeouts: { ...HANDSHAKE, ...IDLE },
			message: (socket, message) => void socket.send(message),
		});
		const client = await RawClient.open(portOf(server));
		client.write(asking());
		await client.until(/\r\n\r\n$/);
		// Two others are let go meanwhile, one after the other.
		for (let i = 0; i < 2; i++) {
			const silent = await RawClient.open(portOf(server));
			await silent.ended;
			await silent.close();
		}
		client.write(Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69));
		await client.until(/hi$/);
		assert.equal(client.text, `${switching()}\x81\x02hi`);
		client.socket.destroy();
		await client.gone;
		await server.close();
	},
	// CVE-2023-43669: were a head parsed again from its start for each byte, this would be 100 million steps.
	async "a large head that comes byte by byte is in time"(runtime) {
		const large = request("GET / HTTP/1.1", ...Array.from({ length: 14 }, () => `a: ${"b".repeat(1_000)}`));
		const server = await runtime.serve({ port: 0, fetch: () => text("read") });
		const client = await RawClient.open(portOf(server));
		for (const byte of Buffer.from(large)) client.write(Uint8Array.of(byte));
		await client.until(/read$/);
		assert.equal(withoutDates(client.text), ok("read"));
		await client.close();
		await server.close();
	},
});
