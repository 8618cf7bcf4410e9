import { clientFrame } from "../../bench/load/frames.ts";
import { FIN, OPCODE, repeated, shortFrame } from "../attackers/bytes.ts";
import { join, waitUntil, write } from "../attackers/sockets.ts";
import { type Attack, HEALTHY_ROOM } from "../attackers/target.ts";

const CLIENTS = 50;
const CLIENTS_SHORT = 20;
/** RFC 6455 §5.5: a control frame has 125 bytes of payload at the most. */
const PING = shortFrame(FIN | OPCODE.ping, Buffer.alloc(125));
const BATCH = 1000;
const PINGS = repeated(PING, BATCH);
const MESSAGE = clientFrame("text", Buffer.alloc(32 * 1024, "x"), 1);

/** Clients that never read, and ping as fast as pings are taken; one half has messages on their way to it besides. */
export const slowPingers: Attack = {
	unit: "pings",
	processes: 1,
	async run({ port, short, milliseconds }) {
		let count = 0;
		const attack = async (i: number): Promise<void> => {
			const socket = await join(port, { target: HEALTHY_ROOM }, false);
			const until = performance.now() + milliseconds;
			if (i % 2 === 0) await write(socket, MESSAGE, until);
			while (performance.now() < until && (await write(socket, PINGS, until))) count += BATCH;
			await waitUntil(until);
			socket.resetAndDestroy();
		};
		await Promise.all(Array.from({ length: short ? CLIENTS_SHORT : CLIENTS }, (_, i) => attack(i)));
		return count;
	},
};
