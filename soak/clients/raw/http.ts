// HTTP beside the WebSockets, and connections that end before they are any.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { handshake } from "../../../attack/attackers/bytes.ts";
import { RawClient } from "../../../conformance/raw-client.ts";
import { PATHS } from "../../servers/paths.ts";
import { payloads } from "../payloads.ts";
import type { Visit, Ways } from "../seats.ts";

/** So much of an answer without an end is read. */
const ENOUGH = 256 * 1024;

/** Writes what is a beginning only, and leaves. */
const broken =
	(bytes: (port: number) => string, leave: (client: RawClient) => Promise<unknown>): Visit =>
	async (port) => {
		const client = await RawClient.open(port);
		try {
			client.write(bytes(port));
			await leave(client);
			return 0;
		} finally {
			client.socket.destroy();
		}
	};

const reset = (client: RawClient): Promise<void> => client.reset();
const finish = (client: RawClient): Promise<void> => client.close();
/** Waits for the 408 of a server whose patience is over. */
async function wait(client: RawClient): Promise<void> {
	await client.until(/^HTTP\/1\.1 408 /);
	await client.ended;
	await client.close();
}

const halfHead = (port: number): string => handshake(port, PATHS.echo).slice(0, 60);
const halfBody = (port: number): string =>
	`POST ${PATHS.echo} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000\r\n\r\n${"x".repeat(500)}`;
const halfChunk = (port: number): string =>
	`POST ${PATHS.echo} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf`;
const endless = (port: number): string => `GET ${PATHS.endless} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;

export const httpWays: Ways = [
	["HTTP, kept alive", (port, seat) => exchange(port, seat, true)],
	["HTTP, one request each", (port, seat) => exchange(port, seat, false)],
	[
		"a refused upgrade",
		broken(
			(port) => handshake(port, PATHS.refused),
			async (client) => {
				await client.until(/^HTTP\/1\.1 403 [\s\S]*\r\n\r\n/);
				await client.close();
			},
		),
	],
	["nothing sent, then FIN", broken(() => "", finish)],
	["reset in the handshake", broken(halfHead, reset)],
	["FIN in the handshake", broken(halfHead, finish)],
	["silence in the handshake", broken(halfHead, wait)],
	["reset in a body", broken(halfBody, reset)],
	["FIN in a body", broken(halfBody, finish)],
	["reset in a chunk", broken(halfChunk, reset)],
	[
		"silence in a body",
		broken(halfBody, async (client) => {
			// The echo of a body begins before the body is complete: then there is no place for a 408.
			await client.ended;
			await client.close();
		}),
	],
	...([reset, leaveWithFin] as const).map(
		(leave, i) =>
			[
				`${["reset", "FIN"][i]} in an answer`,
				broken(endless, async (client) => {
					await client.untilLength(ENOUGH);
					await leave(client);
				}),
			] as const,
	),
	["handshake, then a reset at once", broken((port) => handshake(port, PATHS.echo), reset)],
];

function leaveWithFin({ socket, gone }: RawClient): Promise<unknown> {
	socket.destroy();
	return gone;
}

/** Some requests with bodies that must come back. */
async function exchange(port: number, seat: number, keepAlive: boolean): Promise<number> {
	const agent = new Agent({ keepAlive, maxSockets: 1 });
	try {
		return await exchangeBy(agent, port, seat);
	} finally {
		agent.destroy();
	}
}

async function exchangeBy(agent: Agent, port: number, seat: number): Promise<number> {
	const bodies = payloads(seat).map((each) => Buffer.from(each as string));
	for (const [i, body] of bodies.entries()) {
		// A length that is told, and chunks.
		const headers = i % 2 === 0 ? { "content-length": body.length } : { "transfer-encoding": "chunked" };
		const asking = request({ host: "127.0.0.1", port, path: PATHS.echo, method: "POST", agent, headers });
		asking.end(body);
		const [response] = await once(asking, "response");
		const answer = Buffer.concat(await response.toArray());
		assert.equal(response.statusCode, 200);
		assert.ok(answer.equals(body), `body ${i} came back as another one`);
	}
	return bodies.length;
}
