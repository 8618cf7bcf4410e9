import type { IncomingMessage as HttpRequest, ServerResponse } from "node:http";
import type { AddressInfo, Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import {
	type Address,
	acceptedPlace,
	type GivenRequest,
	type Place,
	type Server,
	tcpAddress,
} from "@barewire/endpoint";
import { attachSocket } from "./stream.ts";

/** What is read of the request that an `upgrade` event brings. */
export type UpgradeRequest = Pick<HttpRequest, "method" | "url" | "httpVersion" | "rawHeaders">;

/** The head that the HTTP server has read, as `http1` gives it. */
export function headOf({
	method = "",
	url = "",
	httpVersion,
	rawHeaders,
}: UpgradeRequest): GivenRequest<never>["head"] {
	const fields: [name: string, value: string][] = [];
	for (let i = 1; i < rawHeaders.length; i += 2)
		fields.push([`${rawHeaders[i - 1]}`.toLowerCase(), `${rawHeaders[i]}`]);
	return { method, target: url, version: httpVersion === "1.0" ? "1.0" : "1.1", fields };
}

/** Marks a socket that belongs to an endpoint. */
const TAKEN: unique symbol = Symbol("taken");

/** A socket of an HTTP server. Only what every `Duplex` has is sure to be there. */
type HttpSocket = Duplex &
	Partial<Pick<NetSocket, "setTimeout" | "setNoDelay">> & {
		[TAKEN]?: true;
		readonly encrypted?: boolean;
		/** The answer under way, as the HTTP servers of all three runtimes have it. */
		readonly _httpMessage?: ServerResponse | null;
	};

/**
 * Takes the socket of an `upgrade` event from its HTTP server. `bound`: where that listens. The HTTP server has read the head of `given` and the
 * bytes of `early`. Where the socket is gone, nothing comes of it.
 *
 * Returns false, and does nothing, where the socket was taken before.
 */
export function takeOver<Data>(
	server: Server<Data, never>,
	given: GivenRequest<Data>,
	socket: HttpSocket,
	early: Uint8Array,
	bound: Bound,
): boolean {
	if (socket[TAKEN]) return false;
	socket[TAKEN] = true;
	whenAnswered(socket, (isGone) => {
		// The application may have taken its time. Who has ended its half meanwhile, with nothing behind its handshake, has gone.
		const hasEnded = socket.readableEnded;
		if (isGone || (hasEnded && early.length === 0)) {
			// One that was ended and has still bytes to send may be reset. Nobody else need listen.
			socket.on("error", () => {});
			if (!isGone) socket.destroy();
			return given.outcome?.ended("the connection to the client has ended");
		}
		// The time that the HTTP server gives to silent clients. From now on the endpoint keeps the time.
		socket.setTimeout?.(0);
		socket.setNoDelay?.(true);
		// RFC 6455 §7.1.1: a half-open stream is what the closing handshake ends with.
		socket.allowHalfOpen = true;
		const place = placeOf(bound, socket.encrypted === true);
		// What is no socket of the system is given chunks by some program.
		const keepsChunks = socket.setNoDelay === undefined;
		const events = attachSocket(socket as NetSocket, place, (stream) => server.attach(stream, given), keepsChunks);
		// The application may have paused it while it was making up its mind.
		socket.resume();
		// A copy: the chunk is the HTTP server's, and other listeners may look at it.
		events.received(new Uint8Array(early));
		// An end is told once, and it was before.
		if (hasEnded) events.ended();
	});
	return true;
}

// RFC 9112 §9.3.2: "A server that receives … pipelined requests … MUST send the corresponding responses in the same order that the requests
// were received." The HTTP servers tell of an upgrade while requests before it are unanswered.
function whenAnswered(socket: HttpSocket, then: (isGone: boolean) => void): void {
	if (socket.destroyed || !socket.writable) return then(true);
	const answer = socket._httpMessage ?? null;
	if (answer === null) return then(false);
	// Of an upgrade's socket the HTTP servers no longer tell the answer that there is room: it would wait for ever.
	const drained = (): void => {
		if (answer.writableNeedDrain) answer.emit("drain");
	};
	const goOn = (): void => {
		socket.off("drain", drained);
		socket.off("error", goOn);
		socket.off("close", goOn);
		answer.off("close", goOn);
		whenAnswered(socket, then);
	};
	socket.on("drain", drained);
	socket.once("error", goOn);
	socket.once("close", goOn);
	answer.once("close", goOn);
}

/** What a `net.Server` says of where it listens; null or undefined: it does not, or nobody knows. */
export type Bound = AddressInfo | string | null | undefined;

/** That as an address. */
export function addressOf(bound: AddressInfo | string): Address {
	return typeof bound === "string" ? { transport: "unix", path: bound } : tcpAddress(bound.address, bound.port);
}

function placeOf(bound: Bound, secure: boolean): Place {
	return bound === null || bound === undefined
		? { local: null, remote: null, secure }
		: acceptedPlace(addressOf(bound), secure);
}
