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
 * Deno loses a connection that is made just when its signal is aborted: it stays open, and nobody has it. So Deno is told this many
 * milliseconds late, and a connection that is made meanwhile is closed. `connect` rejects at once all the same.
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

/** TLS over a dialled connection: `Deno.connectTls` could not be stopped by a signal, and sets no TCP_NODELAY. */
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
