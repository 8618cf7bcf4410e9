import type { IncomingMessage } from "../src/incoming-message.ts";
import { MemoryNetwork } from "../src/memory/index.ts";
import type { Server } from "../src/server.ts";
import type { PartsServerOptions } from "../src/server-options.ts";
import type { ClosedEvent, Socket } from "../src/socket.ts";
import { type RawPeer, upgraded } from "./raw-peer.ts";

/** A masked frame of fewer than 2 GiB. `first`: FIN and opcode. The key is 0, so that the payload stays as it is. */
export function masked(first: number, payload: string | Uint8Array): Uint8Array {
	const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
	const { length } = bytes;
	const lengthBytes = [24, 16, 8, 0].map((bits) => (length >> bits) & 0xff);
	let size = [0x80 | length];
	if (length > 0xffff) size = [0xff, 0, 0, 0, 0, ...lengthBytes];
	else if (length > 125) size = [0xfe, ...lengthBytes.slice(2)];
	const header = [first, ...size, 0, 0, 0, 0];
	const frame = new Uint8Array(header.length + length);
	frame.set(header);
	frame.set(bytes, header.length);
	return frame;
}

/** A masked Close frame with the code 1000. */
export const CLOSE: Uint8Array = masked(0x88, Uint8Array.of(0x03, 0xe8));

/** A server that receives in parts, its one socket, and the raw peer at its other end. */
export interface Conversation {
	readonly network: MemoryNetwork;
	readonly server: Server<undefined, IncomingMessage>;
	readonly peer: RawPeer;
	readonly socket: Socket<undefined, IncomingMessage>;
	/** What `close` and `error` were told. */
	readonly ended: readonly ClosedEvent[];
	readonly errors: readonly unknown[];
	/** The peer sends frames, one chunk for each. */
	send(...frames: readonly Uint8Array[]): Promise<void>;
}

export async function inParts(options: Partial<PartsServerOptions<undefined>> = {}): Promise<Conversation> {
	const network = new MemoryNetwork();
	const sockets: Socket<undefined, IncomingMessage>[] = [];
	const ended: ClosedEvent[] = [];
	const errors: unknown[] = [];
	const server = await network.serve(80, {
		keepAlive: false,
		...options,
		receive: "parts",
		open(socket) {
			sockets.push(socket);
			return options.open?.(socket);
		},
		close(socket, event) {
			ended.push(event);
			options.close?.(socket, event);
		},
		error: (error) => void errors.push(error),
	});
	const peer = await upgraded(network);
	const [socket] = sockets;
	if (socket === undefined) throw new Error("the socket did not open");
	return {
		network,
		server,
		peer,
		socket,
		ended,
		errors,
		async send(...frames) {
			for (const frame of frames) await peer.send(frame);
		},
	};
}
