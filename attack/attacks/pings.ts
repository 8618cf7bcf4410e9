import { FIN, OPCODE, repeated, shortFrame } from "../attackers/bytes.ts";
import { join, over, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const PINGS = 1_000_000;
const BATCH = 10_000;
const BATCH_BYTES = repeated(shortFrame(FIN | OPCODE.ping, "are you "), BATCH);
const CLOSE = shortFrame(FIN | OPCODE.close);

/** Pings as fast as they are taken, a million or more, by a client that reads the pongs. */
export const pings: Attack = {
	unit: "pings",
	processes: 1,
	async run({ port, milliseconds }) {
		const until = performance.now() + milliseconds;
		// The first million is sent whatever the time.
		const late = until + 60_000;
		const socket = await join(port, { target: OTHER_ROOM });
		let count = 0;
		while ((count < PINGS || performance.now() < until) && (await write(socket, BATCH_BYTES, late))) count += BATCH;
		// When the Close frame is answered, so are all pings.
		await write(socket, CLOSE, late);
		if (!(await over(socket, late))) throw new Error("a million pings and a Close frame are not answered");
		return count;
	},
};
