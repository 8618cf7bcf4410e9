import assert from "node:assert/strict";
import type { Socket } from "@barewire/endpoint";
import { type Case, family, ROLES } from "../case.ts";
import { failure } from "../failing.ts";
import type { Course, Courses, Fault } from "../link.ts";
import { converse, type Linked, overLink, shortly, waiting } from "../linked.ts";
import type { Runtime } from "../runtime.ts";

const MEBIBYTE = 1 << 20;
const SHORT = { keepAlive: { interval: 100, timeout: 100 }, timeouts: { closing: 100 } } as const;
const SIZES = [0, 1, 125, 126, 3000];
/** Of the handshake every so many bytes: each of them is the affair of the family "breaking off". */
const STEP = 29;

/** The two ends of a connection. */
async function ends({ connect, opened }: Linked): Promise<readonly [client: Socket, server: Socket]> {
	return [await connect(), await opened.next()];
}

/** Cuts a conversation behind each byte that goes to this end. */
async function cutEverywhere(runtime: Runtime, to: "server" | "client", kind: Fault): Promise<void> {
	const lane = to === "server" ? "up" : "down";
	let head = 0;
	let all = 0;
	await overLink(runtime, {}, {}, async (linked) => {
		const [client, server] = await ends(linked);
		head = linked.link.delivered[lane];
		await talkAndClose(client, server);
		await linked.ends.next();
		all = linked.link.delivered[lane];
	});
	for (let after = 0; after < all; after += after < head ? STEP : 1) {
		const course: Course = { fault: { after, kind } };
		const courses: Courses = { [lane]: course };
		await overLink(runtime, courses, {}, async ({ connect, opened, ends, server }) => {
			const client = await connect().catch((error: Error & { code?: string }) => error);
			if (client instanceof Error) {
				const codes = kind === "reset" ? ["ERR_CONNECTION_RESET"] : ["ERR_HANDSHAKE_ENDED", "ERR_HANDSHAKE_REFUSED"];
				assert.ok(codes.includes(client.code ?? ""), `after ${after} bytes: ${client}`);
				// The server may have let it in.
				if (lane === "up") assert.equal(server.sockets.size, 0);
				return;
			}
			await talkAndClose(client, await opened.next());
			for (const event of [await client.closed, await ends.next()]) {
				const how = shortly(event);
				// An end behind a Close frame that was sent is no failure. Who has read all before a reset comes may see an end.
				const isRight =
					how === "stream-ended" || event.stage !== "open" || (kind === "reset" && how === "stream-reset");
				assert.ok(isRight, `after ${after} bytes: ${how}`);
			}
		});
	}
}

/** All ways of waiting at both ends, then Close. Resolves when they are settled. */
async function talkAndClose(client: Socket, server: Socket): Promise<void> {
	const all = [waiting(client), waiting(server)];
	client.send("hello");
	client.close(4000);
	await Promise.all(all);
}

export const faultyLinks: readonly Case[] = ROLES.flatMap((role) => {
	const lane = role === "server" ? "up" : "down";
	return family("faulty links", role, {
		"a conversation in pieces of one byte": (runtime) =>
			overLink(runtime, { [lane]: { piece: 1 } }, {}, (linked) => converse(linked, SIZES)),
		"a compressed conversation in pieces of one byte": (runtime) =>
			overLink(runtime, { [lane]: { piece: 1 } }, { compression: { threshold: 1 } }, (linked) =>
				converse(linked, SIZES),
			),
		"a link with latency": (runtime) =>
			overLink(runtime, { up: { latency: 30 }, down: { latency: 30 } }, {}, (linked) => converse(linked, SIZES)),
		"RST behind each byte, and every promise settles": (runtime) => cutEverywhere(runtime, role, "reset"),
		"FIN behind each byte, and every promise settles": (runtime) => cutEverywhere(runtime, role, "end"),
		async "a link that falls silent is found by keepalive, and every promise settles"(runtime) {
			await overLink(runtime, {}, SHORT, async (linked) => {
				const [client, server] = await ends(linked);
				linked.link.break("silence");
				const looked = role === "server" ? server : client;
				const [ping, , stream] = await waiting(looked);
				assert.deepEqual([ping?.status, stream?.status], ["rejected", "fulfilled"]);
				assert.equal(shortly(await looked.closed), "keepalive-timeout");
			});
		},
		async "a link that takes no more is found by the stall, and every promise settles"(runtime) {
			const options = { keepAlive: false, timeouts: { stalled: 200 } } as const;
			await overLink(runtime, {}, options, async (linked) => {
				const [client, server] = await ends(linked);
				linked.link.break("stall");
				const looked = role === "server" ? server : client;
				for (let i = 0; i < 32; i++) looked.send(new Uint8Array(MEBIBYTE));
				const [ping, drained] = await waiting(looked);
				assert.deepEqual([ping?.status, drained?.status], ["rejected", "rejected"]);
				assert.equal(shortly(await looked.closed), "stalled-timeout");
			});
		},
		async "Close into a link that is silent ends in time"(runtime) {
			await overLink(runtime, {}, { ...SHORT, keepAlive: false }, async (linked) => {
				const [client, server] = await ends(linked);
				linked.link.break("silence");
				const looked = role === "server" ? server : client;
				looked.close(4000);
				await waiting(looked);
				assert.equal(shortly(await looked.closed), "closing-timeout");
			});
		},
		async "a handshake into a link that is silent ends in time"(runtime) {
			const fault = { after: 20, kind: "silence" } as const;
			await overLink(
				runtime,
				{ [lane]: { fault } },
				{ timeouts: { handshake: 100, closing: 100 } },
				async ({ connect }) => {
					const { code } = (await failure(() => connect())) as Error & { code?: string };
					// Where half a request has come, the server may say 408 before the client's time is over.
					assert.ok(["ERR_HANDSHAKE_TIMED_OUT", "ERR_HANDSHAKE_REFUSED"].includes(code ?? ""), code);
				},
			);
		},
		async "the server's close() over a link that is silent ends at its deadline"(runtime) {
			await overLink(runtime, {}, { keepAlive: false }, async (linked) => {
				await ends(linked);
				linked.link.break(role === "server" ? "silence" : "stall");
				await linked.server.close({ deadline: 100 });
				assert.equal(shortly(await linked.ends.next()), 1006);
			});
		},
	});
});
