import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { clientFrame } from "../../bench/load/frames.ts";
import { dial, join, write } from "../attackers/sockets.ts";
import { type Attack, HEALTHY_ROOM, OTHER_ROOM, type Target } from "../attackers/target.ts";

const READERS = 50;
const READERS_SHORT = 20;
const ECHOED = clientFrame("binary", Buffer.alloc(1024 * 1024), 1);
const CHATTED = clientFrame("text", Buffer.alloc(16 * 1024, "x"), 1);
/** Milliseconds between two messages of a member of the room. */
const INTERVAL = 100;
/** One of so many asks over HTTP. */
const HTTP_EVERY = 5;

/**
 * Clients that never read. Those of an echo server send until nothing more is taken, some of them the body of an HTTP request;
 * those of a chat are in the room of the healthy clients and write to everyone at an unhurried pace.
 */
export const slowReaders: Attack = {
	unit: "messages",
	processes: 1,
	async run(target) {
		const readers = Array.from({ length: target.short ? READERS_SHORT : READERS }, (_, i) => i);
		const counts = await Promise.all(
			readers.map((i) => {
				if (target.server === "chat") return chat(target);
				return i % HTTP_EVERY === 0 ? post(target) : echo(target);
			}),
		);
		return counts.reduce((sum, count) => sum + count, 0);
	},
};

async function echo({ port, milliseconds }: Target): Promise<number> {
	return send(await join(port, { target: OTHER_ROOM }, false), ECHOED, 0, milliseconds);
}

async function chat({ port, milliseconds }: Target): Promise<number> {
	return send(await join(port, { target: HEALTHY_ROOM }, false), CHATTED, INTERVAL, milliseconds);
}

async function post({ port, milliseconds }: Target): Promise<number> {
	const socket = await dial(port);
	socket.pause();
	socket.write(`POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000000000\r\n\r\n`);
	return send(socket, ECHOED, 0, milliseconds);
}

/** Sends until the time is over, then breaks off. Who is cut off before that does not come back. */
async function send(socket: Socket, bytes: Uint8Array, interval: number, milliseconds: number): Promise<number> {
	const until = performance.now() + milliseconds;
	let count = 0;
	while (performance.now() < until && (await write(socket, bytes, until))) {
		count++;
		if (interval > 0) await pause(interval);
	}
	await pause(Math.max(0, until - performance.now()));
	socket.resetAndDestroy();
	return count;
}
