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

/** The part of the request of an `upgrade` event that is used. */
export type UpgradeRequest = Pick<HttpRequest, "method" | "url" | "httpVersion" | "rawHeaders">;

/** The head that the HTTP server has read, in the form of `http1`. */
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

/** Marks a socket that an endpoint has taken over. */
const TAKEN: unique symbol = Symbol("taken");

/** A socket of an HTTP server. Only the members of `Duplex` are always present. */
type HttpSocket = Duplex &
	Partial<Pick<NetSocket, "setTimeout" | "setNoDelay">> & {
		[TAKEN]?: true;
		readonly encrypted?: boolean;
		/** The present answer, as the HTTP servers of all three runtimes store it. */
		readonly _httpMessage?: ServerResponse | null;
	};

/**
 * Takes the socket of an `upgrade` event from its HTTP server. `bound`: where that server listens. The HTTP server has read
 * the head in `given` and the bytes in `early`. If the socket is gone, only the outcome is reported.
 *
 * Returns false, and does nothing, if the socket was taken before.
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
		// The application may have waited before this call. If the client has ended its half in that time, with nothing after its
		// opening handshake, it is gone.
		const hasEnded = socket.readableEnded;
		if (isGone || (hasEnded && early.length === 0)) {
			// A socket that was ended and still has bytes to send may be reset. There may be no other error listener.
			socket.on("error", () => {});
			if (!isGone) socket.destroy();
			return given.outcome?.ended("the connection to the client has ended");
		}
		// Removes the HTTP server's timeout for idle clients. From now on the timeouts of the endpoint apply.
		socket.setTimeout?.(0);
		socket.setNoDelay?.(true);
		// RFC 6455 §7.1.1: the closing handshake ends with a half-open stream.
		socket.allowHalfOpen = true;
		const place = placeOf(bound, socket.encrypted === true);
		// A stream that is not a system socket gets its chunks from other code, which may keep them.
		const keepsChunks = socket.setNoDelay === undefined;
		const events = attachSocket(socket as NetSocket, place, (stream) => server.attach(stream, given), keepsChunks);
		// The application may have paused the socket before this call.
		socket.resume();
		// This is a copy: the chunk belongs to the HTTP server, and other listeners may read it.
		events.received(new Uint8Array(early));
		// The `end` event comes only once, and it came before.
		if (hasEnded) events.ended();
	});
	return true;
}

// RFC 9112 §9.3.2: "A server that receives … pipelined requests … MUST send the corresponding responses in the same order that
// the requests were received." The HTTP servers emit `upgrade` while earlier requests are unanswered.
function whenAnswered(socket: HttpSocket, then: (isGone: boolean) => void): void {
	if (socket.destroyed || !socket.writable) return then(true);
	const answer = socket._httpMessage ?? null;
	if (answer === null) return then(false);
	// The HTTP servers do not forward `drain` from the socket of an upgrade to the earlier answer, which would wait forever.
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

/** The result of `address()` of a `net.Server`; null or undefined: it does not listen, or this is unknown. */
export type Bound = AddressInfo | string | null | undefined;

/** Converts it to an address. */
export function addressOf(bound: AddressInfo | string): Address {
	return typeof bound === "string" ? { transport: "unix", path: bound } : tcpAddress(bound.address, bound.port);
}

function placeOf(bound: Bound, secure: boolean): Place {
	return bound === null || bound === undefined
		? { local: null, remote: null, secure }
		: acceptedPlace(addressOf(bound), secure);
}
