import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Server } from "@barewire/endpoint";

/** A client that writes bytes and keeps all that comes. */
export class RawClient {
	readonly socket: Socket;
	/** Settles when the stream is gone: the error's code when it was reset. */
	readonly gone: Promise<string | null>;
	/** The server has ended its sending half, or the stream is gone. */
	readonly ended: Promise<void>;
	/** How many bytes came so far. */
	received: number = 0;
	/** What came, from the start, with room for more. */
	private buffer: Buffer = Buffer.alloc(0);
	private buffered: number = 0;
	/** What came behind it, until somebody asks for all. */
	private chunks: Buffer[] = [];
	private waiting: (() => void)[] = [];
	private over: boolean = false;

	private constructor(socket: Socket) {
		this.socket = socket;
		let code: string | null = null;
		socket.on("error", (error: NodeJS.ErrnoException) => {
			code = error.code ?? error.message;
		});
		socket.on("data", (chunk: Buffer) => {
			this.chunks.push(chunk);
			this.received += chunk.length;
			this.look();
		});
		this.ended = new Promise((resolve) => {
			const end = (): void => {
				this.over = true;
				this.look();
				resolve();
			};
			socket.on("end", end);
			socket.on("close", end);
		});
		this.gone = new Promise((resolve) => socket.on("close", () => resolve(code)));
	}

	/** Around a socket that was accepted. */
	static around(socket: Socket): RawClient {
		return new RawClient(socket);
	}

	/** Connects; the stream may stay half open. */
	static async open(port: number): Promise<RawClient> {
		const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
		const client = new RawClient(socket);
		await once(socket, "connect");
		return client;
	}

	/** All that came so far, one character for each byte. */
	get text(): string {
		return this.bytes.toString("latin1");
	}

	/** All that came so far. */
	get bytes(): Buffer {
		if (this.received > this.buffer.length) {
			// Twice as much each time: whoever asks at every chunk has each byte copied a few times, not a thousand.
			const larger = Buffer.allocUnsafe(Math.max(this.received, 2 * this.buffered));
			this.buffer.copy(larger, 0, 0, this.buffered);
			this.buffer = larger;
		}
		for (const chunk of this.chunks.splice(0)) this.buffered += chunk.copy(this.buffer, this.buffered);
		return this.buffer.subarray(0, this.received);
	}

	/** Text is written as latin1. */
	write(data: string | Uint8Array): void {
		this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
	}

	/** Waits until what came matches; fails if the stream ends before. */
	async until(pattern: RegExp): Promise<string> {
		while (!pattern.test(this.text)) await this.more(() => `without ${pattern}: ${this.beginning()}`);
		return this.text;
	}

	/** Waits until what came ends with the text: for streams that are too long to be looked through again and again. */
	async untilTail(text: string): Promise<void> {
		while (this.tail(text.length) !== text) await this.more(() => `without ${JSON.stringify(text)} at its end`);
	}

	/** Waits until that many bytes came; fails if the stream ends before. */
	async untilLength(length: number): Promise<void> {
		while (this.received < length) await this.more(() => `after ${this.received} bytes instead of ${length}`);
	}

	/** Waits until that can be made of what came; fails if the stream ends before. */
	async untilIt<Value>(make: (bytes: Uint8Array) => Value | null): Promise<Value> {
		for (;;) {
			const value = make(this.bytes);
			if (value !== null) return value;
			await this.more(() => `too early: ${this.beginning()}`);
		}
	}

	/** Ends this side and waits for the other end. */
	async close(): Promise<void> {
		this.socket.end();
		await this.ended;
		this.socket.destroy();
		await this.gone;
	}

	/** Sends a RST in the place of an orderly end. */
	async reset(): Promise<void> {
		this.socket.resetAndDestroy();
		await this.gone;
	}

	private async more(without: () => string): Promise<void> {
		if (this.over) throw new Error(`the stream ended ${without()}`);
		await new Promise<void>((resolve) => this.waiting.push(resolve));
	}

	private beginning(): string {
		return JSON.stringify(this.bytes.toString("latin1", 0, 300));
	}

	private tail(length: number): string {
		return this.bytes.toString("latin1", Math.max(0, this.received - length));
	}

	private look(): void {
		for (const resolve of this.waiting.splice(0)) resolve();
	}
}

/** The TCP port that a server listens on. */
export function portOf(server: Pick<Server, "address">): number {
	if (server.address.transport !== "tcp") throw new Error("the server does not listen on TCP");
	return server.address.port;
}

/** An opening handshake, with further field lines (RFC 6455 §1.3 has the key). */
export function handshake(port: number, ...fields: string[]): string {
	return [
		"GET / HTTP/1.1",
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Version: 13",
		...fields,
		"\r\n",
	].join("\r\n");
}
