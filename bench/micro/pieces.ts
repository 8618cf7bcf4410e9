// What LARGE_PAYLOAD of packages/framing/src/frame-writer.ts weighs: a payload copied behind its header and written as
// one piece, against header and payload as two pieces, over a real socket. Run it: node bench/micro/pieces.ts
import { connect, createServer, type Socket } from "node:net";
import { printTable } from "./measure.ts";

const ROUNDS = 4000;

const server = createServer((socket) => socket.on("data", () => {}).on("error", () => {}));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as { port: number };

/** Processor time of this process for one message, both ends of the socket included, in microseconds. */
async function microseconds(write: (socket: Socket) => boolean): Promise<number> {
	const socket = connect(port, "127.0.0.1");
	await new Promise<void>((resolve) => socket.once("connect", resolve));
	let best = Number.POSITIVE_INFINITY;
	for (let repeat = 0; repeat < 5; repeat++) {
		const before = process.cpuUsage();
		for (let i = 0; i < ROUNDS; i++) {
			if (!write(socket)) await new Promise<void>((resolve) => socket.once("drain", resolve));
		}
		const { user, system } = process.cpuUsage(before);
		best = Math.min(best, (user + system) / ROUNDS);
	}
	socket.destroy();
	return best;
}

const rows: (string | number)[][] = [];
for (const size of [1024, 2048, 4096, 8192, 16384, 32768]) {
	const payload = new Uint8Array(size).fill(1);
	const header = new Uint8Array(4);
	let slab = new Uint8Array(65536);
	let fill = 0;
	const copied = await microseconds((socket) => {
		if (fill + 4 + size > slab.length) {
			slab = new Uint8Array(65536);
			fill = 0;
		}
		slab.set(payload, fill + 4);
		fill += 4 + size;
		return socket.write(slab.subarray(fill - 4 - size, fill));
	});
	const parted = await microseconds((socket) => {
		socket.cork();
		socket.write(header);
		const isBelow = socket.write(payload);
		socket.uncork();
		return isBelow;
	});
	rows.push([String(size), copied, parted]);
}
printTable("one message over a socket, µs", ["bytes", "one copied piece", "two pieces"], rows);
server.close();
