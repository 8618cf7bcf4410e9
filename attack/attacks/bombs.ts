import type { Socket } from "node:net";
import { bomb } from "../attackers/bytes.ts";
import { join, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const CONNECTIONS = 4;
const CONNECTIONS_SHORT = 2;
const INFLATED = 64 * 1024 * 1024;

/** Messages of 64 KiB that inflate to 64 MiB, back to back. Who is cut off comes back. */
export const bombs: Attack = {
	unit: "bombs",
	processes: 1,
	async run({ port, short, milliseconds }) {
		const bytes = bomb(INFLATED);
		const begin = performance.now();
		const until = begin + milliseconds;
		let count = 0;
		const attack = async (): Promise<void> => {
			let socket: Socket | null = null;
			while (performance.now() < until) {
				socket ??= await join(port, { target: OTHER_ROOM, compression: true });
				if (await write(socket, bytes, until)) count++;
				else {
					socket.resetAndDestroy();
					socket = null;
				}
			}
			socket?.resetAndDestroy();
		};
		await Promise.all(Array.from({ length: short ? CONNECTIONS_SHORT : CONNECTIONS }, attack));
		return { count, milliseconds: performance.now() - begin };
	},
};
