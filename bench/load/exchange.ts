import type { Socket } from "node:net";
import { openClient, type Receiver } from "./client.ts";
import { makeTraffic, type Traffic } from "./traffic.ts";

/**
 * One connection that keeps `inFlight` messages on their way: as many as are echoed are sent anew, in one write for
 * each read. Every octet that comes is compared with what an echo server must send.
 */
export class EchoExchange implements Receiver {
	private readonly traffic: Traffic;
	private socket: Socket | null = null;
	private sent = 0;
	private echoed = 0;
	/** Where in the cycle of replies the next octet belongs, and octets of the reply that has begun. */
	private position = 0;
	private begun = 0;
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;

	private constructor(traffic: Traffic) {
		this.traffic = traffic;
	}

	static async open(port: number, traffic: Parameters<typeof makeTraffic>[0]): Promise<EchoExchange> {
		const exchange = new EchoExchange(makeTraffic(traffic));
		exchange.socket = await openClient(port, exchange);
		return exchange;
	}

	/**
	 * Resolves with the number of messages echoed, once the last of them is. `awake`: look for replies without ever
	 * sleeping. A client that sleeps has to be woken, and the kernel puts that on the bill of whoever writes to it: the
	 * server. It would pay so for something that a client on another machine never costs it.
	 */
	async run(milliseconds: number, awake: boolean): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.echoed;
		this.until = performance.now() + milliseconds;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		this.send(this.traffic.inFlight);
		if (awake) this.stayAwake();
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return this.echoed - before;
	}

	close(): void {
		this.settle = null;
		this.socket?.destroy();
	}

	received(octets: Buffer): void {
		const { replySize } = this.traffic;
		this.compare(octets);
		const total = this.begun + octets.length;
		const replies = Math.floor(total / replySize);
		this.begun = total - replies * replySize;
		this.echoed += replies;
		if (this.echoed + (this.begun > 0 ? 1 : 0) > this.sent) return this.ended(new Error("the server sent too much"));
		if (performance.now() < this.until) return this.send(replies);
		if (this.echoed === this.sent) this.settle?.(null);
	}

	ended(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
		this.socket?.destroy();
	}

	// The event loop does not wait for sockets while an immediate is due; it asks for them once in each turn.
	private stayAwake(): void {
		if (this.settle !== null) setImmediate(() => this.stayAwake());
	}

	private send(count: number): void {
		const { frames, frameSize, cycle } = this.traffic;
		if (count === 0) return;
		const first = this.sent % cycle;
		this.socket?.write(frames.subarray(first * frameSize, (first + count) * frameSize));
		this.sent += count;
	}

	private compare(octets: Buffer): void {
		const { replies } = this.traffic;
		for (let at = 0; at < octets.length; ) {
			const end = Math.min(octets.length, at + replies.length - this.position);
			const size = end - at;
			if (octets.compare(replies, this.position, this.position + size, at, end) !== 0) {
				return this.ended(
					new Error(`the server sent something else than an echo, in or near its reply ${this.echoed + 1}`),
				);
			}
			this.position = (this.position + size) % replies.length;
			at = end;
		}
	}
}
