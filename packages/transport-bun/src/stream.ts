import {
	type Address,
	type Attach,
	type ByteStream,
	type Place,
	SendQueue,
	type StreamEvents,
	tcpAddress,
	transportError,
	USE_CONNECTION,
	type UsageError,
} from "@barewire/endpoint";
import type { Socket, SocketHandler } from "bun";
import { socketError } from "./errors.ts";
import { platform } from "./platform.ts";

/** Receives the events of a socket. It is the socket's `data`. */
export interface SocketOwner {
	/** The TLS handshake is complete, or has failed. */
	secured(success: boolean, error: Error | null): void;
	received(chunk: Uint8Array): void;
	drained(): void;
	ended(): void;
	/** TLS failed (the socket closes next), or one of our handlers threw (the socket would stay open). */
	failed(error: Error): void;
	closed(error: Error | undefined): void;
}

export type OwnedSocket = Socket<SocketOwner>;

/** The handlers of every socket. The code that listens or dials adds `open`, which sets the owner of the socket. */
export const SOCKET_HANDLERS: SocketHandler<SocketOwner> = {
	// The default is a Buffer, but users get a plain Uint8Array. Each has its own ArrayBuffer, so it can be handed over.
	binaryType: "uint8array",
	handshake: (socket, success, error) => socket.data.secured(success, error),
	data: (socket, chunk: Uint8Array) => socket.data.received(chunk),
	drain: (socket) => socket.data.drained(),
	end: (socket) => socket.data.ended(),
	error: (socket, error) => socket.data.failed(error),
	close: (socket, error) => socket.data.closed(error),
};

/** Announced pieces are written when they reach this size: more bytes could not be joined anyway. */
const LARGEST_BATCH = 64 * 1024;

const GO_ON = { task: USE_CONNECTION, path: null };

/**
 * Chunks that came to paused sockets. When the peer resets a connection, Bun first delivers everything that the system
 * still has, up to several MiB, even if the socket is paused. The chunks are removed at the end of the turn. They are kept
 * in a map, so that no socket needs a field for them.
 */
const unasked: Map<BunStream, Uint8Array[]> = new Map();

/** A connected socket of Bun as a `ByteStream`. */
class BunStream implements ByteStream, SocketOwner {
	readonly local: Address;
	readonly #place: Place;
	readonly #hostname: string;
	readonly #port: number;
	readonly #socket: OwnedSocket;
	readonly #events: StreamEvents;
	/** Created when output has to wait, and dropped when none does: an idle connection has no queue. */
	#queue: SendQueue | null = null;
	/** The system takes no more output until `drain`. */
	#blocked: boolean = false;
	/** The state of the sending half: "ending" until the waiting output is written. */
	#sending: "open" | "ending" | "ended" = "open";
	/** The state of the receiving half. */
	#receiving: "open" | "paused" | "ended" = "open";
	#destroyed: boolean = false;
	#failure: Error | null = null;

	constructor(socket: OwnedSocket, place: Place, attach: Attach) {
		socket.data = this;
		this.#socket = socket;
		this.#place = place;
		// A closed socket does not know its addresses any more, so they are read now. The remote address object is created only
		// when it is used.
		this.local = place.local ?? tcpAddress(socket.localAddress, socket.localPort);
		this.#hostname = socket.remoteAddress;
		this.#port = socket.remotePort;
		this.#events = attach(this);
	}

	get remote(): Address {
		return this.#place.remote ?? tcpAddress(this.#hostname, this.#port);
	}

	get secure(): boolean {
		return this.#place.secure;
	}

	get bufferedAmount(): number {
		return this.#queue === null ? 0 : this.#queue.length;
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		if (this.#queue === null && !more) {
			// The usual case: nothing waits, and the system takes everything.
			const taken = this.#socket.write(bytes);
			if (taken === bytes.length) return true;
			if (taken < 0) return this.#lost();
			this.#queue = new SendQueue();
			this.#queue.push(bytes);
			this.#queue.taken(taken);
			this.#blocked = true;
			return false;
		}
		this.#queue ??= new SendQueue();
		this.#queue.push(bytes);
		if (this.#blocked) return false;
		return (more && this.#queue.length < LARGEST_BATCH) || this.#flush();
	}

	end(): void {
		if (this.#sending !== "open") return;
		this.#sending = "ending";
		if (!this.#blocked && this.#flush()) this.#finish();
	}

	destroy(): void {
		if (this.#queue !== null || this.#blocked || this.#failure !== null) return this.abort();
		if (this.#destroyed) return;
		this.#destroyed = true;
		// The system has all output, and continues to send it to a slow peer: a reset would discard it. Under TLS, end() alone
		// would wait for the peer.
		if (this.#sending !== "ended") this.#finish();
		this.#socket.end();
	}

	abort(): void {
		if (this.#destroyed) return;
		this.#destroyed = true;
		this.#queue = null;
		this.#socket.terminate();
	}

	pause(): void {
		// No more input comes, and Bun would not close a paused socket.
		if (this.#failure !== null) return;
		if (this.#receiving === "open") this.#receiving = "paused";
		this.#socket.pause();
	}

	resume(): void {
		if (this.#receiving === "paused") this.#receiving = "open";
		this.#socket.resume();
	}

	secured(): void {}

	received(chunk: Uint8Array): void {
		// RFC 9293 §3.10.7.4: "All segment queues should be flushed" at a reset.
		if (this.#failure !== null) return;
		if (this.#receiving === "paused" || unasked.has(this)) this.#keep(chunk);
		else this.#events.received(chunk);
	}

	drained(): void {
		// Bun also calls this when nothing waited: after a handshake, a pause, an end.
		if (!this.#blocked) return;
		try {
			if (!this.#flush()) return;
		} catch (error) {
			// Waiting output was transferred. An error thrown from here would be uncaught.
			this.#failure = error as UsageError;
			return void this.#socket.terminate();
		}
		if (this.#sending === "ending") this.#finish();
		this.#events.drained();
	}

	ended(): void {
		// Bun calls this after a reset, too, if a write has failed because of the reset first.
		if (this.#failure !== null) return;
		this.#handOver();
		this.#receiving = "ended";
		this.#events.ended();
	}

	failed(error: Error): void {
		const failure = socketError(GO_ON, error);
		this.#failure = failure;
		if (failure.code === "ERR_TLS") return;
		// One of our handlers threw. Bun would continue as if nothing had happened; on the other runtimes this is an uncaught
		// error.
		this.#socket.terminate();
		queueMicrotask(() => {
			throw error;
		});
	}

	closed(error: Error | undefined): void {
		this.#queue = null;
		if (error !== undefined) this.#failure ??= socketError(GO_ON, error);
		this.#handOver();
		const failure = this.#destroyed ? null : this.#failure;
		// After shutdown(), Bun reports the peer's FIN only by this event.
		if (failure === null && !this.#destroyed && this.#receiving !== "ended" && this.#sending === "ended") this.ended();
		// Bun calls this inside shutdown() and terminate(), before the caller of those has finished.
		queueMicrotask(() => this.#events.closed(failure));
	}

	/**
	 * Keeps a chunk that came to a paused socket. If the peer has reset the connection, it ends in this turn, and the chunk
	 * must not be delivered.
	 */
	#keep(chunk: Uint8Array): void {
		const kept = unasked.get(this);
		if (kept !== undefined) return void kept.push(chunk);
		unasked.set(this, [chunk]);
		platform.nextTurn(() => this.#handOver());
	}

	#handOver(): void {
		const kept = unasked.get(this);
		if (kept === undefined) return;
		unasked.delete(this);
		if (this.#destroyed || this.#failure !== null) return;
		for (const chunk of kept) this.#events.received(chunk);
	}

	/** Writes the waiting output. Returns true when all of it is written. */
	#flush(): boolean {
		const queue = this.#queue;
		while (queue !== null && queue.length > 0) {
			const bytes = queue.next(scratchRoom);
			const taken = this.#socket.write(bytes);
			if (taken < 0) return this.#lost();
			queue.taken(taken);
			if (taken < bytes.length) {
				this.#blocked = true;
				return false;
			}
		}
		this.#queue = null;
		this.#blocked = false;
		return true;
	}

	/** A write has failed because of a reset. Bun closes the socket next, unless it is paused, and does not report the cause. */
	#lost(): false {
		this.#queue = null;
		if (this.#sending !== "ended") this.#failure ??= transportError("ERR_CONNECTION_RESET", GO_ON.task);
		this.#socket.resume();
		return false;
	}

	/** RFC 6455 §7.1.1: a half-close. Bun's end() and close() would discard what the peer is still sending, and send a reset. */
	#finish(): void {
		this.#sending = "ended";
		this.#socket.shutdown();
	}
}

/** Hands a connected socket over to the endpoint. It must allow half-open streams and have the `SOCKET_HANDLERS`. */
export function attachSocket(socket: OwnedSocket, place: Place, attach: Attach): void {
	new BunStream(socket, place, attach);
}

// Bun's write copies the bytes that it takes, so one buffer serves all sockets.
let scratch = new Uint8Array(0);

function scratchRoom(size: number): Uint8Array {
	if (scratch.length < size) scratch = new Uint8Array(Math.max(size, LARGEST_BATCH));
	return scratch;
}
