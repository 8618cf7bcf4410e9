import {
	type Address,
	type Attach,
	type ByteStream,
	type StreamEvents,
	transportError,
	USE_CONNECTION,
} from "@barewire/endpoint";

/** A connected stream in both directions: a socket of `connect()` on Workers, a bidirectional stream of WebTransport. */
export interface StreamPair {
	readonly readable: ReadableStream<Uint8Array>;
	readonly writable: WritableStream<Uint8Array>;
	/** Whether the bytes travel under TLS, or QUIC. Default: false for a server, as the URL says for a client. */
	readonly secure?: boolean;
	/** This end. Default: a Unix address with an empty path. */
	readonly local?: Address;
	/** The other end. Default: a Unix address with an empty path. */
	readonly remote?: Address;
}

/** Streams alone don't tell where they lead. */
export const NOWHERE: Address = { transport: "unix", path: "" };

/** When so many bytes wait, it is enough. */
const HIGH_WATER_MARK = 64 * 1024;

/** A pair of WHATWG streams as a `ByteStream`, handed over as it is made. */
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

	/** `isSecure`: what holds when the pair does not say it. */
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
		// A stream in between, such as a TransformStream, may hold what it has taken for long, and hand on the very array.
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
			// The endpoint writes to its chunks, and whoever wrote this one may have it still.
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

	/** Lets go of both streams. */
	#finish(error: Error | null): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#reader.cancel().catch(() => {});
		this.#writer.abort().catch(() => {});
		this.resume();
		queueMicrotask(() => this.#events.closed(error));
	}
}
