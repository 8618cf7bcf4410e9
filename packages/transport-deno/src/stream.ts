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

/** When more bytes than this wait, `write` returns false. */
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
	/** Continues the reading that `pause` has stopped. */
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
	 * Only one write at a time: Deno neither copies the bytes nor keeps two writes in order. Bytes that are pushed in the
	 * meantime leave with the next write.
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
				// Called in a microtask, because an error that the endpoint throws is not a failure of the socket.
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
				// An end without TLS's close_notify counts as an end, as on Node: Close frames and lengths show what is complete.
				if (!(error instanceof Deno.errors.UnexpectedEof)) return this.#fail(error);
				count = null;
			}
			// One read is pending also while paused, or a reset would not be detected. Its result is kept, and no other read follows.
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
		// A pending read or write that `close` has interrupted fails as well.
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

/** Hands a connected socket over to the endpoint. */
export function attachConn(conn: Deno.Conn, place: Place, attach: Attach): void {
	try {
		// The endpoint already makes one write of each batch. Under TLS, Deno does not allow setting it.
		if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
	} catch {
		// A socket that refuses the setting is broken: the first read gives the cause.
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

// Deno uses the bytes until the write is done, so pieces that leave together are joined in a new buffer.
function fresh(size: number): Uint8Array {
	return new Uint8Array(size);
}

function tcp(address: Deno.Addr): Address {
	const { hostname, port } = address as Deno.NetAddr;
	return tcpAddress(hostname, port);
}
