// Clients that write bytes and compare all that comes, without any code of barewire's. Half of them speak HTTP; of the others, one in five is refused.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type Done, REFUSAL, ROUNDS, type Task } from "./task.ts";

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13";
const SWITCHED = /^HTTP\/1\.1 101 .*?\r\n\r\n/s;
const CLOSE_1000 = "\x88\x02\x03\xe8";

const done: Done = { pages: 0, sockets: 0, echoes: 0, refused: 0, held: 0, closed: 0, faults: [] };
const held: Client[] = [];

/** One connection, and all that came on it and was not taken yet. */
class Client {
	readonly socket: Socket;
	readonly isWebSocket: boolean;
	text: string = "";
	#ended: boolean = false;
	#look: () => void = () => {};

	constructor(port: number, isWebSocket: boolean) {
		this.isWebSocket = isWebSocket;
		this.socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
		this.socket.setEncoding("latin1");
		this.socket.on("data", (text: string) => {
			this.text += text;
			this.#look();
		});
		const end = (): void => {
			this.#ended = true;
			this.#look();
		};
		this.socket.on("end", end);
		this.socket.on("error", (error) => done.faults.push(error.message));
		this.socket.on("close", end);
	}

	/** Waits until what came matches, and takes that much of it. */
	async take(pattern: RegExp): Promise<string> {
		for (;;) {
			const match = pattern.exec(this.text);
			if (match !== null) {
				this.text = this.text.slice(match.index + match[0].length);
				return match[0];
			}
			if (this.#ended) throw new Error(`the end instead of ${pattern}: ${JSON.stringify(this.text.slice(0, 200))}`);
			await new Promise<void>((resolve) => {
				this.#look = resolve;
			});
		}
	}

	/** Everything up to the end of the stream. */
	async rest(): Promise<string> {
		while (!this.#ended)
			await new Promise<void>((resolve) => {
				this.#look = resolve;
			});
		return this.text;
	}

	write(text: string): void {
		this.socket.write(text, "latin1");
	}
}

/** A frame of a client, masked with zeros. */
function frame(first: number, payload: string): string {
	return `${String.fromCharCode(first, 0x80 | payload.length)}\0\0\0\0${payload}`;
}

const upgrade = (target: string): string =>
	`GET ${target} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${KEY}\r\n\r\n`;

async function askForPages(client: Client, i: number): Promise<void> {
	for (let round = 0; round < ROUNDS; round++) {
		client.write(`GET /page/${i}-${round} HTTP/1.1\r\nHost: a\r\n\r\n`);
		await client.take(new RegExp(`^HTTP/1\\.1 200 .*\\r\\n\\r\\npage ${i}-${round}$`, "s"));
		done.pages++;
	}
}

async function exchangeMessages(client: Client, i: number): Promise<void> {
	// A third sends its first message along with the request, a third behind a page on the same connection.
	if (i % 3 === 1) {
		client.write(`GET /page/${i} HTTP/1.1\r\nHost: a\r\n\r\n`);
		await client.take(new RegExp(`^HTTP/1\\.1 200 .*\\r\\n\\r\\npage ${i}$`, "s"));
		done.pages++;
	}
	const text = (round: number): string => `message ${i}, ${round}`;
	const first = frame(0x81, text(0));
	client.write(upgrade("/chat") + (i % 3 === 0 ? first : ""));
	await client.take(SWITCHED);
	done.sockets++;
	if (i % 3 !== 0) client.write(first);
	for (let round = 0; round < ROUNDS; round++) {
		if (round > 0) client.write(frame(0x81, text(round)));
		const got = await client.take(new RegExp(`^\\x81.message ${i}, \\d`, "s"));
		if (got.slice(2) !== text(round)) throw new Error(`${got} instead of ${text(round)}`);
		done.echoes++;
	}
}

/** The body of an answer with a length; null: it is not whole, or more comes behind it. */
function bodyOf(answer: string): string | null {
	const [head = "", length] = /^.*?\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n/s.exec(answer) ?? [];
	const body = answer.slice(head.length);
	return body.length === Number(length) ? body : null;
}

async function beRefused(client: Client): Promise<void> {
	client.write(upgrade("/chat?refused"));
	const answer = await client.rest();
	if (!answer.startsWith("HTTP/1.1 403 ") || bodyOf(answer) !== REFUSAL)
		throw new Error(`a refusal of ${answer.length} bytes: ${JSON.stringify(answer.slice(0, 200))}`);
	done.refused++;
	client.socket.end();
}

async function play(port: number, i: number): Promise<void> {
	const isRefused = i % 10 === 1;
	const client = new Client(port, i % 2 === 1 && !isRefused);
	try {
		await once(client.socket, "connect");
		if (i % 2 === 0) await askForPages(client, i);
		else if (isRefused) return await beRefused(client);
		else await exchangeMessages(client, i);
		done.held = held.push(client);
	} catch (error) {
		done.faults.push(String(error));
	}
}

async function leave(client: Client): Promise<void> {
	try {
		if (client.isWebSocket) {
			client.write(frame(0x88, "\x03\xe8"));
			const rest = await client.rest();
			if (rest !== CLOSE_1000) throw new Error(`${JSON.stringify(rest)} instead of a Close frame`);
		} else if (client.text !== "") throw new Error(`more than was asked for: ${client.text}`);
		client.socket.end();
		done.closed++;
	} catch (error) {
		done.faults.push(String(error));
	}
}

// First everybody comes and stays; then everybody leaves.
process.once("message", async ({ port, connections }: Task) => {
	await Promise.all(Array.from({ length: connections }, (_, i) => play(port, i)));
	process.once("message", async () => {
		await Promise.all(held.map(leave));
		process.send?.(done);
	});
	process.send?.(done);
});
process.on("disconnect", () => process.exit(0));
