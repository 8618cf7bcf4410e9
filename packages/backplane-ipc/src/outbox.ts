import { type Operation, operations } from "./messages.ts";

/** Sends a message to another process. The callback comes when the system has taken it. */
export type Send = (message: unknown, callback: (error: Error | null) => void) => void;

/** An operation takes some memory besides its channel and its payload. */
const OVERHEAD = 64;

/** The operations of one turn go in one message: each message costs a system call and a header. */
export class Outbox {
	readonly #send: Send;
	readonly #id: number;
	#waiting: Operation[] = [];
	#waitingSize: number = 0;
	/** Bytes that the system has not taken. */
	#bufferedAmount: number = 0;

	constructor(send: Send, id: number) {
		this.#send = send;
		this.#id = id;
	}

	get bufferedAmount(): number {
		return this.#bufferedAmount;
	}

	add(operation: Operation): void {
		const [, channel, payload] = operation;
		const size = channel.length + (payload?.length ?? 0) + OVERHEAD;
		this.#waiting.push(operation);
		this.#waitingSize += size;
		this.#bufferedAmount += size;
		if (this.#waiting.length === 1) queueMicrotask(() => this.flush());
	}

	/** Sends what waits. `done`: the system has taken it. */
	flush(done: () => void = () => {}): void {
		if (this.#waiting.length === 0) return done();
		const size = this.#waitingSize;
		const message = operations(this.#id, this.#waiting);
		this.#waiting = [];
		this.#waitingSize = 0;
		// An error means that the channel is closed, which is reported by an event of its own.
		this.#send(message, () => {
			this.#bufferedAmount -= size;
			done();
		});
	}

	clear(): void {
		this.#waiting = [];
		this.#waitingSize = 0;
	}
}
