import type { Socket } from "node:net";
import { announce, FIN, MASKED, OPCODE, shortFrame } from "../attackers/bytes.ts";
import { dial, join, over, write } from "../attackers/sockets.ts";
import { type Attack, OTHER_ROOM } from "../attackers/target.ts";

const CONNECTIONS = 8;
/** So long a server has to end a connection that went too far, in milliseconds. */
const PATIENCE = 500;
const MIB = 1024 * 1024;
const LONG = "x".repeat(MIB);
const CHUNKED = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
/** RFC 6455 §5.2: "the most significant bit MUST be 0"; this one has it. */
const BEYOND_LENGTH = 2n ** 64n - 1n;
const LARGEST_LENGTH = 2n ** 63n - 1n;
const FRAGMENT_SIZE = MIB;
/** What no server of the attack takes as one message. */
const FRAGMENTS = 65;

interface Case {
	/** Whether it begins behind the opening handshake. */
	readonly upgraded: boolean;
	pieces(): Iterable<string | Uint8Array>;
}

const CASES: readonly Case[] = [
	http(`GET /${LONG} HTTP/1.1\r\nHost: localhost\r\n\r\n`),
	http(`GET / HTTP/1.1\r\nHost: localhost\r\nx: ${LONG}\r\n\r\n`),
	http(`GET / HTTP/1.1\r\nHost: localhost\r\n${"x: y\r\n".repeat(10_000)}\r\n`),
	http(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1${"0".repeat(30)}\r\n\r\n`),
	http(`${CHUNKED}1;x=${LONG}\r\nx\r\n0\r\n\r\n`),
	http(`${CHUNKED}FFFFFFFFFFFFFFFF\r\nx\r\n`),
	http(`${CHUNKED}${"0".repeat(1000)}1\r\nx\r\n`),
	http(`${CHUNKED}0\r\nx: ${LONG}\r\n\r\n`),
	frames(announce(FIN | OPCODE.text, BEYOND_LENGTH), LONG),
	frames(announce(FIN | OPCODE.binary, LARGEST_LENGTH), LONG),
	frames(announce(FIN | OPCODE.binary, BigInt(FRAGMENTS * MIB)), LONG),
	frames(announce(FIN | OPCODE.ping, BigInt(MIB)), LONG),
	// RFC 6455 §5.5: 126 bytes of payload are one too many for a control frame.
	frames(Buffer.concat([Buffer.from([FIN | OPCODE.close, MASKED | 126, 0, 126, 0, 0, 0, 0]), Buffer.alloc(126)])),
	{ upgraded: true, pieces: endlessMessage },
];

/** Heads, lengths, chunks and messages larger than any server takes, each in turn. */
export const oversized: Attack = {
	unit: "connections",
	processes: 1,
	async run({ port, milliseconds }) {
		const until = performance.now() + milliseconds;
		let count = 0;
		const attack = async (): Promise<void> => {
			// Each case is made at least once by all of them together.
			while (count < CASES.length || performance.now() < until) await attempt(port, CASES[count++ % CASES.length]!);
		};
		await Promise.all(Array.from({ length: CONNECTIONS }, attack));
		return count;
	},
};

async function attempt(port: number, { upgraded, pieces }: Case): Promise<void> {
	const socket: Socket = upgraded ? await join(port, { target: OTHER_ROOM }) : await dial(port);
	for (const piece of pieces()) {
		if (!(await write(socket, piece, performance.now() + PATIENCE))) break;
	}
	await over(socket, performance.now() + PATIENCE);
	socket.resetAndDestroy();
}

function http(text: string): Case {
	return { upgraded: false, pieces: () => [text] };
}

function frames(...pieces: readonly (string | Uint8Array)[]): Case {
	return { upgraded: true, pieces: () => pieces };
}

function* endlessMessage(): Iterable<string | Uint8Array> {
	yield shortFrame(OPCODE.text);
	for (let i = 0; i < FRAGMENTS; i++) {
		yield announce(OPCODE.continuation, BigInt(FRAGMENT_SIZE));
		yield LONG;
	}
}
