import type { Socket } from "node:net";
import { breakOff, openClient, type Receiver } from "./client.ts";
import { clientFrame } from "./frames.ts";
import type { Load } from "./load.ts";
import { type Replies, type Traffic, type TrafficOptions, trafficFor } from "./traffic.ts";

/** When an exchange ends: after so long or so many messages, whichever comes first. */
export interface Until {
	readonly milliseconds?: number;
	readonly messages?: number;
}

/**
 * One connection that keeps `inFlight` messages on their way: as many as are echoed are sent anew, in one write for
 * each read. Every byte that comes is compared with what an echo server must send.
 */
export class EchoExchange implements Load, Receiver {
	private readonly options: TrafficOptions;
	private traffic: Traffic | null = null;
	private replies: Replies | null = null;
	private socket: Socket | null = null;
	private sent = 0;
	private echoed = 0;
	private until = 0;
	private last = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;
	private isOver = false;

	private constructor(options: TrafficOptions) {
		this.options = options;
	}

	/** `ca`: over TLS, and whose certificates are right. */
	static async open(port: number, options: TrafficOptions, ca: string | null = null): Promise<EchoExchange> {
		const exchange = new EchoExchange(options);
		exchange.socket = await openClient(port, exchange, { compression: options.compression, ca });
		return exchange;
	}

	/** Bytes of payload that came, for each byte of the messages. */
	get share(): number {
		return this.replies?.share ?? 1;
	}

	/** Resolves with the number of messages echoed, once the last of them is. */
	async run({ milliseconds = Infinity, messages = Infinity }: Until): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.echoed;
		this.until = performance.now() + milliseconds;
		this.last = this.sent + messages;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		this.send(this.options.inFlight);
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return this.echoed - before;
	}

	/** Compares what the replies have only kept. */
	check(): void {
		this.replies?.check();
	}

	/** From now on the connection rests. A server may ping it: that is nothing to answer within the time it rests. */
	rest(): void {
		this.isOver = true;
	}

	/** Says goodbye. Resolves when the server has closed the connection. */
	leave(): Promise<void> {
		this.isOver = true;
		return new Promise((resolve) => {
			this.settle = () => resolve();
			this.socket?.write(clientFrame("close", Buffer.of(0x03, 0xe8), 0x9e3779b1));
		});
	}

	reset(): void {
		this.isOver = true;
		if (this.socket !== null) breakOff(this.socket);
	}

	opened(extensions: string): void {
		this.traffic = trafficFor(this.options, extensions);
		this.replies = this.traffic.replies();
	}

	received(bytes: Buffer): void {
		if (this.isOver || this.replies === null) return;
		try {
			const replies = this.replies.take(bytes);
			this.echoed += replies;
			if (this.echoed + (this.replies.isCut ? 1 : 0) > this.sent) throw new Error("the server sent too much");
			if (performance.now() < this.until) this.send(replies);
			if (this.echoed === this.sent) this.settle?.(null);
		} catch (error) {
			const { message } = error as Error;
			this.ended(new Error(`${message}, in or near its reply ${this.echoed + 1}`));
		}
	}

	ended(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
		this.socket?.destroy();
	}

	private send(most: number): void {
		const count = Math.min(most, this.last - this.sent);
		if (count === 0 || this.traffic === null) return;
		this.socket?.write(this.traffic.frames(this.sent, count));
		this.sent += count;
	}
}
