import {
	type Attach,
	type Connect,
	type ConnectOptions,
	type DialTarget,
	dialledPlace,
	openSocket,
	type PartsConnectOptions,
} from "@barewire/endpoint";
import type { SocketHandler, TLSOptions } from "bun";
import { socketError, tlsError } from "./errors.ts";
import { platform } from "./platform.ts";
import { attachSocket, type OwnedSocket, SOCKET_HANDLERS, type SocketOwner } from "./stream.ts";
import { ALPN, awaitHandshake, NOBODY } from "./tls.ts";
import { checkVersion } from "./version.ts";

/** `connect` over TCP and Unix domain sockets. */
export const connect: Connect = async <Data>(
	url: string | URL,
	options?: ConnectOptions<Data> | PartsConnectOptions<Data>,
) => {
	checkVersion();
	return openSocket(dial, url, options, platform);
};

function dial(target: DialTarget, attach: Attach, signal: AbortSignal): Promise<void> {
	const { path, secure } = target;
	return new Promise((resolve, reject) => {
		const failed = (error: unknown): void => reject((secure ? tlsError : socketError)(target, error));
		const connected = (socket: OwnedSocket): void => {
			attachSocket(socket, dialledPlace(path, secure), attach);
			resolve();
		};
		const open = (socket: OwnedSocket): void => {
			if (!secure) return connected(socket);
			const abort = (): void => socket.terminate();
			// Bun can't cancel dialling: if `connect` was aborted in the meantime, the socket is dropped now.
			if (signal.aborted) return abort();
			signal.addEventListener("abort", abort, { once: true });
			awaitHandshake(socket, (failure) => {
				signal.removeEventListener("abort", abort);
				if (failure === null) connected(socket);
				else failed(failure);
			});
		};
		dialSocket(target, { ...SOCKET_HANDLERS, open }).catch(failed);
	});
}

/** An IP address in the form of the URL parser: a host name in a URL never has this form. */
const ADDRESS = /:|^[\d.]+$/;

async function dialSocket(
	{ hostname, port, path, secure, ca }: DialTarget,
	socket: SocketHandler<SocketOwner>,
): Promise<void> {
	const tls: TLSOptions | false = secure && {
		...ALPN,
		// RFC 6066 §3: a server name is a name, never an address. The certificate must still be for the address.
		...(ADDRESS.test(hostname) ? { serverName: "" } : null),
		...(ca === null ? null : { ca: [...ca] }),
	};
	const options = { socket, tls, data: NOBODY, allowHalfOpen: true };
	await (path === null ? Bun.connect({ ...options, hostname, port }) : Bun.connect({ ...options, unix: path }));
}
