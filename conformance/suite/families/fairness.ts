import assert from "node:assert/strict";
import { utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { Bystander } from "../bystander.ts";
import { type Case, family } from "../case.ts";
import { switching } from "../raw-handshake.ts";
import { RawServer } from "../raw-server.ts";
import { frame, frameFor } from "../wire-frames.ts";

/** Messages of a flood: in one write, and few enough bytes for the systems' buffers to hold them. */
const MESSAGES = 40_000;

/** So many of them may be handled while another connection's message goes there and back. */
const MOST = 10_000;

/** What each of them takes, in milliseconds. */
const WORK = 0.02;

function work(): void {
	for (const until = performance.now() + WORK; performance.now() < until; );
}

function floodFor(role: "server" | "client"): Uint8Array {
	const one = frameFor(role, frame(0x81, new Uint8Array(0)));
	const flood = new Uint8Array(MESSAGES * one.length);
	for (let i = 0; i < MESSAGES; i++) flood.set(one, i * one.length);
	return flood;
}

export const fairness: readonly Case[] = [
	...family("fairness", "server", {
		async "beside two clients that send without end, another one is answered, and a new one is let in"(runtime) {
			let handled = 0;
			let isOver = false;
			const begun = new Inbox<true>();
			const server = await runtime.serve({
				port: 0,
				keepAlive: false,
				message(socket, message) {
					if (message !== "") return void socket.send(message);
					if (!isOver) work();
					if (++handled === 1) begun.push(true);
				},
			});
			const port = portOf(server);
			const bystander = await Bystander.open(port);
			const floods = await Promise.all([RawClient.open(port), RawClient.open(port)]);
			for (const flood of floods) {
				flood.write(handshake(port));
				await flood.until(/\r\n\r\n$/);
			}
			for (const flood of floods) flood.write(floodFor("server"));
			await begun.next();
			for (const act of [() => bystander.check(), () => Bystander.open(port).then((other) => other.leave())]) {
				const before = handled;
				await act();
				assert.ok(handled - before < MOST, `meanwhile, ${handled - before} messages of the floods were handled`);
				assert.ok(handled < 2 * MESSAGES, "the floods were over too early to tell");
			}
			isOver = true;
			for (const flood of floods) await flood.reset();
			await bystander.leave();
			await server.close();
		},
	}),
	...family("fairness", "client", {
		async "beside a server that sends without end, another socket gets its answer"(runtime) {
			let handled = 0;
			const begun = new Inbox<true>();
			const answers = new Inbox<string | Uint8Array>();
			const server = await RawServer.open();
			const joined = async () => {
				const socket = runtime.connect(server.url, {
					message(_, message) {
						if (message !== "") return answers.push(message);
						work();
						if (++handled === 1) begun.push(true);
					},
				});
				const peer = await server.next();
				peer.write(switching(await peer.until(/\r\n\r\n/)));
				return { socket: await socket, peer };
			};
			const flooded = await joined();
			const other = await joined();
			flooded.peer.write(floodFor("client"));
			await begun.next();
			const before = handled;
			other.peer.write(frame(0x81, utf8("hello")));
			assert.equal(await answers.next(), "hello");
			assert.ok(handled - before < MOST, `meanwhile, ${handled - before} messages of the flood were handled`);
			assert.ok(handled < MESSAGES, "the flood was over too early to tell");
			for (const { socket, peer } of [flooded, other]) {
				socket.terminate();
				await peer.close();
			}
			server.close();
		},
	}),
];
