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

/**
 * A piece that is written during another write waits in a queue of Node. If its buffer is transferred in that time, Node
 * sends fewer bytes than announced. So pieces up to this size are copied. After a larger piece `write` returns false, and
 * the driver checks the piece.
 */
const LARGEST_COPY = 64 * 1024;

/** A connected `net.Socket` or `tls.TLSSocket` as a `ByteStream`. */
class NodeStream implements ByteStream {
	readonly local: Address;
	readonly secure: boolean;
	readonly #socket: Socket;
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
		return this.#socket.writableLength;
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
		if (!this.#corked) this.#waits = socket.writableLength > 0;
		if (more && !this.#corked) {
			// Corked writes leave in one system call.
			this.#corked = true;
			socket.cork();
		}
		const room = socket.write(this.#waits && bytes.length <= LARGEST_COPY ? bytes.slice() : bytes);
		if (!more && this.#corked) {
			this.#corked = false;
			socket.uncork();
		}
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
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}
}

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
