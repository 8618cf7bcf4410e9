import { makePayload } from "../../bench/load/payload.ts";
import { FIN, handshake, MASKED, OPCODE, shortFrame } from "../attackers/bytes.ts";
import { dial, over, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const CONNECTIONS = 32;
const SIZE = 4096;
/** So long the server has to end the connection, in milliseconds: some garbage is the beginning of something valid. */
const PATIENCE = 100;
const RSV1 = 0x40;

/** What is valid, and after which the garbage begins. */
function stages(port: number): readonly Uint8Array[] {
	const request = `POST / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
	const open = handshake(port, OTHER_ROOM);
	const compressed = handshake(port, OTHER_ROOM, true);
	const chunked = `${request}Transfer-Encoding: chunked\r\n\r\n`;
	const http = ["", "GET ", "GET / HTTP/1.1\r\n", `${request}x: `, chunked, `${chunked}5\r\nhello`, `${chunked}0\r\n`];
	const webSocket = [
		[open],
		[open, shortFrame(FIN | OPCODE.text, "hello")],
		// A text that goes on with garbage; so does the next one, in its second fragment.
		[open, Buffer.from([FIN | OPCODE.text, MASKED | 125, 0, 0, 0, 0])],
		[open, shortFrame(OPCODE.text, "hello"), Buffer.from([OPCODE.continuation, MASKED | 125, 0, 0, 0, 0])],
		[open, shortFrame(FIN | OPCODE.close)],
		// A compressed message of garbage, whole and cut.
		[compressed, Buffer.from([FIN | RSV1 | OPCODE.binary, MASKED | 125, 0, 0, 0, 0])],
		[compressed, Buffer.from([RSV1 | OPCODE.binary, MASKED | 125, 0, 0, 0, 0])],
	];
	return [...http.map((text) => Buffer.from(text)), ...webSocket.map((parts) => Buffer.concat(parts.map(bytes)))];
}

function bytes(part: string | Uint8Array): Uint8Array {
	return typeof part === "string" ? Buffer.from(part) : part;
}

/** Random bytes at each stage of a connection's life. */
export const garbage: Attack = {
	unit: "connections",
	processes: 1,
	async run({ port, milliseconds }) {
		const until = performance.now() + milliseconds;
		const prefixes = stages(port);
		let count = 0;
		const attack = async (): Promise<void> => {
			while (count < prefixes.length || performance.now() < until) {
				const number = count++;
				const socket = await dial(port);
				const patience = performance.now() + PATIENCE;
				const prefix = prefixes[number % prefixes.length]!;
				await write(socket, Buffer.concat([prefix, makePayload("binary", SIZE, number + 1)]), patience);
				await over(socket, patience);
				socket.resetAndDestroy();
			}
		};
		await Promise.all(Array.from({ length: CONNECTIONS }, attack));
		return count;
	},
};
