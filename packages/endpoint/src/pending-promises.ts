import { SocketClosedError } from "./errors.ts";
import { PendingPings } from "./pending-pings.ts";
import type { ClosedEvent } from "./socket.ts";

/** The promises that a socket has given: for pongs, for room, for its end. A socket that has given none has none of it. */
export class PendingPromises {
	readonly pings: PendingPings = new PendingPings();
	readonly closed: Promise<ClosedEvent>;
	/** `closed` is resolved. */
	hasEnded: boolean = false;
	#resolveClosed!: (event: ClosedEvent) => void;
	#drained: { resolve(): void; reject(error: Error): void }[] = [];

	constructor() {
		this.closed = new Promise((resolve) => {
			this.#resolveClosed = resolve;
		});
	}

	whenDrained(): Promise<void> {
		return new Promise((resolve, reject) => this.#drained.push({ resolve, reject }));
	}

	/** There is room. */
	drain(): void {
		for (const { resolve } of this.#drained.splice(0)) resolve();
	}

	/** The stream is gone: no pong and no room will come. */
	endWaiting(): void {
		this.pings.end();
		for (const { reject } of this.#drained.splice(0)) reject(new SocketClosedError());
	}

	end(event: ClosedEvent): void {
		this.hasEnded = true;
		this.#resolveClosed(event);
	}
}
