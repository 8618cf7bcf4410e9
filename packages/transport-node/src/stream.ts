import type { Socket } from "node:net";
import type { Address, Attach, ByteStream, StreamEvents } from "@barewire/endpoint";
import { socketError } from "./errors.ts";

/** The two ends' paths of a Unix domain socket: the dialling end has none of its own. */
export interface UnixPaths {
	readonly local: string;
	readonly remote: string;
}

/** A connected `net.Socket` or `tls.TLSSocket` as a `ByteStream`. */
class NodeStream implements ByteStream {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	private readonly socket: Socket;
	private corked: boolean = false;

	constructor(socket: Socket, secure: boolean, paths: UnixPaths | null) {
		this.socket = socket;
		this.secure = secure;
		// Asked for now, because a socket that was reset no longer knows.
		this.local = paths === null ? tcp(socket.localAddress, socket.localPort) : unix(paths.local);
		this.remote = paths === null ? tcp(socket.remoteAddress, socket.remotePort) : unix(paths.remote);
	}

	get bufferedAmount(): number {
		return this.socket.writableLength;
	}

	write(bytes: Uint8Array, more: boolean): boolean {
		const { socket } = this;
		// Corked writes leave in one system call.
		if (more !== this.corked) {
			this.corked = more;
			if (more) socket.cork();
		}
		const room = socket.write(bytes);
		if (!more) socket.uncork();
		return room;
	}

	end(): void {
		this.socket.end();
	}

	destroy(): void {
		this.socket.destroy();
	}

	pause(): void {
		this.socket.pause();
	}

	resume(): void {
		this.socket.resume();
	}
}

/** Hands a connected socket over. It must allow half-open streams. */
export function attachSocket(socket: Socket, secure: boolean, paths: UnixPaths | null, attach: Attach): void {
	const stream = new NodeStream(socket, secure, paths);
	const events: StreamEvents = attach(stream);
	let failure: Error | null = null;
	socket.on("data", (chunk: Uint8Array) => events.received(chunk));
	socket.on("end", () => events.ended());
	socket.on("drain", () => events.drained());
	socket.on("error", (error) => {
		failure = socketError("go on with the connection", error);
	});
	socket.on("close", () => events.closed(failure));
}

function tcp(hostname: string | undefined, port: number | undefined): Address {
	return { transport: "tcp", hostname: hostname ?? "", port: port ?? 0 };
}

function unix(path: string): Address {
	return { transport: "unix", path };
}
