import {
	type Address,
	type Attach,
	type ByteStream,
	type Place,
	SendQueue,
	type StreamEvents,
	tcpAddress,
	USE_CONNECTION,
	UsageError,
} from "@barewire/endpoint";
import { hastenScavenge } from "@barewire/endpoint/v8";
import { socketError } from "./errors.ts";
import { ReadBuffer } from "./read-buffer.ts";

/** So many bytes may wait before `write` says that it is enough. */
const HIGH_WATER_MARK = 64 * 1024;

/** A connected `Deno.Conn` as a `ByteStream`. */
class DenoStream implements ByteStream {
	readonly #conn: Deno.Conn;
	readonly #place: Place;
	readonly #events: StreamEvents;
	readonly #buffer: ReadBuffer;
	readonly #queue: SendQueue = new SendQueue();
	#sending: boolean = false;
	#needsDrain: boolean = false;
	#ending: boolean = false;
	#sendingEnded: boolean = false;
	#receivingEnded: boolean = false;
	#paused: boolean = false;
	/** Lets the reading go on that `pause` has stopped. */
	#wake: (() => void) | null = null;
	#gone: boolean = false;

	constructor(conn: Deno.Conn, place: Place, attach: Attach) {
		this.#conn = conn;
		this.#place = place;
		this.#buffer = new ReadBuffer(place.secure);
		this.#events = attach(this);
		void this.#receive();
	}

	get local(): Address {
		return this.#place.local ?? tcp(this.#conn.localAddr);
	}

	get remote(): Address {
		return this.#place.remote ?? tcp(this.#conn.remoteAddr);
	}

	get secure(): boolean {
		return this.#place.secure;
	}

	get bufferedAmount(): number {
		return this.#queue.length;
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		if (this.#gone) return false;
		this.#queue.push(bytes);
		if (!more && !this.#sending) void this.#send();
		if (this.#queue.length > HIGH_WATER_MARK) this.#needsDrain = true;
		return !this.#needsDrain;
	}

	end(): void {
		if (this.#gone || this.#ending) return;
		this.#ending = true;
		if (!this.#sending) void this.#send();
	}

	destroy(): void {
		this.#close(null);
	}

	pause(): void {
		this.#paused = true;
	}

	resume(): void {
		this.#paused = false;
		this.#wake?.();
	}

	/**
	 * One write at a time: Deno neither copies what it is given nor keeps two writes in order. What is pushed meanwhile
	 * leaves with the next one.
	 */
	async #send(): Promise<void> {
		const conn = this.#conn;
		const queue = this.#queue;
		this.#sending = true;
		try {
			while (queue.length > 0) {
				const count = await conn.write(queue.next(fresh));
				if (this.#gone) return;
				queue.taken(count);
			}
			if (this.#needsDrain) {
				this.#needsDrain = false;
				// Not from in here: what the endpoint throws is no failure of the socket.
				queueMicrotask(() => {
					if (!this.#gone) this.#events.drained();
				});
			}
			if (this.#ending) {
				await conn.closeWrite();
				this.#sendingEnded = true;
			}
		} catch (error) {
			return error instanceof UsageError ? this.#close(error) : this.#fail(error);
		}
		this.#sending = false;
		this.#closeIfEnded();
	}

	async #receive(): Promise<void> {
		const conn = this.#conn;
		const buffer = this.#buffer;
		const events = this.#events;
		while (!this.#gone) {
			let count: number | null;
			try {
				count = await conn.read(buffer.room);
			} catch (error) {
				// An end without TLS's own is an end, as on Node: Close frames and lengths tell what is complete.
				if (!(error instanceof Deno.errors.UnexpectedEof)) return this.#fail(error);
				count = null;
			}
			// While paused, one read waits all the same, or a reset would go unnoticed. What it brings is held, and no other
			// read follows.
			if (this.#paused) await this.#resumed();
			if (this.#gone) return;
			if (count === null) {
				this.#receivingEnded = true;
				events.ended();
				return this.#closeIfEnded();
			}
			hastenScavenge(count);
			events.received(buffer.take(count));
		}
	}

	async #resumed(): Promise<void> {
		while (this.#paused && !this.#gone) {
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		this.#wake = null;
	}

	#closeIfEnded(): void {
		if (this.#sendingEnded && this.#receivingEnded) this.#close(null);
	}

	#fail(error: unknown): void {
		// A read or write that `close` has interrupted fails as well.
		if (!this.#gone) this.#close(socketError(USE_CONNECTION, error));
	}

	#close(error: Error | null): void {
		if (this.#gone) return;
		this.#gone = true;
		this.#queue.clear();
		closeQuietly(this.#conn);
		this.#wake?.();
		queueMicrotask(() => this.#events.closed(error));
	}
}

/** Hands a connected socket over. */
export function attachConn(conn: Deno.Conn, place: Place, attach: Attach): void {
	try {
		// The endpoint makes one write of each batch already. Deno lets nobody set it under TLS.
		if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
	} catch {
		// A socket that can't be set any more is broken: the first read tells how.
	}
	new DenoStream(conn, place, attach);
}

/** Closes a connection that may be closed already. */
export function closeQuietly(conn: Deno.Conn): void {
	try {
		conn.close();
	} catch (error) {
		if (!(error instanceof Deno.errors.BadResource)) throw error;
	}
}

// Deno goes on using what it is given until the write is done, so pieces that leave together are joined somewhere new.
function fresh(size: number): Uint8Array {
	return new Uint8Array(size);
}

function tcp(address: Deno.Addr): Address {
	const { hostname, port } = address as Deno.NetAddr;
	return tcpAddress(hostname, port);
}
