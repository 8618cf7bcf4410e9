import assert from "node:assert/strict";
import { type Accepted, accept, type HandshakeError } from "@barewire/endpoint";
import { concat, latin1, utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { type Crowd, withCrowd } from "../crowd.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import type { Runtime } from "../runtime.ts";
import { passTurns } from "../turns.ts";
import { frame, frameFor } from "../wire-frames.ts";

const MESSAGE = frameFor("server", frame(0x81, utf8("first")));

const GARBAGE: readonly [name: string, bytes: Uint8Array][] = [
	["bytes FF", new Uint8Array(64).fill(0xff)],
	["NUL", new Uint8Array(64)],
	["line ends", latin1("\r\n".repeat(32))],
	["bare LF", latin1("\n".repeat(64))],
	["colons", latin1(":".repeat(64))],
	["bytes of all kinds", Uint8Array.from({ length: 256 }, (_, i) => (i * 167 + 13) & 0xff)],
];

const garbage = family("breaking off", "server", {
	...Object.fromEntries(
		GARBAGE.map(([name, bytes]) => [
			`${name} at each byte of the request and of the first frame`,
			(runtime: Runtime) =>
				withCrowd(runtime, { fetch: () => new Response("hello") }, async ({ port, bystander }) => {
					const head = latin1(handshake(port));
					const all = concat([head, MESSAGE]);
					for (let at = 0; at <= all.length; at++) {
						const client = await RawClient.open(port);
						client.socket.end(concat([all.subarray(0, at), bytes]));
						await client.ended;
						const status = /^HTTP\/1\.1 (101|200|4\d\d|505) |^$/;
						assert.match(client.text, at > head.length ? /^HTTP\/1\.1 101 / : status, `at ${at}`);
						await client.close();
						if (at % 16 === 0) await bystander.check();
					}
				}),
		]),
	),
});

/** What our client may make of that: it is refused, or opens and ends. */
const CODES = ["ERR_HANDSHAKE_INVALID", "ERR_HANDSHAKE_REFUSED", "ERR_HANDSHAKE_ENDED"];

const clientGarbage = family("breaking off", "client", {
	...Object.fromEntries(
		GARBAGE.map(([name, bytes]) => [
			`${name} at each byte of the response and of the first frame`,
			async (runtime: Runtime) => {
				const server = await RawServer.open();
				const message = frameFor("client", frame(0x81, utf8("first")));
				for (let at = 0, length = 0; at <= length; at++) {
					const outcome = runtime.connect(server.url, { message() {} }).then(
						(socket) => socket.closed,
						(error: Error) => error,
					);
					const peer = await server.next();
					const head = switching(await peer.until(/\r\n\r\n/));
					const all = concat([head, message]);
					length = all.length;
					peer.socket.end(concat([all.subarray(0, at), bytes]));
					const end = await outcome;
					if (end instanceof Error) {
						assert.ok(at < head.length, `at ${at}: ${end}`);
						assert.ok(CODES.includes((end as HandshakeError).code), `at ${at}: ${end}`);
					} else {
						assert.equal(end.wasClean, false, `at ${at}`);
						assert.ok(end.error !== undefined, `at ${at}`);
					}
					peer.socket.destroy();
					await peer.gone;
				}
				server.close();
			},
		]),
	),
});

interface Pending {
	readonly signal: AbortSignal;
	decide(answer: Accepted<undefined> | Response): void;
}

/** With a server that lets the bystander in, and asks about all others; each byte behind the request in its turn. */
async function whilePending(
	runtime: Runtime,
	behind: Uint8Array,
	check: (client: RawClient, pending: Pending, crowd: Crowd, bytes: number) => Promise<void>,
): Promise<void> {
	const asked = new Inbox<Pending>();
	let first = true;
	const upgrade = ({ signal }: Request) => {
		if (!first) return new Promise<Accepted<undefined> | Response>((decide) => asked.push({ signal, decide }));
		first = false;
		return accept();
	};
	await withCrowd(runtime, { upgrade }, async (crowd) => {
		for (let bytes = 0; bytes <= behind.length; bytes++) {
			const client = await RawClient.open(crowd.port);
			client.write(concat([latin1(handshake(crowd.port)), behind.subarray(0, bytes)]));
			await check(client, await asked.next(), crowd, bytes);
		}
	});
}

const pending = family("breaking off", "server", {
	...Object.fromEntries(
		(["accepts", "refuses"] as const).map((verdict) => [
			`RST at each byte behind the request while \`upgrade\` is pending, which then ${verdict}`,
			(runtime: Runtime) =>
				whilePending(runtime, MESSAGE, async (client, { signal, decide }, { bystander, server }) => {
					const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
					await client.reset();
					await aborted;
					decide(verdict === "accepts" ? accept() : new Response("no", { status: 401 }));
					await bystander.check();
					assert.equal(server.sockets.size, 1);
				}),
		]),
	),
	"FIN at each byte behind the request while `upgrade` is pending, which then accepts": (runtime) =>
		whilePending(runtime, MESSAGE, async (client, { signal, decide }, { bystander, opened }, bytes) => {
			const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
			client.socket.end();
			await bystander.check();
			// Without a frame it can do nothing any more, and is gone.
			if (bytes === 0) await aborted;
			decide(accept());
			if (bytes === 0) {
				await client.ended;
				return assert.equal(client.text, "");
			}
			const { error, ...event } = await (await opened.next()).closed;
			assert.deepEqual(event, { code: 1006, reason: "", wasClean: false, by: "stream", stage: "open", unsent: 0 });
			assert.equal(error?.kind, "stream-ended");
			assert.equal(await client.gone, null);
			assert.match(client.text, /^HTTP\/1\.1 101 /);
			assert.equal(client.text.endsWith("\x81\x05first"), bytes === MESSAGE.length);
		}),
	"garbage behind the request while `upgrade` is pending is judged once it accepts": (runtime) =>
		whilePending(runtime, MESSAGE, async (client, { decide }, { bystander, opened }) => {
			client.write(new Uint8Array(300).fill(0xff));
			await bystander.check();
			assert.equal(client.text, "");
			decide(accept());
			const socket = await opened.next();
			await client.ended;
			assert.match(client.text, /^HTTP\/1\.1 101 /);
			await client.close();
			const { code, by, error } = await socket.closed;
			assert.deepEqual([code, by], [1006, "local"]);
			assert.ok(error !== undefined && [1002, 1007, 1009].includes(error.closeCode), String(error));
		}),
});

const busy = family("breaking off", "server", {
	"RST while messages wait for a handler: the socket is listed no more, and gets no broadcast": async (runtime) => {
		const handling = new Inbox<() => void>();
		const closed = Promise.withResolvers<void>();
		const server = await runtime.serve({
			port: 0,
			open: (socket) => socket.subscribe("news"),
			message: () => new Promise<void>((done) => handling.push(done)),
			close: () => closed.resolve(),
		});
		const port = portOf(server);
		const client = await RawClient.open(port);
		client.write(concat([latin1(handshake(port)), MESSAGE, MESSAGE]));
		const done = await handling.next();
		assert.deepEqual([server.sockets.size, server.publish("news", "hello")], [1, 1]);
		await client.reset();
		while (server.connections.length > 0) await passTurns(1);
		assert.deepEqual([server.sockets.size, server.publish("news", "hello")], [0, 0]);
		// What came before is handled all the same.
		done();
		(await handling.next())();
		await closed.promise;
		await server.close();
	},
});

export const breakingOffPending: readonly Case[] = [...garbage, ...clientGarbage, ...pending, ...busy];
