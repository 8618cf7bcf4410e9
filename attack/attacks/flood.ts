import type { Socket } from "node:net";
import { dial, inParallel, join, waitUntil } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const CONNECTIONS = 10_000;
const CONNECTIONS_SHORT = 1000;
/** What each process opens at a time: less than what waits to be accepted on Bun. */
const AT_A_TIME = 64;

/** Many connections at once. One half never sends anything, the other becomes WebSockets that rest. */
export const flood: Attack = {
	unit: "connections",
	processes: 4,
	async run({ port, short, milliseconds, processes }) {
		const begin = performance.now();
		const count = (short ? CONNECTIONS_SHORT : CONNECTIONS) / processes;
		const sockets: Socket[] = [];
		let refusal: unknown = null;
		await inParallel(count, AT_A_TIME, async (i) => {
			try {
				sockets.push(await (i % 2 === 0 ? dial(port) : join(port, { target: OTHER_ROOM })));
			} catch (error) {
				// A server may refuse those that are too many for it.
				refusal = error;
			}
		});
		if (sockets.length === 0) throw refusal;
		const work = { count: sockets.length, milliseconds: performance.now() - begin };
		await waitUntil(begin + milliseconds);
		for (const socket of sockets) socket.resetAndDestroy();
		return work;
	},
};
