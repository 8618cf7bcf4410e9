// The floor on Bun: answers written by hand on Bun.listen, which know the requests.
import { bareAnswers } from "../http/bare.ts";

interface State {
	readonly answers: (chunk: Buffer) => Buffer | null;
	/** What the system did not take. */
	rest: Buffer | null;
}

interface BunSocket {
	data: State;
	write(bytes: Uint8Array): number;
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

const { PORT = "9016" } = process.env;

Bun.listen({
	hostname: "127.0.0.1",
	port: Number(PORT),
	socket: {
		open(socket) {
			socket.data = { answers: bareAnswers(), rest: null };
		},
		data(socket, chunk) {
			const bytes = socket.data.answers(chunk);
			if (bytes !== null) send(socket, bytes);
		},
		drain(socket) {
			if (socket.data.rest !== null) send(socket, socket.data.rest);
		},
		error() {},
	},
});
console.log(`listening on http://127.0.0.1:${PORT}`);

/** Of a client that asks for the next only when it has got the last. */
function send(socket: BunSocket, bytes: Buffer): void {
	const taken = Math.max(0, socket.write(bytes));
	socket.data.rest = taken < bytes.length ? bytes.subarray(taken) : null;
}
