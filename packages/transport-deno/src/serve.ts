import {
	ACCEPT_CONNECTION,
	AcceptFailures,
	type Address,
	type Attach,
	acceptedPlace,
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
	const close = acceptAll(listener, place, failures, (stream) => server.attach(stream));
	return server.listening({ address: address(listener.addr), close });
};

function listen({ hostname, port, path, backlog, tls, task }: ListenPlace): Deno.Listener {
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
		// Nobody has shaken hands yet: what TLS finds wrong here is the key or the certificate.
		throw tls !== null && ABOUT_KEYS.has(error.code) ? transportError("ERR_TLS_KEY", task, cause) : error;
	}
}

/** What Deno's complaints about keys look like: invalid data, or an error without a name when they don't belong together. */
const ABOUT_KEYS: ReadonlySet<TransportErrorCode> = new Set(["ERR_TLS", "ERR_TRANSPORT"]);

/** How long to wait when nothing can be accepted: the process has no files left, and some have to be closed first. */
const RETRY_DELAY = 100;

/** Accepts until the returned function is called. */
function acceptAll(
	listener: Deno.Listener,
	place: ListenPlace,
	failures: AcceptFailures,
	attach: Attach,
): () => Promise<void> {
	const secure = place.tls !== null;
	const accepted = acceptedPlace(address(listener.addr), secure);
	// Deno goes on waiting for a handshake even after close(), so what is cut off here is all that we hold of the
	// connection; Deno keeps the socket until the client acts.
	const handshakes = new PendingHandshakes<Deno.Conn>(place.handshakeTimeout, closeQuietly, platform);
	let closed = false;
	// Deno accepts a connection before its TLS handshake, and waits for that for ever.
	const greet = async (conn: Deno.Conn): Promise<void> => {
		const over = handshakes.begin(conn);
		try {
			await (conn as Deno.TlsConn).handshake();
		} catch {
			// That client's affair.
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
				// A client that was gone before it was accepted: the next one is there already.
				if (error.code === "ERR_CONNECTION_RESET") continue;
				// Deno 2.9 can abort the process when it makes a stack trace without a descriptor left, and who prints the
				// error asks for one.
				(cause as Error).stack = String(cause);
				failures.failed(error);
				await new Promise<void>((resolve) => platform.setTimer(resolve, RETRY_DELAY));
				continue;
			}
			if (secure) void greet(conn);
			else attachConn(conn, accepted, attach);
		}
	})();
	return () => {
		closed = true;
		listener.close();
		handshakes.cutAll();
		// The address is free once the accept under way has failed.
		return accepting;
	};
}

function address(bound: Deno.Addr): Address {
	if (bound.transport !== "tcp") return { transport: "unix", path: (bound as Deno.UnixAddr).path };
	return tcpAddress(bound.hostname, bound.port);
}

function pem(text: string | Uint8Array): string {
	return typeof text === "string" ? text : new TextDecoder().decode(text);
}
