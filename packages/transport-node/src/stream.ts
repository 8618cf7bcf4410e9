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
 * A piece that is written while another write is under way waits in a queue of Node. If it is transferred meanwhile, Node sends fewer
 * bytes than were promised. Pieces up to this size are copied. After a larger one `write` returns false, and the driver checks it.
 */
const LARGEST_COPY = 64 * 1024;

/** A connected `net.Socket` or `tls.TLSSocket` as a `ByteStream`. */
class NodeStream implements ByteStream {
	readonly local: Address;
	readonly secure: boolean;
	readonly #socket: Socket;
	readonly #knownRemote: Address | null;
	#corked: boolean = false;
	/** Another write was under way when this batch began. */
	#waits: boolean = false;

	constructor(socket: Socket, place: Place) {
		this.#socket = socket;
		this.secure = place.secure;
		this.#knownRemote = place.remote;
		// A socket that was reset no longer knows its own end.
		this.local = place.local ?? tcpAddress(socket.localAddress, socket.localPort);
		// The other end it does know, once it was asked. An address object is made when somebody wants one: a listener's
		// shared one and none weigh some 300 bytes a connection less than two (pnpm bench --only idle).
		void socket.remoteAddress;
	}

	get remote(): Address {
		return this.#knownRemote ?? tcpAddress(this.#socket.remoteAddress, this.#socket.remotePort);
	}

	get bufferedAmount(): number {
		return this.#socket.writableLength;
	}

	// Node tells in public that a write is over, and not how much of it is taken. Its own `socket.setTimeout` looks at this number.
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
		// Node resets TCP alone. TLS tells a stream that was cut by the close_notify that is missing (RFC 8446 §6.1).
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
 * Hands a connected socket over. It must allow half-open streams. Returns whom its events are told to. `keepsChunks`: whoever gives it its
 * chunks may use them again. They are unmasked in place otherwise.
 */
export function attachSocket(socket: Socket, place: Place, attach: Attach, keepsChunks: boolean = false): StreamEvents {
	const stream = new NodeStream(socket, place);
	const events: StreamEvents = attach(stream);
	let failure: Error | null = null;
	// A Buffer comes, but users get the plain Uint8Array that the other runtimes give.
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
