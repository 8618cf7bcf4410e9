// engine.io CVE-2022-41940 and its like: a peer that breaks off, or that sends garbage, at any octet of the handshake and
// of the first frame, also while `upgrade` is pending. The process lives, and nobody else notices.

import { type Accepted, accept } from "@barewire/transport-node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeFrame, frame } from "../arbitraries/frames.ts";
import { concat, latin1 } from "../arbitraries/octets.ts";
import { type EchoServer, serveEcho } from "../interop/echo-server.ts";
import { Inbox } from "../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../raw-client.ts";
import { Bystander } from "./bystander.ts";

/** A handshake and the first frame; `switchAt`: where the handshake ends. */
function beginning(port: number): { octets: Uint8Array; switchAt: number } {
	const head = latin1(handshake(port));
	return { octets: concat([head, encodeFrame(frame(0x1, "first"), "server")]), switchAt: head.length };
}

/** The beginnings of the octets, from none to all. */
function prefixes(octets: Uint8Array, from: number = 0): Uint8Array[] {
	return Array.from({ length: octets.length - from + 1 }, (_, i) => octets.subarray(0, from + i));
}

describe("a peer that goes at every octet of the handshake and of the first frame", () => {
	let echo: EchoServer;
	let port: number;
	let bystander: Bystander;

	beforeEach(async () => {
		echo = await serveEcho({ fetch: () => new Response("hello") });
		port = portOf(echo.server);
		bystander = await Bystander.open(echo);
	});

	afterEach(async () => {
		await bystander.leave();
		expect(echo.errors).toEqual([]);
		// Nothing of those who went is left: this resolves without a deadline.
		await echo.server.close({ deadline: Number.POSITIVE_INFINITY });
	});

	async function begin(octets: Uint8Array): Promise<RawClient> {
		const client = await RawClient.open(port);
		client.write(octets);
		return client;
	}

	test("by a reset", async () => {
		const clients = await Promise.all(prefixes(beginning(port).octets).map(begin));
		// The server has seen what they sent, before they go.
		await bystander.check();
		await Promise.all(clients.map((client) => client.reset()));
		await bystander.check();
	});

	test("by an end", async () => {
		const clients = await Promise.all(prefixes(beginning(port).octets).map(begin));
		await bystander.check();
		await Promise.all(clients.map((client) => client.close()));
	});

	const GARBAGE: readonly [name: string, octets: Uint8Array][] = [
		["FF", new Uint8Array(64).fill(0xff)],
		["NUL", new Uint8Array(64)],
		["line ends", latin1("\r\n".repeat(32))],
		["bare LF", latin1("\n".repeat(64))],
		["colons", latin1(":".repeat(64))],
		["anything", Uint8Array.from({ length: 256 }, (_, i) => (i * 167 + 13) & 0xff)],
	];

	test.each(GARBAGE)("by garbage: %s", async (_name, garbage) => {
		const { octets, switchAt } = beginning(port);
		await Promise.all(
			prefixes(octets).map(async (prefix) => {
				const client = await begin(concat([prefix, garbage]));
				client.socket.end();
				await client.ended;
				if (prefix.length > switchAt) expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
				else expect(client.text).toMatch(/^$|^HTTP\/1\.1 (101|200|4\d\d|505) /);
				await client.close();
			}),
		);
	});
});

describe("while `upgrade` is pending", () => {
	interface Pending {
		readonly signal: AbortSignal;
		decide(answer: Accepted<undefined> | Response): void;
	}

	let echo: EchoServer;
	let port: number;
	let bystander: Bystander;
	let pending: Inbox<Pending>;
	let opened: number;

	beforeEach(async () => {
		let first = true;
		opened = 0;
		pending = new Inbox();
		echo = await serveEcho({
			open: () => void opened++,
			upgrade({ signal }) {
				if (first) {
					first = false;
					return accept();
				}
				return new Promise((decide) => pending.push({ signal, decide }));
			},
		});
		port = portOf(echo.server);
		bystander = await Bystander.open(echo);
	});

	afterEach(async () => {
		await bystander.leave();
		expect(echo.errors).toEqual([]);
		await echo.server.close({ deadline: Number.POSITIVE_INFINITY });
	});

	const answers = { accepts: () => accept(), refuses: () => new Response("no", { status: 401 }) };

	test.each(["accepts", "refuses"] as const)(
		"a reset at each octet behind the request; then it %s",
		async (verdict) => {
			const { octets, switchAt } = beginning(port);
			for (const prefix of prefixes(octets, switchAt)) {
				const client = await RawClient.open(port);
				client.write(prefix);
				const { signal, decide } = await pending.next();
				const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
				await client.reset();
				await aborted;
				decide(answers[verdict]());
				await bystander.check();
			}
			// The bystander's alone.
			expect(opened).toBe(1);
		},
	);

	test("an end at each octet behind the request; then it accepts", async () => {
		const { octets, switchAt } = beginning(port);
		for (const prefix of prefixes(octets, switchAt)) {
			const client = await RawClient.open(port);
			client.write(prefix);
			const { decide } = await pending.next();
			client.socket.end();
			await bystander.check();
			decide(accept());
			await client.ended;
			expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
			expect(client.text.endsWith("\x81\x05first")).toBe(prefix.length === octets.length);
			await client.close();
		}
	});

	test("garbage behind the request, judged once it is accepted", async () => {
		const { octets, switchAt } = beginning(port);
		for (const prefix of prefixes(octets, switchAt)) {
			const client = await RawClient.open(port);
			client.write(concat([prefix, new Uint8Array(300).fill(0xff)]));
			const { decide } = await pending.next();
			await bystander.check();
			expect(client.text).toBe("");
			decide(accept());
			await client.ended;
			expect(client.text).toMatch(/^HTTP\/1\.1 101 /);
			await client.close();
		}
	});
});
