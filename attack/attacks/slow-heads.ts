import { handshake } from "../attackers/bytes.ts";
import { drip } from "../attackers/drip.ts";
import { dial } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

/** Heads that come one byte at a time and have no end. */
export const slowHeads: Attack = {
	unit: "bytes",
	processes: 1,
	run(target) {
		const head = Buffer.from(handshake(target.port, OTHER_ROOM).slice(0, -"\r\n".length));
		const endless = Buffer.concat([head, Buffer.alloc(1024, "x: y\r\n")]);
		return drip(
			target,
			() => dial(target.port),
			() => endless,
		);
	},
};
