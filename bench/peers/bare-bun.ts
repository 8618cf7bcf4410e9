// The floor on Bun: an echo written by hand on Bun.listen, which checks nothing.
import { turnFrames } from "./bare-frames.ts";
import { BareHandshake } from "./bare-handshake.ts";

interface State {
	readonly handshake: BareHandshake;
	turn: ((chunk: Buffer) => Buffer) | null;
	/** What the system did not take; while there is something nothing is read. */
	waiting: Buffer[];
}

interface BunSocket {
	data: State;
	write(bytes: string | Uint8Array): number;
	pause(): void;
	resume(): void;
}

// What is used of it here. Bun's own types can't be had beside Node's.
declare const Bun: {
	listen(options: {
		hostname: string;
		port: number;
		socket: {
			open(socket: BunSocket): void;
			data(socket: BunSocket, chunk: Buffer): void;
			drain(socket: BunSocket): void;
			error(socket: BunSocket, error: Error): void;
		};
	}): unknown;
};

const { PORT = "9008" } = process.env;

Bun.listen({
	hostname: "127.0.0.1",
	port: Number(PORT),
	socket: {
		open(socket) {
			socket.data = { handshake: new BareHandshake(), turn: null, waiting: [] };
		},
		data(socket, chunk) {
			const { data } = socket;
			if (data.turn !== null) return send(socket, data.turn(chunk));
			const done = data.handshake.receive(chunk);
			if (done === null) return;
			socket.write(done.response);
			data.turn = turnFrames();
			send(socket, data.turn(done.rest));
		},
		drain(socket) {
			const { data } = socket;
			const waiting = data.waiting.splice(0);
			for (const bytes of waiting) send(socket, bytes);
			if (data.waiting.length === 0) socket.resume();
		},
		error() {},
	},
});
console.log(`listening on http://127.0.0.1:${PORT}`);

function send(socket: BunSocket, bytes: Buffer): void {
	const { waiting } = socket.data;
	if (waiting.length > 0) {
		waiting.push(bytes);
		return;
	}
	const taken = socket.write(bytes);
	// Negative: the socket is gone.
	if (taken < 0 || taken === bytes.length) return;
	waiting.push(bytes.subarray(taken));
	socket.pause();
}
