// A process of well-behaved clients: each answers the Close frame and connects at once to the successor.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import type { ClientsRequest, Seen } from "./protocol.ts";

/** Handshakes at a time. */
const AT_ONCE = 100;

const HANDSHAKE =
	"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

const CLOSE_1012 = Buffer.from("888203f4", "hex");
const FROM_SERVER = Buffer.from("880203f4", "hex");
/** The masking key is 0, so the payload stays as it is. */
const ANSWER = Buffer.concat([CLOSE_1012.subarray(0, 2), Buffer.alloc(4), CLOSE_1012.subarray(2)]);

const seen = { clean: 0, reset: 0, cut: 0 };
const ends: Promise<void>[] = [];

process.on("message", async (request: ClientsRequest | string) => {
	if (typeof request === "string") return;
	if (request.ask === "open") process.send?.(await openAll(request));
	else {
		await Promise.all(ends);
		process.send?.(seen satisfies Seen);
	}
});
console.log("ready");

async function openAll({ port, successor, count }: ClientsRequest & { ask: "open" }): Promise<number> {
	while (ends.length < count)
		await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - ends.length) }, () => open(port, successor)));
	return ends.length;
}

async function open(port: number, successor: number): Promise<void> {
	const socket = connect({ host: "127.0.0.1", port });
	let wasReset = false;
	let isClosing = false;
	socket.on("error", () => {
		wasReset = true;
	});
	socket.write(HANDSHAKE);
	await once(socket, "data");
	socket.on("data", (chunk: Buffer) => {
		if (!chunk.subarray(0, 4).equals(FROM_SERVER)) return;
		isClosing = true;
		socket.end(ANSWER);
		reconnect(successor);
	});
	ends.push(once(socket as Socket, "close").then(() => void seen[wasReset ? "reset" : isClosing ? "clean" : "cut"]++));
}

function reconnect(port: number): void {
	const socket = connect({ host: "127.0.0.1", port });
	socket.on("error", () => {});
	socket.resume();
}
