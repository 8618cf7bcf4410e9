import assert from "node:assert/strict";
import type { Socket } from "@barewire/endpoint";
import { utf8 } from "../../arbitraries/bytes.ts";
import { Inbox } from "../../interop/inbox.ts";
import { handshake, portOf, RawClient } from "../../raw-client.ts";
import { type Case, family } from "../case.ts";
import { type Life, WAYS, type Way } from "../lives.ts";
import type { Runtime } from "../runtime.ts";
import { frame, frameFor, framesOf } from "../wire-frames.ts";

async function live(runtime: Runtime, way: Way): Promise<void> {
	const order: string[] = [];
	let closing: Promise<unknown> | null = null;
	const ends: unknown[] = [];
	const begun = new Inbox<{ socket: Socket; handler: Life["handler"] }>();
	const server = await runtime.serve({
		port: 0,
		timeouts: { closing: way.waitsForTimeout ? 50 : 10_000 },
		open: () => void order.push("open"),
		async message(socket) {
			order.push("message begins");
			socket.signal.addEventListener("abort", () => void order.push("signal"));
			const work = new Inbox<Error | null>();
			begun.push({
				socket,
				handler: { return: () => work.push(null), throw: () => work.push(new Error("thrown by the handler")) },
			});
			void socket.closed.then(({ code, wasClean, by }) => {
				order.push("closed");
				ends.push([code, wasClean, by]);
				work.push(null);
			});
			const error = await work.next();
			if (error !== null) throw error;
			order.push("message returns");
		},
		error: () => void order.push("error"),
		close(_socket, { code, wasClean, by }) {
			order.push("close");
			ends.push([code, wasClean, by]);
		},
	});
	const raw = await RawClient.open(portOf(server));
	raw.write(handshake(portOf(server)));
	await raw.until(/\r\n\r\n/);
	const head = raw.received;
	raw.write(frameFor("server", frame(0x81, utf8("hello"))));
	const { socket, handler } = await begun.next();
	const hasClose = (): true | null =>
		framesOf("server", raw.bytes.subarray(head)).some((each) => each.startsWith("88")) ? true : null;
	await way.end({
		socket,
		peer: {
			raw,
			send: (bytes) => raw.write(frameFor("server", bytes)),
			untilClose: async () => void (await raw.untilIt(hasClose)),
		},
		handler,
		closeServer: () => {
			closing = server.close();
		},
	});
	await socket.closed;
	await (closing ?? server.close());
	const end = [way.code, way.wasClean, way.by];
	assert.deepEqual(
		[order, ends],
		[
			["open", ...way.order],
			[end, end],
		],
	);
	raw.socket.destroy();
	await raw.gone;
}

// docs/life-of-a-socket.md has the same table.
export const life: readonly Case[] = family(
	"life",
	"server",
	Object.fromEntries(WAYS.map((way) => [way.title, (runtime: Runtime) => live(runtime, way)])),
);
