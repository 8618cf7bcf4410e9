import assert from "node:assert/strict";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { text } from "../http-case.ts";
import { request } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";

const encoder = new TextEncoder();

/** Without end, and always ready. */
function* rows(): Generator<Uint8Array<ArrayBuffer>, void> {
	for (let i = 0; ; i++) yield encoder.encode(`${i},"a name","a value ${i}"\n`);
}

function body(): ReadableStream<Uint8Array<ArrayBuffer>> {
	const source = rows();
	return new ReadableStream({
		pull(controller) {
			const { value } = source.next();
			if (value !== undefined) controller.enqueue(value);
		},
	});
}

/** While one client takes rows without end, another one is answered. */
async function assertOthersServed(runtime: Runtime, asks: (port: number) => string): Promise<void> {
	const server = await runtime.serve({
		port: 0,
		keepAlive: false,
		fetch: (asked) => (asked.url.endsWith("/rows") ? new Response(body()) : text("answered")),
		open: (socket) => void socket.sendStream("binary", rows()).catch(() => {}),
	});
	const taker = await RawClient.open(portOf(server));
	taker.write(asks(portOf(server)));
	await taker.until(/,"a name",/);
	// What came is not kept.
	taker.socket.removeAllListeners("data");
	taker.socket.resume();
	const other = await RawClient.open(portOf(server));
	other.write(request("GET / HTTP/1.1", "Connection: close"));
	await other.until(/answered$/);
	await other.close();
	taker.socket.destroy();
	await server.close();
}

// A source that is always ready, and a client that always takes, leave no turn to the others by themselves.
export const oneSource: readonly Case[] = family("one source", "server", {
	"an answer of small chunks without end keeps nobody from being answered": (runtime) =>
		assertOthersServed(runtime, () => request("GET /rows HTTP/1.1")),
	"a message of small pieces without end keeps nobody from being answered": (runtime) =>
		assertOthersServed(runtime, (port) => handshake(port)),
	async "one Response for two requests: one is answered, the other gets 500, and the server lives"(runtime) {
		const errors: string[] = [];
		let both: Promise<Response> | null = null;
		const { promise: loaded, resolve: load } = Promise.withResolvers<void>();
		let asked = 0;
		const server = await runtime.serve({
			port: 0,
			error: (error) => void errors.push(String(error)),
			fetch() {
				if (++asked === 2) load();
				both ??= loaded.then(() => text("loaded"));
				return both;
			},
		});
		const clients = [await RawClient.open(portOf(server)), await RawClient.open(portOf(server))];
		for (const client of clients) client.write(request("GET / HTTP/1.1", "Connection: close"));
		for (const client of clients) await client.ended;
		assert.deepEqual(clients.map((client) => client.text.slice(9, 12)).sort(), ["200", "500"]);
		assert.equal(errors.length, 1);
		for (const client of clients) await client.close();
		await server.close();
	},
});
