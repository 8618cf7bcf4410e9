import assert from "node:assert/strict";
import { connect } from "node:net";
import { type Accepted, accept, type Observed, type Server } from "@barewire/endpoint";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { asking, switching } from "../asking.ts";
import { type Case, family } from "../case.ts";
import { text } from "../http-case.ts";
import { head, ok, request, withoutDates } from "../http-text.ts";
import { passTurns } from "../turns.ts";

/** Connects, and waits for the end of the stream: how many bytes came. */
function dropped(port: number): Promise<number> {
	return new Promise((resolve) => {
		let received = 0;
		const socket = connect({ host: "127.0.0.1", port });
		socket.on("data", (chunk: Buffer) => {
			received += chunk.length;
		});
		// A reset, perhaps before this end knows that it is connected.
		socket.on("error", () => {});
		socket.on("close", () => resolve(received));
	});
}

/** Waits until the server has noticed who has left. */
async function untilConnected(server: Server, count: number): Promise<void> {
	while (server.connections.length !== count) await passTurns(1);
}

async function asked(port: number, what: string, answer: RegExp): Promise<RawClient> {
	const client = await RawClient.open(port);
	client.write(what);
	await client.until(answer);
	return client;
}

function refused(status: string, why: string, retryAfter: number, ...more: readonly string[]): string {
	return `${head(
		`HTTP/1.1 ${status}`,
		"content-type: text/plain; charset=utf-8",
		`retry-after: ${retryAfter}`,
		"date: D",
		`content-length: ${why.length + 1}`,
		...more,
	)}${why}\n`;
}

const TOO_MANY = "too many connections from this address";
const SWITCHED = /^HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/;

export const admission: readonly Case[] = family("limits on connections", "server", {
	async "above maxConnections a stream is dropped without a byte, and when one leaves another is let in"(runtime) {
		const told: Observed[] = [];
		const server = await runtime.serve({
			port: 0,
			limits: { maxConnections: 3 },
			fetch: () => text("served"),
			observe: (each) => void (each.type === "limit" && told.push(each)),
		});
		const port = portOf(server);
		const clients: RawClient[] = [];
		for (let i = 0; i < 3; i++) clients.push(await asked(port, request("GET / HTTP/1.1"), /served$/));
		for (let i = 0; i < 20; i++) assert.equal(await dropped(port), 0);
		assert.equal(server.connections.length, 3);
		assert.deepEqual(told.at(-1), { type: "limit", limit: "maxConnections", connection: null, client: "127.0.0.1" });
		assert.equal(told.length, 20);
		await clients[0]?.close();
		await untilConnected(server, 2);
		clients[0] = await asked(port, asking(), SWITCHED);
		assert.equal(await dropped(port), 0);
		for (const client of clients) client.socket.destroy();
		await server.close();
		assert.equal(server.connections.length, 0);
	},
	async "above maxConnectionsPerAddress a stream is dropped without a byte"(runtime) {
		const server = await runtime.serve({
			port: 0,
			limits: { maxConnectionsPerAddress: 1 },
			fetch: () => text("served"),
		});
		const port = portOf(server);
		const client = await asked(port, request("GET / HTTP/1.1"), /served$/);
		assert.equal(await dropped(port), 0);
		// The one that was let in goes on.
		client.write(request("GET / HTTP/1.1"));
		await client.until(/served[\s\S]*served$/);
		await client.reset();
		await untilConnected(server, 0);
		await (await asked(port, asking(), SWITCHED)).reset();
		await server.close();
	},
	async "above maxPendingUpgrades an opening handshake gets 503 with Retry-After"(runtime) {
		const waiting = new Inbox<(accepted: Accepted<undefined>) => void>();
		const server = await runtime.serve({
			port: 0,
			limits: { maxPendingUpgrades: 1 },
			upgrade: () => new Promise<Accepted<undefined>>((resolve) => waiting.push(resolve)),
		});
		const port = portOf(server);
		const first = await RawClient.open(port);
		first.write(asking());
		const letIn = await waiting.next();
		const second = await RawClient.open(port);
		second.write(asking());
		await second.ended;
		await second.close();
		const overloaded = refused("503 Service Unavailable", "too many opening handshakes", 1, "connection: close");
		assert.equal(withoutDates(second.text), overloaded);
		letIn(accept());
		await first.until(SWITCHED);
		assert.equal(first.text, switching());
		const third = await RawClient.open(port);
		third.write(asking());
		(await waiting.next())(accept());
		await third.until(SWITCHED);
		await first.reset();
		await third.reset();
		await server.close();
	},
	async "above maxHandshakesPerSecond an opening handshake gets 503 with Retry-After"(runtime) {
		const server = await runtime.serve({ port: 0, limits: { maxHandshakesPerSecond: 1 } });
		const port = portOf(server);
		const clients: RawClient[] = [];
		const statuses: string[] = [];
		// However slow this machine is: one of so many comes within a second after another one.
		while (!statuses.includes("503")) {
			const client = await asked(port, asking(), /\r\n\r\n/);
			statuses.push(client.text.slice(9, 12));
			if (statuses.at(-1) === "503") assert.match(client.text, /\r\nretry-after: 1\r\n/);
			clients.push(client);
		}
		assert.equal(statuses[0], "101");
		for (const client of clients) client.socket.destroy();
		await server.close();
	},
});

/** A server behind a trusted proxy on this machine: says who the client is. */
const behindProxy = {
	port: 0,
	trustedProxies: { addresses: ["loopback"], field: "x-forwarded-for" },
	fetch: (_request: Request, { client }: { readonly client: string }) => text(`[${client}]`),
} as const;

export const clientAddress: readonly Case[] = family("the address of the client", "server", {
	async "is that of the peer, whatever a field says"(runtime) {
		const server = await runtime.serve({ ...behindProxy, trustedProxies: undefined });
		const fields = ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1"];
		const client = await asked(portOf(server), request("GET / HTTP/1.1", ...fields), /\]$/);
		assert.equal(withoutDates(client.text), ok("[127.0.0.1]"));
		await client.close();
		await server.close();
	},
	async "of IPv4, on a socket that takes both, is the IPv4 address"(runtime) {
		const server = await runtime.serve({ ...behindProxy, hostname: "::", trustedProxies: undefined });
		const client = await asked(portOf(server), request("GET / HTTP/1.1"), /\]$/);
		assert.equal(withoutDates(client.text), ok("[127.0.0.1]"));
		await client.close();
		await server.close();
	},
	async "is what a trusted proxy says, of every request"(runtime) {
		const server = await runtime.serve(behindProxy);
		const says: readonly (readonly [string[], string])[] = [
			[["X-Forwarded-For: 192.0.2.1"], "192.0.2.1"],
			[["X-Forwarded-For: 6.6.6.6, 2001:DB8::1"], "2001:db8::1"],
			[["X-Forwarded-For: 6.6.6.6", "X-Forwarded-For: 192.0.2.2, 127.0.0.1"], "192.0.2.2"],
			[["X-Forwarded-For: unknown", "Forwarded: for=192.0.2.1"], "127.0.0.1"],
			[[], "127.0.0.1"],
		];
		const client = await RawClient.open(portOf(server));
		for (const [fields, expected] of says) {
			const before = client.text.length;
			client.write(request("GET / HTTP/1.1", ...fields));
			while (!client.text.slice(before).endsWith("]")) await client.untilLength(client.received + 1);
			assert.equal(withoutDates(client.text.slice(before)), ok(`[${expected}]`));
		}
		await client.close();
		await server.close();
	},
	async "may come in Forwarded"(runtime) {
		const trustedProxies = { addresses: ["127.0.0.0/8"], field: "forwarded" } as const;
		const server = await runtime.serve({ ...behindProxy, trustedProxies });
		const field = 'Forwarded: for="6.6.6.6, For="[2001:DB8::1]:4711";proto=https';
		const client = await asked(portOf(server), request("GET / HTTP/1.1", field), /\]$/);
		assert.equal(withoutDates(client.text), ok("[2001:db8::1]"));
		await client.close();
		await server.close();
	},
	async "behind a proxy, is what maxConnectionsPerAddress counts: 429, and the proxy's connection goes on"(runtime) {
		const server = await runtime.serve({ ...behindProxy, limits: { maxConnectionsPerAddress: 1 } });
		const port = portOf(server);
		const from = (address: string): string => `X-Forwarded-For: 6.6.6.6, ${address}`;
		const first = await asked(port, asking({ more: from("192.0.2.1") }), SWITCHED);
		const second = await asked(port, request("GET / HTTP/1.1", from("192.0.2.1")), /address\n$/);
		assert.equal(withoutDates(second.text), refused("429 Too Many Requests", TOO_MANY, 10));
		second.write(request("GET / HTTP/1.1", from("192.0.2.2")));
		await second.until(/\[192\.0\.2\.2\]$/);
		await first.reset();
		await untilConnected(server, 1);
		second.write(request("GET / HTTP/1.1", from("192.0.2.1")));
		await second.until(/\[192\.0\.2\.1\]$/);
		await second.close();
		await server.close();
	},
});
