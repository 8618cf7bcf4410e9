import { FIN, MASKED, OPCODE, shortFrame } from "../attackers/bytes.ts";
import { drip } from "../attackers/drip.ts";
import { join } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const LETTER = Buffer.from("x");
const FRAGMENT = shortFrame(OPCODE.continuation, "x");
const ANNOUNCED = 60_000;

/** Messages that come one byte at a time: one half in one frame, the other in fragments of a byte. */
export const slowFrames: Attack = {
	unit: "bytes",
	processes: 1,
	run(target) {
		return drip(
			target,
			async (i) => {
				const socket = await join(target.port, { target: OTHER_ROOM });
				// RFC 6455 §5.2: the minimal number of bytes; these lie in 16 bits.
				socket.write(i % 2 === 0 ? header() : shortFrame(OPCODE.text, "x"));
				return socket;
			},
			(i) => (i % 2 === 0 ? LETTER : FRAGMENT),
		);
	},
};

function header(): Buffer {
	const bytes = Buffer.alloc(8);
	bytes[0] = FIN | OPCODE.text;
	bytes[1] = MASKED | 126;
	bytes.writeUInt16BE(ANNOUNCED, 2);
	return bytes;
}
