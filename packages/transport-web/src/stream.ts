import {
	type Address,
	type Attach,
	type ByteStream,
	type StreamEvents,
	transportError,
	USE_CONNECTION,
} from "@barewire/endpoint";

/**
 * A connected stream in both directions, such as a socket of `connect()` on Workers or a bidirectional stream of
 * WebTransport.
 */
export interface StreamPair {
	readonly readable: ReadableStream<Uint8Array>;
	readonly writable: WritableStream<Uint8Array>;
	/** Whether the connection uses TLS or QUIC. Default: false for a server; for a client, what the URL says. */
	readonly secure?: boolean;
	/** The address of this end. Default: a Unix address with an empty path. */
	readonly local?: Address;
	/** The address of the other end. Default: a Unix address with an empty path. */
	readonly remote?: Address;
}

/** Web streams have no addresses. */
export const NOWHERE: Address = { transport: "unix", path: "" };

/** When this many bytes wait, `write` returns false. */
const HIGH_WATER_MARK = 64 * 1024;

/** A pair of WHATWG streams as a `ByteStream`. The constructor hands it over to the endpoint. */
export class WebStream implements ByteStream {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	bufferedAmount: number = 0;
	readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
	readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
	readonly #events: StreamEvents;
	#congested: boolean = false;
	#gone: boolean = false;
	#pausing: PromiseWithResolvers<void> | null = null;

	/** `isSecure`: used if the pair does not have `secure`. */
	constructor(pair: StreamPair, isSecure: boolean, attach: Attach) {
		const { readable, writable, secure = isSecure, local = NOWHERE, remote = NOWHERE } = pair;
		this.secure = secure;
		this.local = local;
		this.remote = remote;
		this.#reader = readable.getReader();
		this.#writer = writable.getWriter();
		this.#events = attach(this);
		Promise.all([this.#read(), this.#writer.closed]).then(() => this.#finish(null), this.#failed);
	}

	write(bytes: Uint8Array): boolean {
		this.bufferedAmount += bytes.length;
		this.#congested ||= this.bufferedAmount >= HIGH_WATER_MARK;
		// The bytes are copied: a stream in between, such as a TransformStream, may keep the array for long, and pass the same
		// array on.
		this.#writer.write(new Uint8Array(bytes)).then(() => this.#written(bytes.length), this.#failed);
		return !this.#congested;
	}

	end(): void {
		this.#writer.close().catch(this.#failed);
	}

	destroy(): void {
		this.#finish(null);
	}

	pause(): void {
		this.#pausing ??= Promise.withResolvers();
	}

	resume(): void {
		this.#pausing?.resolve();
		this.#pausing = null;
	}

	async #read(): Promise<void> {
		for (;;) {
			await this.#pausing?.promise;
			const { done, value } = await this.#reader.read();
			if (this.#gone) return;
			if (done) return this.#events.ended();
			// The chunk is copied: the endpoint changes its chunks, and the code that wrote this one may still use it.
			this.#events.received(new Uint8Array(value));
		}
	}

	#written(count: number): void {
		this.bufferedAmount -= count;
		if (!this.#congested || this.bufferedAmount > 0 || this.#gone) return;
		this.#congested = false;
		this.#events.drained();
	}

	readonly #failed = (cause: unknown): void =>
		this.#finish(transportError("ERR_CONNECTION_RESET", USE_CONNECTION, cause));

	/** Cancels both streams. */
	#finish(error: Error | null): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#reader.cancel().catch(() => {});
		this.#writer.abort().catch(() => {});
		this.resume();
		queueMicrotask(() => this.#events.closed(error));
	}
}
