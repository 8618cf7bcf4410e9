import { randomUUID } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tcpAddress } from "@barewire/endpoint";
import { type RequestHead, RequestReader } from "@barewire/http1";
import type { Distributed } from "./receive.ts";
import { message, type Peer, pass, passable } from "./wire.ts";

/** Where to listen, and which process gets a connection. */
export interface DistributeOptions {
	/** Default: 0, a port that the system chooses. */
	readonly port?: number | undefined;
	/** Default `"127.0.0.1"`. */
	readonly hostname?: string | undefined;
	/**
	 * The process that gets a connection, which must have called `receiveHandOvers`. It is called with the first request head
	 * of the connection. null: the connection is dropped.
	 */
	readonly choose: (head: RequestHead) => Peer | null;
	/** Milliseconds in which the first head must come. Default 10,000. */
	readonly headTimeout?: number | undefined;
	/** Called when a connection could not be given to its process. It is dropped. */
	readonly failed?: ((error: unknown) => void) | undefined;
}

/** A listening socket that gives its connections to other processes. */
export interface Distributor {
	readonly port: number;
	/** Stops listening, and drops the connections whose head has not come. */
	close(): Promise<void>;
}

/** Accepts connections, reads the first request head of each, and gives the connection, with what was read, to a process. */
export function distribute(options: DistributeOptions): Promise<Distributor> {
	const { port = 0, hostname = "127.0.0.1", choose, headTimeout = 10_000, failed = () => {} } = options;
	const reading = new Set<Socket>();
	const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
		reading.add(socket);
		const pieces: Uint8Array[] = [];
		const reader = new RequestReader();
		const drop = (): void => void socket.destroy();
		const timer = setTimeout(drop, headTimeout);
		const read = (chunk: Buffer): void => {
			pieces.push(new Uint8Array(chunk));
			reader.receive(new Uint8Array(chunk));
			const event = reader.next();
			if (event === null) return;
			// The chosen process answers a head that is not one, but there is none to choose it by.
			if (event.type !== "request") return drop();
			stop();
			give(socket, event.head, pieces);
		};
		const stop = (): void => {
			clearTimeout(timer);
			reading.delete(socket);
			socket.off("data", read);
			socket.off("end", drop);
		};
		socket.on("data", read);
		socket.on("end", drop);
		socket.on("error", () => {});
		socket.on("close", stop);
	});

	const give = (socket: Socket, head: RequestHead, pieces: Uint8Array[]): void => {
		socket.on("data", (chunk: Buffer) => pieces.push(new Uint8Array(chunk)));
		socket.pause();
		while (socket.read() !== null);
		const { _handle: handle } = socket as Socket & { _handle?: { reading?: boolean; readStop?(): void } | null };
		if (handle != null) handle.reading = false;
		handle?.readStop?.();
		const { localAddress, localPort, remoteAddress, remotePort } = socket;
		const place = {
			local: tcpAddress(localAddress, localPort),
			remote: tcpAddress(remoteAddress, remotePort),
			secure: false,
		};
		const given: Distributed = { place, head: Buffer.concat(pieces) };
		Promise.resolve()
			.then(async () => {
				const target = choose(head);
				if (target !== null) await pass(target, message("connection", randomUUID(), given), passable(socket));
			})
			.catch(failed)
			// This process's copy. If the other process has none, it ends the connection.
			.finally(() => socket.destroy());
	};

	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen({ port, host: hostname }, () => {
			server.off("error", reject);
			server.on("error", failed);
			resolve({
				port: (server.address() as AddressInfo).port,
				close: () =>
					new Promise((closed) => {
						server.close(() => closed());
						for (const socket of reading) socket.destroy();
					}),
			});
		});
	});
}
