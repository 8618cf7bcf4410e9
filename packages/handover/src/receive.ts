import { Socket as NetSocket, type SocketConstructorOpts } from "node:net";
import process from "node:process";
import type { Place, Server } from "@barewire/endpoint";
import { type Adoption, type HandedOver, type MovedSocket, prepareAdoption } from "@barewire/endpoint/hand-over";
import { attachSocket } from "@barewire/transport-node/adapter";
import { type Message, message, messageOf, type Peer, pass, stateOf, WIRE_VERSION } from "./wire.ts";

/** A socket that the other process still has. */
interface Offer {
	readonly socket: NetSocket;
	readonly adoption: Adoption;
	readonly place: Place;
	readonly data: unknown;
	readonly timer: ReturnType<typeof setTimeout>;
}

/** The content of an `offer`. */
interface Offered {
	readonly moved: MovedSocket;
	readonly data: unknown;
	readonly expires: number;
}

/** The content of a `connection`. */
export interface Distributed {
	readonly place: Place;
	readonly head: Uint8Array;
}

/**
 * Takes over the sockets that the process at the other end of the channel hands to `server`, and the connections that it
 * distributes. The handler `adopted` gets the sockets. Returns a function that stops it: later offers get no answer.
 */
export function receiveHandOvers(server: Server<never, never>, source: Peer = process as unknown as Peer): () => void {
	const offers = new Map<string, Offer>();

	const discard = (id: string): void => {
		const offer = offers.get(id);
		if (offer === undefined) return;
		offers.delete(id);
		clearTimeout(offer.timer);
		offer.adoption.discard();
		// This closes one of two copies: the peer sees nothing.
		offer.socket.destroy();
	};

	const offered = (offer: Message, handle: unknown): void => {
		const { id } = offer;
		const refuse = (socket: NetSocket | null, why: string): void => {
			socket?.destroy();
			pass(source, message("refused", id, why)).catch(() => {});
		};
		const socket = socketOf(handle);
		if (socket === null) return refuse(null, "the socket has not arrived");
		if (offer.version !== WIRE_VERSION)
			return refuse(socket, `the offer is of version ${offer.version}, and this process reads ${WIRE_VERSION}`);
		try {
			const { moved, data, expires } = stateOf(offer) as Offered;
			const adoption = prepareAdoption(server, moved);
			const place = { local: moved.local, remote: moved.remote, secure: false };
			// A `go` that has arrived already is read before the offer expires.
			const timer = setTimeout(() => setImmediate(() => discard(id)), expires);
			offers.set(id, { socket, adoption, place, data, timer });
			pass(source, message("ready", id)).catch(() => discard(id));
		} catch (error) {
			refuse(socket, error instanceof Error ? error.message : String(error));
		}
	};

	const begin = (go: Message): void => {
		const offer = offers.get(go.id);
		if (offer === undefined) return;
		offers.delete(go.id);
		clearTimeout(offer.timer);
		const { socket, adoption, place, data } = offer;
		// Before the endpoint can pause it.
		read(socket);
		attachSocket(socket, place, (stream) => adoption.go(stream, stateOf(go) as HandedOver, data));
	};

	const connected = (connection: Message, handle: unknown): void => {
		const socket = socketOf(handle);
		if (socket === null) return;
		if (connection.version !== WIRE_VERSION) return void socket.destroy();
		const { place, head } = stateOf(connection) as Distributed;
		read(socket);
		const events = attachSocket(socket, place, (stream) => server.attach(stream));
		events.received(new Uint8Array(head));
	};

	const received = (value: unknown, handle: unknown): void => {
		const taken = messageOf(value);
		if (taken?.type === "offer") offered(taken, handle);
		else if (taken?.type === "connection") connected(taken, handle);
		else if (taken?.type === "go") begin(taken);
		else if (taken?.type === "withdrawn") discard(taken.id);
	};

	// The other process is gone, so nobody says `go`.
	const left = (): void => {
		for (const id of [...offers.keys()]) discard(id);
	};
	source.on("message", received);
	source.on("disconnect", left);
	return () => {
		source.off("message", received);
		source.off("disconnect", left);
		left();
	};
}

/** The handle of a socket, which Node's types omit. */
type HandledSocket = NetSocket & {
	readonly _handle?: { reading?: boolean; readStop?(): void; readStart?(): void } | null;
};

/** A stream that began to read before it was stopped does not start its handle by itself. */
function read(socket: NetSocket): void {
	const { _handle: handle } = socket as HandledSocket;
	// Without this, Node starts the handle a second time, and the system refuses that.
	if (handle != null) handle.reading = true;
	handle?.readStart?.();
	socket.resume();
}

/** The socket, which is not read. */
function socketOf(handle: unknown): NetSocket | null {
	if (handle === null || handle === undefined) return null;
	if (!(handle instanceof NetSocket))
		return new NetSocket({ handle, allowHalfOpen: true, pauseOnCreate: true } as unknown as SocketConstructorOpts);
	handle.pause();
	(handle as HandledSocket)._handle?.readStop?.();
	handle.allowHalfOpen = true;
	return handle;
}
