import { setImmediate as turn } from "node:timers/promises";
import { FIN, handshake, OPCODE, shortFrame } from "../attackers/bytes.ts";
import { dial, inParallel, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const AT_A_TIME = 32;
const PATIENCE = 1000;

/** What a whole conversation sends: one of WebSocket and one of HTTP. */
function conversations(port: number): readonly Buffer[] {
	const messages = [
		shortFrame(FIN | OPCODE.text, "hello"),
		shortFrame(OPCODE.binary, "hel"),
		shortFrame(FIN | OPCODE.ping, "are you"),
		shortFrame(FIN | OPCODE.continuation, "lo"),
		shortFrame(FIN | OPCODE.close),
	];
	const chunks = "5\r\nhello\r\n5;x=y\r\nworld\r\n0\r\nx: y\r\n\r\n";
	const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
	return [Buffer.concat([Buffer.from(handshake(port, OTHER_ROOM)), ...messages]), Buffer.from(request)];
}

/** Connections that are reset behind each byte of a conversation: at once, and a little later. */
export const resets: Attack = {
	unit: "connections",
	processes: 1,
	async run({ port, milliseconds }) {
		const until = performance.now() + milliseconds;
		const cuts = conversations(port).flatMap((all) => Array.from(all, (_, i) => all.subarray(0, i + 1)));
		let count = 0;
		do {
			await inParallel(2 * cuts.length, AT_A_TIME, async (i) => {
				const socket = await dial(port);
				await write(socket, cuts[i >> 1]!, performance.now() + PATIENCE);
				// By the next turn the answer may have come, so that the reset finds the server in another state.
				if (i % 2 === 1) await turn();
				socket.resetAndDestroy();
				count++;
			});
		} while (performance.now() < until);
		return count;
	},
};
