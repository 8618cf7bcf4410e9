import assert from "node:assert/strict";
import type { Observed, Server } from "@barewire/endpoint";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { request } from "../http-text.ts";
import type { Runtime } from "../runtime.ts";
import { frame, frameFor } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;
const PING = frameFor("server", frame(0x89, Uint8Array.of(0x61)));
const PONG = "\x8a\x01a";

/** Waits for a Close frame with that code. */
async function untilClose(client: RawClient, code: number): Promise<void> {
	await client.untilIt((bytes) => {
		for (let at = 0; at + 3 < bytes.length; at++)
			if (bytes[at] === 0x88 && bytes[at + 2] === code >> 8 && bytes[at + 3] === (code & 0xff)) return true;
		return null;
	});
}

/** A piece of a message that does not end. */
function piece(isFirst: boolean, size: number): Uint8Array {
	return frameFor("server", frame(isFirst ? 0x02 : 0x00, new Uint8Array(size)));
}

type BudgetTold = Extract<Observed, { type: "budget" }>;

/** An echo server, and what it tells of its budgets. */
interface Served {
	readonly server: Server;
	readonly told: Inbox<BudgetTold>;
	/** Something was told. */
	readonly over: Promise<void>;
	open(): Promise<RawClient>;
}

async function serve(
	runtime: Runtime,
	limits: { maxServerBytes?: number; maxBufferedBytes?: number },
): Promise<Served> {
	const told = new Inbox<BudgetTold>();
	let tell = (): void => {};
	const over = new Promise<void>((resolve) => {
		tell = resolve;
	});
	const server = await runtime.serve({
		port: 0,
		limits,
		keepAlive: false,
		fetch: () => new Response("fine"),
		message: (socket, message) => void socket.send(message),
		observe(each) {
			if (each.type !== "budget") return;
			told.push(each);
			tell();
		},
	});
	const open = async (): Promise<RawClient> => {
		const client = await RawClient.open(portOf(server));
		client.write(handshake(portOf(server)));
		await client.until(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/);
		return client;
	};
	return { server, told, over, open };
}

/** Sends pieces, each once the one before is read, until something is told of it. */
async function hoard(client: RawClient, { told, over }: Served): Promise<void> {
	for (let isFirst = true; told.size === 0; isFirst = false) {
		const { received } = client;
		client.write(piece(isFirst, 16_384));
		client.write(PING);
		// The one that is too much may be the last that is read.
		await Promise.race([client.untilLength(received + PONG.length).catch(() => {}), over]);
	}
}

async function echo(client: RawClient, text: string): Promise<void> {
	const { received } = client;
	client.write(frameFor("server", frame(0x81, Buffer.from(text))));
	await client.untilLength(received + 2 + text.length);
	assert.ok(client.text.endsWith(text));
}

export const budgets: readonly Case[] = family("budgets", "server", {
	async "over maxServerBytes: 503 with Retry-After, the hoarder is closed with 1013, the others go on"(runtime) {
		const served = await serve(runtime, { maxServerBytes: MEBIBYTE });
		const { server, told, open } = served;
		const bystander = await open();
		const hoarder = await open();
		await hoard(hoarder, served);
		assert.equal((await told.next()).action, "refused");
		const paused = await told.next();
		assert.deepEqual([paused.action, paused.connection?.speaks], ["paused", "websocket"]);
		const late = await RawClient.open(portOf(server));
		late.write(handshake(portOf(server)));
		await late.until(/^HTTP\/1\.1 503 [\s\S]*\r\nretry-after: 5\r\n[\s\S]*\r\n\r\n/);
		await late.close();
		const asking = await RawClient.open(portOf(server));
		asking.write(request("GET / HTTP/1.1"));
		await asking.until(/^HTTP\/1\.1 200 [\s\S]*fine/);
		await asking.close();
		await echo(bystander, "while it is over");
		await untilClose(hoarder, 1013);
		await hoarder.close();
		for (let action: string | null = null; action !== "resumed"; ) {
			const next = await told.next();
			action = next.connection === null ? next.action : null;
		}
		const next = await open();
		await echo(next, "behind it");
		await echo(bystander, "behind it");
		assert.equal(server.stats.held, 0);
		await Promise.all([next.close(), bystander.close()]);
		await server.close();
	},

	async "many that hoard: what is held stays at the limit, all of it is given back, and a bystander is answered"(
		runtime,
	) {
		const most = 4 * MEBIBYTE;
		const { server, told, open } = await serve(runtime, { maxServerBytes: most });
		const bystander = await open();
		const hoarders = await Promise.all(Array.from({ length: 16 }, open));
		let free = (): void => {};
		const freed = new Promise<void>((resolve) => {
			free = resolve;
		});
		const closed = hoarders.map(async (hoarder) => {
			for (let i = 0; i < 16 && hoarder.socket.writable; i++) hoarder.write(piece(i === 0, 65_536));
			// Whoever is not closed by then leaves in the midst of its message.
			await Promise.race([hoarder.ended, freed]);
			hoarder.socket.destroy();
			await hoarder.gone;
		});
		for (let i = 0; i < 20; i++) {
			await echo(bystander, `message ${i}`);
			// Beyond the limit it grows by what comes in one turn: a chunk of each connection.
			assert.ok(server.stats.held < most * 1.5, `${server.stats.held} bytes held`);
		}
		free();
		await Promise.all(closed);
		await bystander.close();
		await server.close();
		assert.deepEqual([server.stats.held, server.stats.connections], [0, 0]);
		assert.ok(told.size > 0);
	},

	async "an unfinished message above maxBufferedBytes fails with 1009"(runtime) {
		const served = await serve(runtime, { maxBufferedBytes: MEBIBYTE });
		const { server, open } = served;
		const bystander = await open();
		const client = await open();
		await hoard(client, served);
		await untilClose(client, 1009);
		await client.close();
		await echo(bystander, "unharmed");
		assert.equal(server.stats.held, 0);
		await bystander.close();
		await server.close();
	},
});
