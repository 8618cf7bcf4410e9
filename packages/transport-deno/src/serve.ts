import {
	type Address,
	type Attach,
	type ListenPlace,
	listenPlace,
	type ServeOptions,
	Server,
	TransportError,
	type TransportErrorCode,
	transportError,
	unixServerEnds,
	webPlatform,
} from "@barewire/endpoint";
import { socketError } from "./errors.ts";
import { attachConn, closeQuietly } from "./stream.ts";

/**
 * Listens on one port, or one Unix domain socket, for HTTP and WebSocket. Resolves once connections are accepted.
 * Rejects with a `UsageError` (ERR_OPTION) that names a wrong option, or with a `TransportError`.
 */
export async function serve<Data = undefined>(options: ServeOptions<Data>): Promise<Server<Data>> {
	const place = listenPlace(options);
	const server = new Server<Data>(options);
	const listener = listen(place);
	const close = acceptAll(listener, place, (stream) => server.attach(stream));
	return server.listening({ address: address(listener.addr), close });
}

function listen({ hostname, port, path, backlog, tls, task }: ListenPlace): Deno.Listener {
	if (path !== null && tls !== null)
		throw new TransportError("ERR_TLS", `cannot ${task}: Deno has no TLS over Unix domain sockets`);
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

/** How long to wait after an accept that failed: the process has no files left, and some have to be closed first. */
const RETRY_DELAY = 100;

/** Accepts until the returned function is called. */
function acceptAll(listener: Deno.Listener, place: ListenPlace, attach: Attach): () => Promise<void> {
	const secure = place.tls !== null;
	const ends = place.path === null ? null : unixServerEnds(place.path);
	const handshaking = new Set<Deno.Conn>();
	let closed = false;
	const greet = async (conn: Deno.Conn): Promise<void> => {
		// Deno accepts a connection before its TLS handshake, and waits for that for ever.
		handshaking.add(conn);
		const cancel = webPlatform.setTimer(() => closeQuietly(conn), place.handshakeTimeout);
		try {
			await (conn as Deno.TlsConn).handshake();
		} catch {
			// That client's affair.
			return closeQuietly(conn);
		} finally {
			cancel();
			handshaking.delete(conn);
		}
		attachConn(conn, secure, ends, attach);
	};
	const accept = async (): Promise<void> => {
		while (!closed) {
			// The listener was closed, or this is one accept that failed: the listening socket goes on.
			const conn = await listener.accept().catch(() => null);
			if (conn === null) {
				if (!closed) await new Promise<void>((resolve) => webPlatform.setTimer(resolve, RETRY_DELAY));
			} else if (secure) void greet(conn);
			else attachConn(conn, secure, ends, attach);
		}
	};
	void accept();
	return async () => {
		closed = true;
		listener.close();
		for (const conn of handshaking) closeQuietly(conn);
	};
}

function address(bound: Deno.Addr): Address {
	if (bound.transport !== "tcp") return { transport: "unix", path: (bound as Deno.UnixAddr).path };
	return { transport: "tcp", hostname: bound.hostname, port: bound.port };
}

function pem(text: string | Uint8Array): string {
	return typeof text === "string" ? text : new TextDecoder().decode(text);
}
