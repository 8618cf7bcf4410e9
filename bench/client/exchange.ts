import { Buffer } from "node:buffer";
import { makePayload } from "../load/payload.ts";
import type { ClientSocket, Connect, Message } from "./program.ts";

/** What a client sends. */
export interface Traffic {
	readonly kind: "text" | "binary";
	/** Bytes of a message. */
	readonly size: number;
	/** Messages on their way at any time. */
	readonly inFlight: number;
}

/** So many different messages are sent in turn. */
const CYCLE = 4;

/** One connection that keeps messages on their way: each echo lets the next one go. Each must be what was sent. */
export class Exchange {
	private readonly messages: readonly Message[];
	private readonly inFlight: number;
	private readonly end = Promise.withResolvers<void>();
	private socket: ClientSocket | null = null;
	private sent = 0;
	private echoed = 0;
	private until = 0;
	private settle: ((error: Error | null) => void) | null = null;
	private failure: Error | null = null;

	private constructor({ kind, size, inFlight }: Traffic) {
		this.inFlight = inFlight;
		const decoder = new TextDecoder();
		this.messages = Array.from({ length: CYCLE }, (_, seed) => {
			const payload = new Uint8Array(makePayload(kind, size, seed + 1));
			return kind === "text" ? decoder.decode(payload) : payload;
		});
	}

	static async open(connect: Connect, url: string, traffic: Traffic): Promise<Exchange> {
		const exchange = new Exchange(traffic);
		exchange.socket = await connect(
			url,
			(message) => exchange.received(message),
			() => exchange.ended(),
		);
		return exchange;
	}

	/** Resolves with the number of messages echoed, once the last of them is. */
	async run(milliseconds: number): Promise<number> {
		if (this.failure !== null) throw this.failure;
		const before = this.echoed;
		this.until = performance.now() + milliseconds;
		const finished = new Promise<void>((resolve, reject) => {
			this.settle = (error) => (error === null ? resolve() : reject(error));
		});
		for (let i = 0; i < this.inFlight; i++) this.send();
		try {
			await finished;
		} finally {
			this.settle = null;
		}
		return this.echoed - before;
	}

	/** Resolves when the connection has ended. */
	close(): Promise<void> {
		this.socket?.close();
		return this.end.promise;
	}

	private received(message: string | Uint8Array | ArrayBuffer): void {
		if (!isSame(message, this.messages[this.echoed % CYCLE]!)) {
			this.fail(new Error(`the client got something else than an echo, as its message ${this.echoed + 1}`));
			return;
		}
		this.echoed++;
		if (performance.now() < this.until) this.send();
		else if (this.echoed === this.sent) this.settle?.(null);
	}

	private ended(): void {
		this.fail(new Error("the client's connection has ended"));
		this.end.resolve();
	}

	private fail(error: Error): void {
		this.failure ??= error;
		this.settle?.(this.failure);
	}

	private send(): void {
		this.socket?.send(this.messages[this.sent % CYCLE]!);
		this.sent++;
	}
}

/** Whether it is the same message, of the same kind. */
function isSame(message: string | Uint8Array | ArrayBuffer, sent: Message): boolean {
	if (typeof message === "string" || typeof sent === "string") return message === sent;
	return Buffer.compare(message instanceof Uint8Array ? message : new Uint8Array(message), sent) === 0;
}
