import { closeSync, existsSync, openSync } from "node:fs";
import { createServer, type ListenOptions, type Server as NetServer, type Socket } from "node:net";
import { devNull } from "node:os";
import { dirname } from "node:path";
import { env, pid } from "node:process";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import {
	ACCEPT_CONNECTION,
	AcceptFailures,
	AcceptQueue,
	type Address,
	acceptedPlace,
	DescriptorWatch,
	inheritedDescriptor,
	type ListenPlace,
	listenPlace,
	type PartsServeOptions,
	type Place,
	type Serve,
	type ServeOptions,
	Server,
	tcpAddress,
	transportError,
} from "@barewire/endpoint";
import { socketError } from "./errors.ts";
import { platform } from "./platform.ts";
import { attachSocket } from "./stream.ts";

/** `serve` over TCP and Unix domain sockets. */
export const serve: Serve = async <Data>(options: ServeOptions<Data> | PartsServeOptions<Data>) => {
	const place = listenPlace(options);
	const server = new Server<Data, never>(options, platform);
	const secure = place.tls !== null;
	let accepted: Place = { local: null, remote: null, secure };
	const accept = (socket: Socket): void => {
		attachSocket(socket, accepted, (stream) => server.attach(stream));
	};
	const handshakes = new Set<Socket>();
	const listening = listener(place, handshakes, accept);
	await listen(listening, place);
	const failures = new AcceptFailures((error) => server.report(error), platform);
	// Without a free descriptor, libuv closes the waiting connections and reports nothing.
	const descriptors = new DescriptorWatch(failures, () => closeSync(openSync(devNull, "r")), platform);
	const queue = new AcceptQueue(platform, () => handshakes.size > 0);
	listening.on("connection", () => {
		descriptors.accepted();
		queue.accepted();
	});
	// After the server listens, an error means one failed accept: the listening socket continues.
	listening.on("error", (error) => failures.failed(socketError(ACCEPT_CONNECTION, error)));
	const bound = address(listening, place);
	accepted = acceptedPlace(bound, secure);
	return server.listening({
		address: bound,
		emptied: () => queue.emptied(),
		async close() {
			listening.close();
			descriptors.stop();
			// These are not connections of the endpoint yet, and Node would wait for them.
			for (const socket of [...handshakes]) socket.destroy();
		},
	});
};

// The closing handshake ends with a half-open stream (RFC 6455 §7.1.1). `noDelay` is set because the endpoint already makes one
// write of each batch.
const SOCKETS = { allowHalfOpen: true, noDelay: true };

/** A TLS socket with its underlying TCP socket, which Node's types omit. */
type SecureSocket = TLSSocket & { readonly _parent: Socket };

/** `handshakes`: the TCP sockets whose TLS handshake is not complete. */
function listener(
	{ tls, handshakeTimeout, task }: ListenPlace,
	handshakes: Set<Socket>,
	accept: (socket: Socket) => void,
): NetServer {
	if (tls === null) return createServer(SOCKETS, accept);
	const { key, cert } = tls;
	try {
		// Node treats empty values as absent, and then no handshake succeeds.
		if (key.length === 0 || cert.length === 0) throw new Error("the key or the certificate is empty");
		const secure = {
			key: bytes(key),
			cert: bytes(cert),
			ALPNProtocols: ["http/1.1"],
			// Node replaces 0 by its own default, and does not accept Infinity.
			handshakeTimeout: Math.min(handshakeTimeout, 2 ** 31 - 1),
		};
		const server = createTlsServer({ ...SOCKETS, ...secure }, (socket) => {
			handshakes.delete((socket as SecureSocket)._parent);
			accept(socket);
		});
		server.on("connection", (socket) => handshakes.add(socket));
		// A TLS handshake that failed, or was not complete in time, is the client's problem. Node leaves the socket open.
		return server.on("tlsClientError", (_error, socket) => {
			handshakes.delete((socket as SecureSocket)._parent);
			socket.destroy();
		});
	} catch (error) {
		throw transportError("ERR_TLS_KEY", task, error);
	}
}

function listen(server: NetServer, place: ListenPlace): Promise<void> {
	const { path, fd, task } = place;
	// Node's types have no `fd` here.
	const options = target(place) as ListenOptions;
	return new Promise((resolve, reject) => {
		server.once("error", (error) => {
			// libuv reports a folder that does not exist (ENOENT) as a missing permission (EACCES).
			const isMissing = path !== null && !existsSync(dirname(path));
			// About a descriptor that is not a listening socket, Node says the same as about a path.
			if (fd !== null) reject(transportError("ERR_TRANSPORT", task, error));
			else reject(isMissing ? transportError("ERR_PATH", task, error) : socketError(task, error));
		});
		server.listen(options, () => {
			server.removeAllListeners("error");
			resolve();
		});
	});
}

function target({ hostname, port, path, fd, backlog }: ListenPlace): ListenOptions | { readonly fd: number } {
	if (fd !== null) return { fd: inheritedDescriptor(fd, env, pid) };
	return path === null ? { host: hostname, port, backlog } : { path, backlog };
}

function address(server: NetServer, { path }: ListenPlace): Address {
	const bound = server.address();
	return bound === null || typeof bound === "string"
		? { transport: "unix", path: path ?? bound ?? "" }
		: tcpAddress(bound.address, bound.port);
}

function bytes(pem: string | Uint8Array): string | Buffer {
	return typeof pem === "string" ? pem : Buffer.from(pem);
}
