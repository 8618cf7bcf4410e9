import {
	ACCEPT_CONNECTION,
	AcceptFailures,
	AcceptQueue,
	type Address,
	type Attach,
	acceptedPlace,
	type Listener,
	type ListenPlace,
	listenPlace,
	type PartsServeOptions,
	PendingHandshakes,
	type Serve,
	type ServeOptions,
	Server,
	type TransportErrorCode,
	tcpAddress,
	transportError,
	UsageError,
} from "@barewire/endpoint";
import { socketError } from "./errors.ts";
import { platform } from "./platform.ts";
import { attachConn, closeQuietly } from "./stream.ts";

/** `serve` over TCP and Unix domain sockets. */
export const serve: Serve = async <Data>(options: ServeOptions<Data> | PartsServeOptions<Data>) => {
	const place = listenPlace(options);
	const server = new Server<Data, never>(options, platform);
	const listener = listen(place);
	const failures = new AcceptFailures((error) => server.report(error), platform);
	const accepting = acceptAll(listener, place, failures, (stream) => server.attach(stream));
	return server.listening({ address: address(listener.addr), ...accepting });
};

function listen({ hostname, port, path, fd, backlog, tls, task }: ListenPlace): Deno.Listener {
	if (fd !== null)
		throw new UsageError(
			"ERR_OPTION",
			"the option `fd` can't be used on Deno, which can't listen on an inherited descriptor: use `port` or `path`, or the adapter of another runtime",
		);
	if (path !== null && tls !== null)
		throw new UsageError(
			"ERR_OPTION",
			"the options `path` and `tls` exclude each other: Deno has no TLS over Unix sockets",
		);
	try {
		if (path !== null) return Deno.listen({ transport: "unix", path });
		const tcp = { hostname, port, tcpBacklog: backlog };
		if (tls === null) return Deno.listen(tcp);
		return Deno.listenTls({ ...tcp, key: pem(tls.key), cert: pem(tls.cert), alpnProtocols: ["http/1.1"] });
	} catch (cause) {
		const error = socketError(task, cause);
		// No TLS handshake has begun yet: an error of TLS here is about the key or the certificate.
		throw tls !== null && ABOUT_KEYS.has(error.code) ? transportError("ERR_TLS_KEY", task, cause) : error;
	}
}

/** Deno's errors about keys: invalid data, or an error without a name when key and certificate do not belong together. */
const ABOUT_KEYS: ReadonlySet<TransportErrorCode> = new Set(["ERR_TLS", "ERR_TRANSPORT"]);

/**
 * Milliseconds to wait when no connection can be accepted: the process has no descriptors left, and some have to be closed
 * first.
 */
const RETRY_DELAY = 100;

/** Accepts until it is closed. */
function acceptAll(
	listener: Deno.Listener,
	place: ListenPlace,
	failures: AcceptFailures,
	attach: Attach,
): Pick<Listener, "close"> & Required<Pick<Listener, "emptied">> {
	const secure = place.tls !== null;
	const accepted = acceptedPlace(address(listener.addr), secure);
	// Deno continues to wait for a handshake even after close(). So this releases only our part of the connection; Deno keeps the
	// socket until the client acts.
	const handshakes = new PendingHandshakes<Deno.Conn>(place.handshakeTimeout, closeQuietly, platform);
	const queue = new AcceptQueue(platform, () => !handshakes.isEmpty);
	let closed = false;
	// Deno accepts a connection before its TLS handshake, and waits for the handshake without a limit.
	const greet = async (conn: Deno.Conn): Promise<void> => {
		const over = handshakes.begin(conn);
		try {
			await (conn as Deno.TlsConn).handshake();
		} catch {
			// A failed handshake is the client's problem.
			return closeQuietly(conn);
		} finally {
			over();
		}
		attachConn(conn, accepted, attach);
	};
	const accepting = (async (): Promise<void> => {
		for (;;) {
			let conn: Deno.Conn;
			try {
				conn = await listener.accept();
			} catch (cause) {
				if (closed) return;
				const error = socketError(ACCEPT_CONNECTION, cause);
				// The client was gone before it was accepted: the next one can be accepted at once.
				if (error.code === "ERR_CONNECTION_RESET") continue;
				// Deno 2.9 can abort the process when it creates a stack trace while no descriptor is left, and printing the error
				// creates one.
				(cause as Error).stack = String(cause);
				failures.failed(error);
				await new Promise<void>((resolve) => platform.setTimer(resolve, RETRY_DELAY));
				continue;
			}
			queue.accepted();
			if (secure) void greet(conn);
			else attachConn(conn, accepted, attach);
		}
	})();
	return {
		emptied: () => queue.emptied(),
		close() {
			closed = true;
			listener.close();
			handshakes.cutAll();
			// The address is free when the pending accept has failed.
			return accepting;
		},
	};
}

function address(bound: Deno.Addr): Address {
	if (bound.transport !== "tcp") return { transport: "unix", path: (bound as Deno.UnixAddr).path };
	return tcpAddress(bound.hostname, bound.port);
}

function pem(text: string | Uint8Array): string {
	return typeof text === "string" ? text : new TextDecoder().decode(text);
}
