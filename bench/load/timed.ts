import type { Socket } from "node:net";
import { percentile } from "../percentile.ts";
import { openClient, type Receiver } from "./client.ts";
import type { Latency, Load } from "./load.ts";
import { type Replies, type Traffic, type TrafficOptions, trafficFor } from "./traffic.ts";

/** One connection with one message on its way at any time, whose way is timed. */
export class TimedExchange implements Load, Receiver {
	latency: Latency | null = null;
	private readonly traffic: Traffic;
	private readonly replies: Replies;
	private socket: Socket | null = null;
	private echoed = 0;
	/** When the message on its way was written, and how many milliseconds those before it took. */
	private written = 0;
	private times: number[] = [];
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;
	private isOver = false;

	private constructor(options: TrafficOptions) {
		this.traffic = trafficFor(options, "");
		this.replies = this.traffic.replies();
	}

	static async open(port: number, options: TrafficOptions): Promise<TimedExchange> {
		const exchange = new TimedExchange(options);
		exchange.socket = await openClient(port, exchange);
		return exchange;
	}

	/** Resolves with the number of messages echoed, once the last of them is. */
	async run({ milliseconds }: { readonly milliseconds: number }): Promise<number> {
		if (this.failure !== null) throw this.failure;
		this.times = [];
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		this.send(performance.now());
		this.until = this.written + milliseconds;
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		const micros = (share: number): number => percentile(this.times, share) * 1000;
		this.latency = { p50: micros(0.5), p99: micros(0.99) };
		return this.times.length;
	}

	reset(): void {
		this.isOver = true;
		this.socket?.resetAndDestroy();
	}

	received(bytes: Buffer): void {
		const now = performance.now();
		if (this.isOver) return;
		try {
			if (this.replies.take(bytes) === 0) return;
			this.echoed++;
			this.times.push(now - this.written);
			if (now < this.until) this.send(performance.now());
			else this.settle?.(null);
		} catch (error) {
			this.ended(new Error(`${(error as Error).message}, in or near its reply ${this.echoed + 1}`));
		}
	}

	ended(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
		this.socket?.destroy();
	}

	private send(now: number): void {
		this.written = now;
		this.socket?.write(this.traffic.frames(this.echoed, 1));
	}
}
