import assert from "node:assert/strict";
import { Inbox } from "../../interop/inbox.ts";
import { portOf, RawClient } from "../../raw-client.ts";
import { type Case, family, ROLES } from "../case.ts";
import { request } from "../http-text.ts";
import { meet } from "../meeting.ts";
import { frame } from "../wire-frames.ts";

const MEBIBYTE = 1 << 20;
const TIMES = { timeouts: { stalled: 200 }, keepAlive: false } as const;

export const stalled: readonly Case[] = [
	...ROLES.flatMap((role) =>
		family("stalled", role, {
			async "a peer that reads nothing is cut, however often it pings"(runtime) {
				const meeting = await meet(runtime, role, TIMES);
				meeting.peer.socket.pause();
				const pings = setInterval(() => meeting.send(frame(0x89, new Uint8Array(0))), 20);
				for (let i = 0; i < 32; i++) meeting.socket.send(new Uint8Array(MEBIBYTE));
				const { code, wasClean, by, error } = await meeting.socket.closed;
				clearInterval(pings);
				assert.deepEqual([code, wasClean, by, error?.kind], [1006, false, "local", "stalled-timeout"]);
				await meeting.leave();
			},
			async "a peer that takes no output for a while is not failed by keepalive, as one that is silent is"(runtime) {
				const options = {
					keepAlive: { interval: 100, timeout: 100 },
					timeouts: { stalled: Number.POSITIVE_INFINITY, closing: 100 },
				} as const;
				const slow = await meet(runtime, role, options);
				slow.peer.socket.pause();
				for (let i = 0; i < 16; i++) slow.socket.send(new Uint8Array(MEBIBYTE));
				// It begins later, so what its timers have done, those of the other one would have done too.
				const silent = await meet(runtime, role, options);
				assert.equal((await silent.socket.closed).error?.kind, "keepalive-timeout");
				assert.equal(slow.socket.readyState, "open");
				slow.peer.socket.resume();
				await slow.socket.drained();
				await silent.leave();
				await slow.leave();
			},
			async "a peer that takes no output for longer than the closing time gets all that was sent before close()"(
				runtime,
			) {
				const options = { keepAlive: false, timeouts: { closing: 100 } } as const;
				const slow = await meet(runtime, role, options);
				slow.peer.socket.pause();
				for (let i = 0; i < 8; i++) slow.socket.send(new Uint8Array(MEBIBYTE));
				slow.socket.close(4001, "bye");
				// It begins later, so what its timers have done, those of the other one would have done too.
				const silent = await meet(runtime, role, options);
				silent.socket.close(4001, "bye");
				assert.equal((await silent.socket.closed).error?.kind, "closing-timeout");
				assert.equal(slow.socket.readyState, "closing");
				slow.peer.socket.resume();
				await slow.peer.untilLength(8 * MEBIBYTE);
				slow.send(frame(0x88, Uint8Array.of(0x0f, 0xa1)));
				await slow.peer.close();
				const { code, wasClean, unsent } = await slow.socket.closed;
				assert.deepEqual([code, wasClean, unsent], [4001, true, 0]);
				await silent.leave();
				await slow.leave();
			},
			async "what the system has taken reaches the peer, also when the connection is cut"(runtime) {
				const meeting = await meet(runtime, role, { keepAlive: false });
				meeting.peer.socket.pause();
				meeting.socket.send(new Uint8Array(MEBIBYTE));
				await meeting.socket.drained();
				meeting.socket.terminate();
				assert.equal((await meeting.socket.closed).unsent, 0);
				meeting.peer.socket.resume();
				await meeting.peer.untilLength(MEBIBYTE);
				await meeting.leave();
			},
		}),
	),
	...family("stalled", "server", {
		async "an HTTP client that does not read its answer is cut"(runtime) {
			const told = new Inbox<string>();
			const server = await runtime.serve({
				port: 0,
				...TIMES,
				fetch({ signal }) {
					signal.addEventListener("abort", () => told.push("aborted"));
					return new Response(
						new ReadableStream({
							pull: (controller) => controller.enqueue(new Uint8Array(MEBIBYTE)),
							cancel: () => told.push("cancelled"),
						}),
					);
				},
			});
			const client = await RawClient.open(portOf(server));
			client.socket.pause();
			client.write(request("GET / HTTP/1.1"));
			assert.deepEqual([await told.next(), await told.next()].sort(), ["aborted", "cancelled"]);
			client.socket.destroy();
			await server.close();
		},
	}),
];
