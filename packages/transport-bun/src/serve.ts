import { closeSync, openSync } from "node:fs";
import {
	AcceptFailures,
	type Address,
	acceptedPlace,
	DescriptorWatch,
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
	// Without a descriptor Bun tries again and again to accept, and says nothing.
	const descriptors = new DescriptorWatch(failures, () => closeSync(openSync("/dev/null", "r")), platform);
	const open = (socket: OwnedSocket): void => {
		descriptors.accepted();
		if (secure) handshake(socket, handshakes, accept);
		else accept(socket);
	};
	const { listener, address } = listen(place, hostname, open);
	accepted = acceptedPlace(address, secure);
	return server.listening({
		address,
		async close() {
			listener.stop();
			descriptors.stop();
			handshakes.cutAll();
		},
	});
};

/** What Bun passes to listen(2), whatever one asks for. */
const BACKLOG = 512;

function checkBacklog(backlog: number | undefined): void {
	if (backlog === undefined || backlog === BACKLOG) return;
	throw new UsageError(
		"ERR_OPTION",
		`the option \`backlog\` can't be ${backlog}: Bun always uses ${BACKLOG}; leave it out`,
	);
}

/** The numeric address, as a listener of Bun only knows the name that it was given. */
async function resolved({ hostname, path, task }: ListenPlace): Promise<string> {
	if (path !== null) return "";
	// An address needs no lookup, and Bun's keeps the process alive for a second.
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
	const { port, path, tls: pair } = place;
	const tls = pair !== null && { ...ALPN, key: pem(pair.key), cert: pem(pair.cert) };
	// A half-open stream is what the closing handshake ends with (RFC 6455 §7.1.1).
	const options = { socket: { ...SOCKET_HANDLERS, open }, tls, data: NOBODY, allowHalfOpen: true };
	try {
		if (path !== null)
			return { listener: Bun.listen({ ...options, unix: path }), address: { transport: "unix", path } };
		const listener = Bun.listen({ ...options, hostname, port });
		return { listener, address: tcpAddress(hostname, listener.port) };
	} catch (error) {
		throw listenError(place, error);
	}
}

/** Lets a socket in once its TLS handshake is complete. */
function handshake(
	socket: OwnedSocket,
	handshakes: PendingHandshakes<OwnedSocket>,
	accept: (socket: OwnedSocket) => void,
): void {
	const over = handshakes.begin(socket);
	awaitHandshake(socket, (failure) => {
		over();
		// One that failed is that client's affair: Bun closes its socket.
		if (failure === null) accept(socket);
	});
}

// A Uint8Array of the user's is never over shared memory: its type just cannot say so.
function pem(text: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
	return text as string | Uint8Array<ArrayBuffer>;
}
