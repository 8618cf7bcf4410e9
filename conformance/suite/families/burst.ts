import assert from "node:assert/strict";
import { toHex, utf8 } from "../../arbitraries/bytes.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import { frame, frameFor, framesOf } from "../wire-frames.ts";

/** Both ends are in this process, and one process may have 1,024 files open on many systems. */
const CONNECTIONS = 400;

const numbers = Array.from({ length: CONNECTIONS }, (_, i) => i);

export const burst: readonly Case[] = [
	...family("burst", "server", {
		async "400 connections at once, half over HTTP, half over WebSocket: none is lost, all have answers of their own"(
			runtime,
		) {
			const remotes = new Set<number>();
			const server = await runtime.serve({
				port: 0,
				fetch: (request) => new Response(`[${new URL(request.url).pathname}]`),
				open: (socket) => void (socket.remote.transport === "tcp" && remotes.add(socket.remote.port)),
				message: (socket, message) => void socket.send(message),
			});
			const port = portOf(server);
			const clients = await Promise.all(
				numbers.map(async (i) => {
					const client = await RawClient.open(port);
					if (i % 2 === 0) {
						client.write(`GET /${i} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
						const answer = await client.until(/\]$/);
						assert.ok(answer.startsWith("HTTP/1.1 200 OK\r\n") && answer.includes(`[/${i}]`), answer);
					} else {
						client.write(handshake(port));
						await client.until(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
						const message = frame(0x81, utf8(`message ${i}`));
						client.write(frameFor("server", message));
						const head = client.received;
						await client.untilLength(head + message.length);
						assert.deepEqual(framesOf("server", client.bytes.subarray(head)), [toHex(message)]);
					}
					return client;
				}),
			);
			// None has been closed so far: all of them are connected at the same time, each by its own 5-tuple.
			assert.deepEqual([server.connections.length, server.sockets.size], [CONNECTIONS, CONNECTIONS / 2]);
			assert.equal(remotes.size, CONNECTIONS / 2);
			for (const client of clients) client.socket.end();
			const ends = await Promise.all(clients.map(({ gone }) => gone));
			assert.deepEqual(new Set(ends), new Set([null]));
			await server.close({ deadline: Number.POSITIVE_INFINITY });
		},
	}),
	...family("burst", "client", {
		async "400 sockets dialled at once"(runtime) {
			const server = await RawServer.open();
			const echoing = numbers.map(async () => {
				const peer = await server.next();
				peer.write(switching(await peer.until(/\r\n\r\n/)));
				const head = peer.bytes.indexOf("\r\n\r\n") + 4;
				const [message] = await peer.untilIt((bytes) => {
					const frames = framesOf("client", bytes.subarray(head));
					return frames.length > 0 ? frames : null;
				});
				peer.write(Buffer.from(message ?? "", "hex"));
				return peer;
			});
			const sockets = await Promise.all(
				numbers.map(async (i) => {
					const socket = await runtime.connect(server.url);
					socket.send(`message ${i}`);
					const { value } = await socket[Symbol.asyncIterator]().next();
					assert.equal(value, `message ${i}`);
					return socket;
				}),
			);
			const peers = await Promise.all(echoing);
			assert.equal(new Set(sockets.map(({ local }) => (local.transport === "tcp" ? local.port : 0))).size, CONNECTIONS);
			for (const peer of peers) peer.write(frame(0x88, Uint8Array.of(0x03, 0xe8)));
			await Promise.all(peers.map((peer) => peer.untilTail("").then(() => peer.close())));
			for (const socket of sockets) assert.equal((await socket.closed).code, 1000);
			server.close();
		},
	}),
];
