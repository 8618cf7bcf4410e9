import type { Socket } from "node:net";
import type { Address, Attach, ByteStream, StreamEvents } from "@barewire/endpoint";
import { socketError } from "./errors.ts";

/** A connected `net.Socket` or `tls.TLSSocket` as a `ByteStream`. */
class NodeStream implements ByteStream {
	readonly local: Address;
	readonly remote: Address;
	readonly secure: boolean;
	private readonly socket: Socket;
	private corked: boolean = false;

	constructor(socket: Socket, secure: boolean, path: string | null) {
		this.socket = socket;
		this.secure = secure;
		// Asked for now, because a socket that was reset no longer knows.
		this.local = path === null ? tcp(socket.localAddress, socket.localPort) : { transport: "unix", path };
		this.remote = path === null ? tcp(socket.remoteAddress, socket.remotePort) : { transport: "unix", path: "" };
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

/** Hands a connected socket over. `path`: that of a Unix domain socket. The socket must allow half-open streams. */
export function attachSocket(socket: Socket, secure: boolean, path: string | null, attach: Attach): void {
	const stream = new NodeStream(socket, secure, path);
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
