import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type ClientOptions, openClient, Refused } from "../../bench/load/client.ts";

/** Opens a TCP connection. What the server does with it later is no error of the attacker. */
export function dial(port: number): Promise<Socket> {
	return new Promise((resolve, reject) => {
		const socket = connect({ host: "127.0.0.1", port, noDelay: true });
		socket.on("error", reject);
		socket.once("connect", () => resolve(socket));
		// What is not read would hide the end.
		socket.resume();
	});
}

/** So long a server may have no room for a connection, and so long the attacker waits before it tries again; in milliseconds. */
const NO_ROOM = 30_000;
const RETRY_AFTER = 20;

/**
 * Opens a WebSocket connection. Comes back while the server has no room (503), as an attacker would. `reads`: false: it never
 * reads after the opening handshake.
 */
export async function join(port: number, options: ClientOptions, reads: boolean = true): Promise<Socket> {
	const until = performance.now() + NO_ROOM;
	for (;;) {
		try {
			return await openClient(port, { received: () => {}, isResting: !reads, ended: () => {} }, options);
		} catch (error) {
			if (!(error instanceof Refused && error.status === 503) || performance.now() > until) throw error;
			await pause(RETRY_AFTER);
		}
	}
}

/** Whether the system took all of it before the connection was gone, or the time over. */
export async function write(socket: Socket, bytes: Uint8Array | string, until: number): Promise<boolean> {
	if (socket.destroyed || !socket.writable) return false;
	const taken = new Promise<boolean>((resolve) => {
		socket.once("close", () => resolve(false));
		socket.write(bytes, (error) => resolve(error === null || error === undefined));
	});
	return inTime(taken, until, false);
}

/** Whether the connection was over before the time was. */
export function over(socket: Socket, until: number): Promise<boolean> {
	if (socket.destroyed) return Promise.resolve(true);
	return inTime(new Promise((resolve) => socket.once("close", () => resolve(true))), until, false);
}

/** Runs a task for each number below `count`, so many at a time. */
export async function inParallel(count: number, atATime: number, task: (i: number) => Promise<unknown>): Promise<void> {
	let next = 0;
	const worker = async (): Promise<void> => {
		while (next < count) await task(next++);
	};
	await Promise.all(Array.from({ length: atATime }, worker));
}

/** Resolves when the time has come. */
export async function waitUntil(time: number): Promise<void> {
	await pause(Math.max(0, time - performance.now()));
}

async function inTime<T>(promise: Promise<T>, until: number, otherwise: T): Promise<T> {
	const timeOver = new AbortController();
	const { signal } = timeOver;
	const late = pause(Math.max(0, until - performance.now()), otherwise, { signal }).catch(() => otherwise);
	try {
		return await Promise.race([promise, late]);
	} finally {
		timeOver.abort();
	}
}
