import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { inParallel } from "./sockets.ts";
import type { Target, Work } from "./target.ts";

const CONNECTIONS = 1000;
const CONNECTIONS_SHORT = 200;
const AT_A_TIME = 64;
/** Between two bytes on a connection, in milliseconds. */
const INTERVAL = 100;

/**
 * Opens many connections and has each send its bytes one at a time, slowly, from the beginning again where they end.
 * A connection that the server ends is replaced. The time begins when all are open.
 */
export async function drip(
	{ short, milliseconds }: Target,
	open: (i: number) => Promise<Socket>,
	bytes: (i: number) => Uint8Array,
): Promise<Work> {
	const connections = short ? CONNECTIONS_SHORT : CONNECTIONS;
	const drips: { socket: Socket; sent: number }[] = [];
	const place = async (i: number): Promise<void> => {
		drips[i] = { socket: await open(i), sent: 0 };
	};
	await inParallel(connections, AT_A_TIME, place);
	const begin = performance.now();
	const until = begin + milliseconds;
	let count = 0;
	while (performance.now() < until) {
		for (const [i, drip] of drips.entries()) {
			if (!drip.socket.writable) continue;
			const own = bytes(i);
			drip.socket.write(own.subarray(drip.sent % own.length, (drip.sent % own.length) + 1));
			drip.sent++;
			count++;
		}
		await pause(INTERVAL);
		await inParallel(connections, AT_A_TIME, async (i) => {
			if (!drips[i]!.socket.writable) await place(i);
		});
	}
	for (const { socket } of drips) socket.resetAndDestroy();
	return { count, milliseconds: performance.now() - begin };
}
