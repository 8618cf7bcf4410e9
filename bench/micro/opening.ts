// What it takes a server to open a WebSocket and to see it closed, without a socket: the request, the 101, both Close frames.
// Run it: node --conditions=source bench/micro/opening.ts (or deno run, or bun, with the same condition).
import { type Address, type ByteStream, Server } from "../../packages/endpoint/src/index.ts";
import { printTable } from "./measure.ts";

/** So many are open at a time, as after a burst. */
const AT_ONCE = 50;
const BURSTS = 400;
const ROUNDS = 12;

const REQUEST = new TextEncoder().encode(
	[
		"GET / HTTP/1.1",
		"Host: 127.0.0.1",
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
		"\r\n",
	].join("\r\n"),
);
const CLOSE = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0);

const ADDRESS: Address = { transport: "tcp", hostname: "127.0.0.1", port: 1 };
let written = 0;

const STREAM: ByteStream = {
	local: ADDRESS,
	remote: ADDRESS,
	secure: false,
	bufferedAmount: 0,
	write(bytes) {
		written += bytes.length;
		return true;
	},
	end() {},
	destroy() {},
	pause() {},
	resume() {},
};

const server = new Server({
	message(socket, message) {
		socket.send(message);
	},
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function burst(): Promise<void> {
	const streams = Array.from({ length: AT_ONCE }, () => server.attach(STREAM));
	for (const stream of streams) stream.received(REQUEST.slice());
	await turn();
	for (const stream of streams) {
		stream.received(CLOSE.slice());
		stream.ended();
		stream.closed(null);
	}
	await turn();
}

async function round(): Promise<number> {
	const start = performance.now();
	for (let i = 0; i < BURSTS; i++) await burst();
	return ((performance.now() - start) * 1000) / (AT_ONCE * BURSTS);
}

const rounds: number[] = [];
for (let i = 0; i < ROUNDS; i++) rounds.push(await round());
rounds.sort((a, b) => a - b);
if (written === 0 || server.connections.length > 0) throw new Error("not every connection was opened and closed");
printTable("opening and closing a connection, µs", ["best", "median"], [[rounds[0]!, rounds[ROUNDS >> 1]!]]);
