import type { Socket } from "node:net";
import {
	type Address,
	type Attach,
	type ByteStream,
	type Place,
	type StreamEvents,
	tcpAddress,
	USE_CONNECTION,
} from "@barewire/endpoint";
import { hastenScavenge } from "@barewire/endpoint/v8";
import { socketError } from "./errors.ts";
import { Untaken } from "./untaken.ts";

/**
 * A piece that is written during another write waits in a queue of Node. If its buffer is transferred in that time, Node
 * sends fewer bytes than announced. So pieces up to this size are copied. After a larger piece `write` returns false, and
 * the driver checks the piece.
 */
const LARGEST_COPY = 64 * 1024;

/** A connected `net.Socket` or `tls.TLSSocket` as a `ByteStream`. */
export class NodeStream implements ByteStream {
	readonly local: Address;
	readonly secure: boolean;
	readonly #socket: Socket;
	/** What the system may not have taken yet, for a move to another process. */
	#untaken: Untaken | null = null;
	/** Set while nothing may be read: whether reading goes on after that. */
	#stopped: { reads: boolean } | null = null;
	readonly #knownRemote: Address | null;
	#corked: boolean = false;
	/** Another write was in progress when this batch began. */
	#waits: boolean = false;

	constructor(socket: Socket, place: Place) {
		this.#socket = socket;
		this.secure = place.secure;
		this.#knownRemote = place.remote;
		// A socket that was reset does not know its own address any more.
		this.local = place.local ?? tcpAddress(socket.localAddress, socket.localPort);
		// It still knows the remote address if that was read before. The address object is created only when it is used: with a
		// shared one of the listener and none here, a connection takes about 300 bytes less than with two (pnpm bench --only idle).
		void socket.remoteAddress;
	}

	get remote(): Address {
		return this.#knownRemote ?? tcpAddress(this.#socket.remoteAddress, this.#socket.remotePort);
	}

	get bufferedAmount(): number {
		const { writableLength } = this.#socket;
		// The driver reads this while output waits, and when it has drained.
		if (writableLength === 0) this.#untaken = null;
		return writableLength;
	}

	// Node's public API reports that a write is complete, but not how much of it was taken. Node's own `socket.setTimeout` uses
	// this number.
	get writeInProgress(): number {
		const { _handle: handle } = this.#socket as Socket & {
			readonly _handle?: { readonly writeQueueSize?: number } | null;
		};
		return handle?.writeQueueSize ?? 0;
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		const socket = this.#socket;
		if (!this.#corked) this.#waits = this.bufferedAmount > 0;
		if (more && !this.#corked) {
			// Corked writes leave in one system call.
			this.#corked = true;
			socket.cork();
		}
		const given = this.#waits && bytes.length <= LARGEST_COPY ? bytes.slice() : bytes;
		const room = socket.write(given);
		if (!more && this.#corked) {
			this.#corked = false;
			socket.uncork();
		}
		// Of most writes the system takes all at once. A TLS connection never moves.
		if (!this.secure && socket.writableLength > 0) {
			this.#untaken ??= new Untaken(socket);
			this.#untaken.push(given);
		} else this.#untaken = null;
		return room;
	}

	end(): void {
		this.#socket.end();
	}

	destroy(): void {
		this.#socket.destroy();
	}

	abort(): void {
		// Node can only reset TCP. With TLS, a missing close_notify shows that the stream was cut (RFC 8446 §6.1).
		const socket = this.#socket;
		if (this.secure || this.local.transport === "unix" || !("resetAndDestroy" in socket)) socket.destroy();
		else socket.resetAndDestroy();
	}

	pause(): void {
		if (this.#stopped === null) this.#socket.pause();
		else this.#stopped.reads = false;
	}

	resume(): void {
		if (this.#stopped === null) this.#socket.resume();
		else this.#stopped.reads = true;
	}

	// ── Moving to another process ──────────────────────────────────────────────────────────────────────────────

	get socket(): Socket {
		return this.#socket;
	}

	stopReading(): void {
		const socket = this.#socket as MovableSocket;
		this.#stopped = { reads: !socket.isPaused() };
		socket.pause();
		// Each of these calls emits `data`.
		while (socket.read() !== null);
		const handle = socket._handle;
		// Node's own `_read` starts the handle again if this says that it is stopped.
		if (handle != null) handle.reading = false;
		handle?.readStop?.();
	}

	startReading(): void {
		const reads = this.#stopped?.reads ?? false;
		this.#stopped = null;
		const { _handle: handle } = this.#socket as MovableSocket;
		// The stream waits for an earlier read, and so would never start the handle by itself.
		if (handle != null) handle.reading = true;
		handle?.readStart?.();
		if (reads) this.#socket.resume();
	}

	release(): Uint8Array {
		const unsent = this.#untaken?.rest() ?? new Uint8Array(0);
		this.#socket.destroy();
		return unsent;
	}
}

/** The handle of a socket, which Node's types omit. */
type MovableSocket = Socket & {
	readonly _handle?: { reading?: boolean; readStop?(): void; readStart?(): void } | null;
};

/**
 * Hands a connected socket over to the endpoint. The socket must allow half-open streams. Returns the events of the stream.
 * `keepsChunks`: the source of the chunks may use them again, so they are copied. Otherwise they are unmasked in place.
 */
export function attachSocket(socket: Socket, place: Place, attach: Attach, keepsChunks: boolean = false): StreamEvents {
	const stream = new NodeStream(socket, place);
	const events: StreamEvents = attach(stream);
	let failure: Error | null = null;
	// The chunk is a Buffer, but users get a plain Uint8Array, as on the other runtimes.
	socket.on("data", (chunk: Buffer) => {
		const { buffer, byteOffset, length } = chunk;
		hastenScavenge(length);
		events.received(keepsChunks ? new Uint8Array(chunk) : new Uint8Array(buffer, byteOffset, length));
	});
	socket.on("end", () => events.ended());
	socket.on("drain", () => events.drained());
	socket.on("error", (error) => {
		failure = socketError(USE_CONNECTION, error);
	});
	socket.on("close", () => events.closed(failure));
	return events;
}
