// A server that receives or sends the messages of one transfer on each connection; the same on every runtime.
import { Buffer } from "node:buffer";
import process from "node:process";
import type { accept, ServeOptions, Server, Socket } from "@barewire/transport-node";
import { MESSAGE_SIZE, messageIn, PATTERN } from "./messages.ts";
import { Pace } from "./pace.ts";
import { type Direction, type Transfer, transferOf } from "./transfer.ts";

/** What a runtime's adapter gives. */
interface Adapter {
	readonly serve: (options: ServeOptions<State>) => Promise<Server<State>>;
	readonly accept: typeof accept;
}

interface State {
	readonly direction: Direction;
	readonly transfer: Transfer;
	readonly pace: Pace;
	received: number;
}

/** Listens on the port in PORT. READER says how it reads: by the `message` handler, or by a `for await` loop. */
export async function startFlowServer({ serve, accept }: Adapter): Promise<void> {
	const { PORT = "9009", READER = "handler" } = process.env;
	if (READER !== "handler" && READER !== "loop") throw new Error(`READER is handler or loop, not ${READER}`);
	const server = await serve({
		hostname: "127.0.0.1",
		port: Number(PORT),
		// The load generator answers no pings.
		keepAlive: false,
		upgrade(request) {
			const { direction, ...transfer } = transferOf(request.url);
			return accept({ data: { direction, transfer, pace: new Pace(transfer.interval), received: 0 } });
		},
		open(socket) {
			if (socket.data.direction === "download") void download(socket);
			else if (READER === "loop") void readAll(socket);
		},
		...(READER === "handler" ? { message: receive } : null),
	});
	const { address } = server;
	console.log(`listening on port ${address.transport === "tcp" ? address.port : PORT}`);
}

async function readAll(socket: Socket<State>): Promise<void> {
	for await (const message of socket) await receive(socket, message);
}

async function receive(socket: Socket<State>, message: string | Uint8Array): Promise<void> {
	const { data } = socket;
	const expected = messageIn(PATTERN, data.received);
	if (typeof message === "string" || message.length !== MESSAGE_SIZE || Buffer.compare(message, expected) !== 0)
		return socket.close(4000, `message ${data.received} is not the one that was sent`);
	data.received++;
	await data.pace.next();
	if (data.received === data.transfer.count) socket.send(String(data.received));
}

async function download(socket: Socket<State>): Promise<void> {
	const { count } = socket.data.transfer;
	try {
		for (let i = 0; i < count; i++) {
			// Views of what is there already: what an application makes anew for each message is its own garbage.
			if (!socket.send(messageIn(PATTERN, i))) await socket.drained();
		}
	} catch (error) {
		// The client sees that it got too little.
		console.error(error);
	}
}
