import assert from "node:assert/strict";
import type { Observed } from "@barewire/endpoint";
import { utf8 } from "../../arbitraries/bytes.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { text } from "../http-case.ts";
import { request } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";
import { frame, frameFor } from "../wire-frames.ts";

/** What a client does from beginning to end, and what is observed of it. */
interface Client {
	readonly does: (peer: RawClient) => Promise<void> | void;
	readonly seen: readonly string[];
}

async function opened(peer: RawClient): Promise<void> {
	peer.write(handshake(80));
	await peer.until(/\r\n\r\n/);
}

const CLIENTS: readonly Client[] = [
	{
		async does(peer) {
			peer.write(request("GET / HTTP/1.1", "Connection: close"));
			await peer.until(/served$/);
			peer.socket.end();
		},
		seen: ["accepted", "closed http null"],
	},
	{
		async does(peer) {
			peer.write(request("GET / HTTP/9.9"));
			await peer.until(/HTTP\/1.1 505/);
			peer.socket.end();
		},
		seen: ["accepted", "refused 505 unsupported-version", "closed http null"],
	},
	{
		async does(peer) {
			await opened(peer);
			peer.write(frameFor("server", frame(0x88, Uint8Array.of(0x03, 0xe8))));
			await peer.ended;
			peer.socket.end();
		},
		seen: ["accepted", "upgraded", "closed 1000 null"],
	},
	{
		async does(peer) {
			await opened(peer);
			peer.write(frameFor("server", frame(0x83, utf8("a"))));
			await peer.ended;
			peer.socket.end();
		},
		seen: ["accepted", "upgraded", "failed reserved-opcode", "closed 1006 reserved-opcode"],
	},
	{
		async does(peer) {
			await opened(peer);
			peer.socket.end();
			await peer.ended;
		},
		seen: ["accepted", "upgraded", "closed 1006 stream-ended"],
	},
];

function line(event: Observed): string {
	switch (event.type) {
		case "refused":
			return `refused ${event.status} ${event.reason}`;
		case "failed":
			return `failed ${event.kind}`;
		case "closed":
			return `closed ${event.event?.code ?? "http"} ${event.failure}`;
		default:
			return event.type;
	}
}

async function observe(runtime: Runtime, clients: readonly Client[]): Promise<void> {
	const stories = new Map<unknown, string[]>();
	const server = await runtime.serve({
		port: 0,
		fetch: () => text("served"),
		message: () => {},
		observe(event) {
			if (!("connection" in event)) return;
			const story = stories.get(event.connection) ?? [];
			stories.set(event.connection, [...story, line(event)]);
		},
	});
	for (const { does } of clients) {
		const peer = await RawClient.open(portOf(server));
		await does(peer);
		await peer.gone;
	}
	await server.close();
	assert.deepEqual(
		[...stories.values()],
		clients.map(({ seen }) => seen),
	);
}

export const observing: readonly Case[] = family("observing", "server", {
	"each connection has its story, from `accepted` to one `closed`": (runtime) => observe(runtime, CLIENTS),
});
