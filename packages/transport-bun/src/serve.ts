import { closeSync, openSync } from "node:fs";
import { env, pid } from "node:process";
import {
	AcceptFailures,
	AcceptQueue,
	type Address,
	acceptedPlace,
	DescriptorWatch,
	inheritedDescriptor,
	type ListenPlace,
	listenPlace,
	type PartsServeOptions,
	PendingHandshakes,
	type Place,
	type Serve,
	type ServeOptions,
	Server,
	tcpAddress,
	transportError,
	UsageError,
} from "@barewire/endpoint";
import type { SocketListener } from "bun";
import { listenError } from "./errors.ts";
import { listenInherited } from "./inherited.ts";
import { platform } from "./platform.ts";
import { attachSocket, type OwnedSocket, SOCKET_HANDLERS, type SocketOwner } from "./stream.ts";
import { ALPN, awaitHandshake, NOBODY } from "./tls.ts";
import { checkVersion } from "./version.ts";

/** `serve` over TCP and Unix domain sockets. */
export const serve: Serve = async <Data>(options: ServeOptions<Data> | PartsServeOptions<Data>) => {
	checkVersion();
	const place = listenPlace(options);
	checkBacklog(options.backlog);
	const server = new Server<Data, never>(options, platform);
	const hostname = await resolved(place);
	const secure = place.tls !== null;
	const handshakes = new PendingHandshakes<OwnedSocket>(place.handshakeTimeout, (socket) => void socket.end());
	let accepted: Place = { local: null, remote: null, secure };
	const accept = (socket: OwnedSocket): void => attachSocket(socket, accepted, (stream) => server.attach(stream));
	const failures = new AcceptFailures((error) => server.report(error), platform);
	// Without a free descriptor, Bun repeats the accept and reports nothing.
	const descriptors = new DescriptorWatch(failures, () => closeSync(openSync("/dev/null", "r")), platform);
	const queue = new AcceptQueue(platform, () => !handshakes.isEmpty);
	const open = (socket: OwnedSocket): void => {
		descriptors.accepted();
		queue.accepted();
		if (secure) handshake(socket, handshakes, accept);
		else accept(socket);
	};
	const { listener, address } = listen(place, hostname, open);
	accepted = acceptedPlace(address, secure);
	return server.listening({
		address,
		emptied: () => queue.emptied(),
		async close() {
			listener.stop();
			descriptors.stop();
			handshakes.cutAll();
		},
	});
};

/** The backlog that Bun passes to listen(2), whatever is requested. */
const BACKLOG = 512;

function checkBacklog(backlog: number | undefined): void {
	if (backlog === undefined || backlog === BACKLOG) return;
	throw new UsageError(
		"ERR_OPTION",
		`the option \`backlog\` can't be ${backlog}: Bun always uses ${BACKLOG}; leave it out`,
	);
}

/** The numeric address. It is needed because a listener of Bun only knows the name that it was given. */
async function resolved({ hostname, path, fd, task }: ListenPlace): Promise<string> {
	if (path !== null || fd !== null) return "";
	// An address needs no lookup, and Bun's lookup keeps the process alive for a second.
	if (/^[\d.]+$|:/.test(hostname)) return hostname;
	try {
		const [first] = await Bun.dns.lookup(hostname);
		return first.address;
	} catch (error) {
		throw transportError("ERR_NAME_NOT_RESOLVED", task, error);
	}
}

function listen(
	place: ListenPlace,
	hostname: string,
	open: (socket: OwnedSocket) => void,
): { listener: SocketListener<SocketOwner>; address: Address } {
	const { port, path, fd, tls: pair } = place;
	const tls = pair !== null && { ...ALPN, key: pem(pair.key), cert: pem(pair.cert) };
	// The closing handshake ends with a half-open stream (RFC 6455 §7.1.1).
	const options = { socket: { ...SOCKET_HANDLERS, open }, tls, data: NOBODY, allowHalfOpen: true };
	const descriptor = fd === null ? null : inheritedDescriptor(fd, env, pid);
	try {
		if (descriptor !== null) return listenInherited(options, descriptor);
		if (path !== null)
			return { listener: Bun.listen({ ...options, unix: path }), address: { transport: "unix", path } };
		const listener = Bun.listen({ ...options, hostname, port });
		return { listener, address: tcpAddress(hostname, listener.port) };
	} catch (error) {
		throw listenError(place, error);
	}
}

/** Accepts a socket when its TLS handshake is complete. */
function handshake(
	socket: OwnedSocket,
	handshakes: PendingHandshakes<OwnedSocket>,
	accept: (socket: OwnedSocket) => void,
): void {
	const over = handshakes.begin(socket);
	awaitHandshake(socket, (failure) => {
		over();
		// A failed handshake is the client's problem: Bun closes its socket.
		if (failure === null) accept(socket);
	});
}

// The cast is safe: a Uint8Array of the user is never over shared memory. Its type can't express that.
function pem(text: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
	return text as string | Uint8Array<ArrayBuffer>;
}
