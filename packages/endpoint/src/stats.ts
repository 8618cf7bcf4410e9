import type { Context } from "./context.ts";

/** What a server has and holds now. It is counted when it is asked for: `held` and `bufferedAmount` look at each connection. */
export interface ServerStats {
	/** Connected streams, HTTP and WebSocket alike. */
	readonly connections: number;
	/** Every WebSocket, from `open` to its end. */
	readonly sockets: number;
	/** Bytes of memory that the connections hold: the sum of `held` of all `connections`. */
	readonly held: number;
	/** How many of these are counted more than once: frames of `publish` that wait for several connections. */
	readonly shared: number;
	/** Bytes that were sent and that the system has not taken yet: the sum over all connections. */
	readonly bufferedAmount: number;
}

/** The stats of a server, always of this moment. */
export class Stats<Data> implements ServerStats {
	readonly #context: Context<Data>;

	constructor(context: Context<Data>) {
		this.#context = context;
	}

	get connections(): number {
		return this.#context.drivers.size;
	}

	get sockets(): number {
		return this.#context.sockets.size;
	}

	get held(): number {
		let held = 0;
		for (const driver of this.#context.drivers) held += driver.held;
		return held;
	}

	get shared(): number {
		return this.#context.budget?.shared.excess ?? 0;
	}

	get bufferedAmount(): number {
		let bytes = 0;
		for (const driver of this.#context.drivers) bytes += driver.bufferedAmount;
		return bytes;
	}
}
