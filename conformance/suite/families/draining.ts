import assert from "node:assert/strict";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { asking } from "../asking.ts";
import { type Case, family } from "../case.ts";
import { frameFor } from "../wire-frames.ts";

/** With 1012, from a server. */
const CLOSE_FRAME = "\x88\x02\x03\xf4";

const CLOSE_1012 = frameFor("server", Uint8Array.of(0x88, 2, 0x03, 0xf4));

const GET = "GET / HTTP/1.1\r\nHost: server.example.com\r\n\r\n";

/** Clients that may wait for the server at once: fewer than the shortest queue. */
const WAITING = 200;

/** Whose socket is open. */
async function opened(port: number): Promise<RawClient> {
	const client = await RawClient.open(port);
	client.write(asking());
	await client.until(/\r\n\r\n/);
	return client;
}

/** Takes the Close frame and answers it. */
async function answerClose(client: RawClient): Promise<void> {
	await client.untilTail(CLOSE_FRAME);
	client.write(CLOSE_1012);
	await client.close();
}

export const draining: readonly Case[] = family("draining", "server", {
	async "clients that are connected and have asked are answered, accepted or not, and none is reset"(runtime) {
		const server = await runtime.serve({ port: 0, fetch: () => new Response("served") });
		const port = portOf(server);
		const connected = Array.from({ length: WAITING }, async () => {
			const client = await RawClient.open(port);
			await new Promise<void>((resolve) => client.socket.write(GET, () => resolve()));
			return client;
		});
		const clients = await Promise.all(connected);
		const closed = server.close({ deadline: Number.POSITIVE_INFINITY });
		await Promise.all(
			clients.map(async (client) => {
				await client.ended;
				await client.close();
				assert.equal(await client.gone, null);
				assert.match(client.text, /^HTTP\/1.1 200 [\s\S]*served/);
			}),
		);
		assert.deepEqual(await closed, { clean: WAITING, cut: 0 });
	},
	async "with `spread` every socket is closed with the code, in another order than they came, and counts as clean"(
		runtime,
	) {
		const server = await runtime.serve({ port: 0 });
		const clients = await Promise.all(Array.from({ length: 20 }, () => opened(portOf(server))));
		const order: number[] = [];
		const answers = clients.map(async (client, index) => {
			await client.untilTail(CLOSE_FRAME);
			order.push(index);
			await answerClose(client);
		});
		const closed = server.close({ code: 1012, spread: 200 });
		await Promise.all(answers);
		assert.deepEqual(await closed, { clean: 20, cut: 0 });
		// The chance that a random order is this one is 1 to 20!.
		assert.notDeepEqual(
			order,
			clients.map((_, index) => index),
		);
	},
	async "who does not answer the Close frame is cut at the deadline, and counts as cut"(runtime) {
		const server = await runtime.serve({ port: 0 });
		const [good, silent] = [await opened(portOf(server)), await opened(portOf(server))];
		const closed = server.close({ code: 1012, deadline: 500 });
		await answerClose(good);
		assert.deepEqual(await closed, { clean: 1, cut: 1 });
		silent.socket.destroy();
		await silent.gone;
	},
	async "an idle connection ends, and an answer under way is finished with `Connection: close`"(runtime) {
		const asked = new Inbox<() => void>();
		const server = await runtime.serve({
			port: 0,
			fetch: ({ url }) =>
				url.endsWith("/wait")
					? new Promise<Response>((resolve) => asked.push(() => resolve(new Response("waited"))))
					: new Response("served"),
		});
		const idle = await RawClient.open(portOf(server));
		idle.write(GET);
		await idle.until(/served/);
		const busy = await RawClient.open(portOf(server));
		busy.write(GET.replace("/ ", "/wait "));
		const answer = await asked.next();
		const closed = server.close({ spread: 1_000 });
		await idle.ended;
		await idle.close();
		answer();
		await busy.ended;
		await busy.close();
		assert.match(busy.text, /\r\nconnection: close\r\n[\s\S]*waited/);
		assert.deepEqual([await closed, await idle.gone, await busy.gone], [{ clean: 2, cut: 0 }, null, null]);
	},
	async "a second call that is in a hurry closes at once those whose moment has not come"(runtime) {
		const server = await runtime.serve({ port: 0 });
		const clients = await Promise.all(Array.from({ length: 5 }, () => opened(portOf(server))));
		const hour = 3_600_000;
		const closed = server.close({ code: 1012, deadline: hour, spread: hour });
		const hurried = server.close({ deadline: 10_000 });
		await Promise.all(clients.map(answerClose));
		assert.deepEqual([await closed, await hurried], Array(2).fill({ clean: 5, cut: 0 }));
	},
	async "a `spread` that is longer than the deadline is refused by name, and the server goes on"(runtime) {
		const server = await runtime.serve({ port: 0, fetch: () => new Response("served") });
		for (const options of [{ spread: 10_001 }, { spread: 2, deadline: 1 }])
			await assert.rejects(server.close(options), { code: "ERR_OPTION", message: /`spread` \(\d+\).*`deadline`/ });
		const client = await RawClient.open(portOf(server));
		client.write(GET);
		await client.until(/served/);
		const closed = server.close();
		await client.close();
		assert.deepEqual(await closed, { clean: 1, cut: 0 });
	},
});
