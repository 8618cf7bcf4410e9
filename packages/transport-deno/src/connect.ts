import {
	type Attach,
	type Connect,
	type ConnectOptions,
	type DialTarget,
	dialledPlace,
	openSocket,
	type PartsConnectOptions,
	UsageError,
} from "@barewire/endpoint";
import { socketError } from "./errors.ts";
import { platform } from "./platform.ts";
import { attachConn, closeQuietly } from "./stream.ts";

/** `connect` over TCP and Unix domain sockets. */
export const connect: Connect = <Data>(url: string | URL, options?: ConnectOptions<Data> | PartsConnectOptions<Data>) =>
	openSocket(dial, url, options, platform);

/**
 * If the signal is aborted at the moment when a connection is made, Deno loses the connection: it stays open, and no code
 * has it. So the signal for Deno is aborted this many milliseconds later, and a connection that is made in between is
 * closed. `connect` still rejects at once.
 */
const ABORT_DELAY = 1_000;

async function dial(target: DialTarget, attach: Attach, signal: AbortSignal): Promise<void> {
	const { hostname, port, path, secure, task } = target;
	if (path !== null && secure)
		throw new UsageError(
			"ERR_OPTION",
			"the option `path` and `wss:` exclude each other: Deno has no TLS over Unix sockets",
		);
	let conn: Deno.Conn;
	try {
		if (path !== null) conn = await Deno.connect({ transport: "unix", path });
		else conn = await connectTcp(hostname, port, signal);
		if (secure) conn = await encrypt(conn as Deno.TcpConn, target, signal);
	} catch (error) {
		throw socketError(task, error);
	}
	attachConn(conn, dialledPlace(path, secure), attach);
}

async function connectTcp(hostname: string, port: number, signal: AbortSignal): Promise<Deno.TcpConn> {
	const late = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const abort = (): void => {
		timer = setTimeout(() => late.abort(signal.reason), ABORT_DELAY);
	};
	signal.addEventListener("abort", abort, { once: true });
	try {
		return await Deno.connect({ hostname, port, signal: late.signal });
	} finally {
		signal.removeEventListener("abort", abort);
		clearTimeout(timer);
	}
}

/** Starts TLS on a TCP connection. `Deno.connectTls` can't be cancelled by a signal, and does not set TCP_NODELAY. */
async function encrypt(tcp: Deno.TcpConn, target: DialTarget, signal: AbortSignal): Promise<Deno.TlsConn> {
	const { hostname, ca } = target;
	let conn: Deno.Conn = tcp;
	const abort = (): void => closeQuietly(conn);
	signal.addEventListener("abort", abort, { once: true });
	try {
		tcp.setNoDelay(true);
		const caCerts = [...(ca ?? [])];
		const secured = await Deno.startTls(tcp, { hostname, caCerts, alpnProtocols: ["http/1.1"] });
		conn = secured;
		signal.throwIfAborted();
		await secured.handshake();
		return secured;
	} catch (error) {
		closeQuietly(conn);
		throw error;
	} finally {
		signal.removeEventListener("abort", abort);
	}
}
