import { connect, type Socket } from "node:net";
import { makeBody, targetOf } from "../http/body.ts";
import { HttpReplies } from "./http-replies.ts";
import type { Load } from "./load.ts";
import { stir } from "./vigil.ts";

export interface HttpOptions {
	/** Bytes of each answer's body. */
	readonly size: number;
	readonly connections: number;
	/** Requests on their way on each connection; more than 1: pipelined. */
	readonly inFlight: number;
}

// One for all connections: what is read is dealt with before the next read.
const readBuffer = Buffer.alloc(256 * 1024);

/** Connections that are kept alive, each with so many requests on their way: as many as are answered are sent anew, in one write for each read. */
export class HttpLoad implements Load {
	private readonly options: HttpOptions;
	private readonly requests: Buffer;
	private readonly requestSize: number;
	private readonly sockets: Socket[] = [];
	private waiting = 0;
	private answered = 0;
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;
	private isOver = false;

	private constructor(port: number, options: HttpOptions) {
		this.options = options;
		const request = `GET ${targetOf(options.size)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n\r\n`;
		this.requestSize = request.length;
		this.requests = Buffer.from(request.repeat(options.inFlight), "latin1");
	}

	static async open(port: number, options: HttpOptions): Promise<HttpLoad> {
		const load = new HttpLoad(port, options);
		const body = makeBody(options.size);
		await Promise.all(Array.from({ length: options.connections }, () => load.connect(port, new HttpReplies(body))));
		return load;
	}

	/** Resolves with the number of requests answered, once the last of them is. */
	async run({ milliseconds }: { readonly milliseconds: number }): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.answered;
		this.until = performance.now() + milliseconds;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		for (const socket of this.sockets) this.send(socket, this.options.inFlight);
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return this.answered - before;
	}

	reset(): void {
		this.isOver = true;
		for (const socket of this.sockets) socket.resetAndDestroy();
	}

	private connect(port: number, replies: HttpReplies): Promise<void> {
		return new Promise((resolve) => {
			const callback = (size: number): boolean => {
				stir();
				this.received(socket, replies, readBuffer.subarray(0, size));
				return true;
			};
			const onread = { buffer: readBuffer, callback };
			const socket = connect({ host: "127.0.0.1", port, noDelay: true, onread }, resolve);
			const ended = (error: Error): void => {
				if (!this.isOver) this.fail(error);
				resolve();
			};
			socket.on("error", ended);
			socket.on("close", () => ended(new Error("the server closed the connection")));
			this.sockets.push(socket);
		});
	}

	private received(socket: Socket, replies: HttpReplies, bytes: Buffer): void {
		if (this.isOver || this.failure !== null) return;
		try {
			const count = replies.take(bytes);
			this.answered += count;
			this.waiting -= count;
			if (this.waiting < 0) throw new Error("the server sent too much");
			if (count > 0 && performance.now() < this.until) this.send(socket, count);
			if (this.waiting === 0) this.settle?.(null);
		} catch (error) {
			this.fail(error as Error);
		}
	}

	private send(socket: Socket, count: number): void {
		this.waiting += count;
		socket.write(this.requests.subarray(0, count * this.requestSize));
	}

	private fail(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
	}
}
