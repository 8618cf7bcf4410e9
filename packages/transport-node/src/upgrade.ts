import type { Server as NetServer } from "node:net";
import type { Duplex } from "node:stream";
import {
	checkUpgradeOptions,
	type IncomingMessage,
	type PartsUpgradeOptions,
	PendingUpgrade,
	Server,
	type Socket,
	type UpgradeOptions,
	UsageError,
} from "@barewire/endpoint";
import { platform } from "./platform.ts";
import { addressOf, headOf, takeOver, type UpgradeRequest } from "./take-over.ts";

export type { UpgradeRequest } from "./take-over.ts";

const TAKEN_BEFORE = "this upgrade was taken before, by an earlier upgrade() or by an attach() that has its path";

/** A socket of an HTTP server has a reference to that server. */
type ServedSocket = Duplex & { readonly server?: Partial<Pick<NetServer, "address">> | null };

/**
 * Takes one upgrade request, for an application that listens for `upgrade` itself: call it with the arguments of that
 * event. It resolves to the open socket, the same one that the handlers get. The `open` handler is called first, then the
 * promise resolves. Messages that the client has sent with its request may reach the `message` handler before the code
 * after `await` runs. Without a `message` handler they wait until the socket is read with `for await`. The promise does not
 * wait for the promise of `open`. After the call the socket belongs to barewire. A client that is refused gets an answer
 * from barewire.
 *
 * It rejects with a `HandshakeError`: ERR_HANDSHAKE_REFUSED if the client has broken a rule, or the origin, a limit or the
 * `upgrade` handler refuses it; ERR_HANDSHAKE_ENDED if the client has gone. You need not catch these. It rejects with a
 * `UsageError` for a wrong option (ERR_OPTION), or for a socket that was taken before (ERR_STATE); then the socket is not
 * touched.
 *
 * Calls with the same options object share one server (`socket.server`), with its limits, topics and stats. So create that
 * object once. After `close()` of the server, clients get 503.
 */
export function upgrade(
	request: UpgradeRequest,
	socket: Duplex,
	head: Uint8Array,
	options: UpgradeOptions,
): Promise<Socket>;
export function upgrade(
	request: UpgradeRequest,
	socket: Duplex,
	head: Uint8Array,
	options: PartsUpgradeOptions,
): Promise<Socket<undefined, IncomingMessage>>;
export function upgrade<Data>(
	request: UpgradeRequest,
	socket: Duplex,
	head: Uint8Array,
	options: UpgradeOptions<Data>,
): Promise<Socket<Data>>;
export function upgrade<Data>(
	request: UpgradeRequest,
	socket: Duplex,
	head: Uint8Array,
	options: PartsUpgradeOptions<Data>,
): Promise<Socket<Data, IncomingMessage>>;
export function upgrade<Data>(
	request: UpgradeRequest,
	socket: ServedSocket,
	head: Uint8Array,
	options: UpgradeOptions<Data> | PartsUpgradeOptions<Data>,
): Promise<Socket<Data, never>> {
	const outcome = new PendingUpgrade<Data>();
	let server: Server<Data, never>;
	try {
		server = serverOf(options);
	} catch (error) {
		return Promise.reject(error);
	}
	const bound = socket.server?.address?.();
	if (bound !== null && bound !== undefined) server.listening({ address: addressOf(bound), async close() {} });
	if (!takeOver(server, { head: headOf(request), outcome }, socket, head, bound))
		return Promise.reject(new UsageError("ERR_STATE", TAKEN_BEFORE));
	// The cast is safe: the options decide the type of the messages.
	return outcome.socket as Promise<Socket<Data, never>>;
}

const serversOfOptions = new WeakMap<object, Server<unknown, never>>();

function serverOf<Data>(options: UpgradeOptions<Data> | PartsUpgradeOptions<Data>): Server<Data, never> {
	// The cast is safe: only calls with the same options object get this server.
	let server = serversOfOptions.get(options) as Server<Data, never> | undefined;
	if (server === undefined) {
		checkUpgradeOptions(options);
		server = new Server<Data, never>(options, platform);
		serversOfOptions.set(options, server as Server<unknown, never>);
	}
	return server;
}
