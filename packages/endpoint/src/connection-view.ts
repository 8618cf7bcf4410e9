import type { Driver } from "./driver.ts";
import type { Address } from "./stream.ts";

/** One connection, whatever protocol it speaks now. A connection always has the same view object. */
export interface ConnectionView {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	readonly speaks: "http" | "websocket";
	/** Bytes that were sent and that the system has not taken yet. */
	readonly bufferedAmount: number;
	/**
	 * Approximate bytes of memory beyond those of an idle connection: what was received and is not taken yet, what was sent
	 * and has not left, and the compression contexts. `limits.maxBufferedBytes` and `limits.maxServerBytes` count this.
	 */
	readonly held: number;
	/** Drops the connection at once: an HTTP exchange is aborted, and a socket ends as by its own `terminate()`. */
	terminate(): void;
}

const views = new WeakMap<object, ConnectionView>();

/** The view of a connection. It is created when it is first used. */
export function viewOf<Data>(driver: Driver<Data>): ConnectionView {
	let view = views.get(driver);
	if (view === undefined) {
		view = new View(driver);
		views.set(driver, view);
	}
	return view;
}

class View<Data> implements ConnectionView {
	readonly #driver: Driver<Data>;

	constructor(driver: Driver<Data>) {
		this.#driver = driver;
	}

	get local(): Address {
		return this.#driver.stream.local;
	}

	get remote(): Address {
		return this.#driver.stream.remote;
	}

	get secure(): boolean {
		return this.#driver.stream.secure;
	}

	get speaks(): "http" | "websocket" {
		return this.#driver.owner.speaks;
	}

	get bufferedAmount(): number {
		return this.#driver.bufferedAmount;
	}

	get held(): number {
		return this.#driver.held;
	}

	terminate(): void {
		this.#driver.owner.terminate();
	}

	/** For `JSON.stringify`, which ignores getters. */
	toJSON(): Omit<ConnectionView, "terminate"> {
		const { local, remote, secure, speaks, bufferedAmount, held } = this;
		return { local, remote, secure, speaks, bufferedAmount, held };
	}
}
