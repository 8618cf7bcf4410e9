import { connect as connectTcp, isIP, type Socket as NetSocket } from "node:net";
import { connect as connectTls } from "node:tls";
import {
	type Attach,
	type Connect,
	type ConnectOptions,
	type DialTarget,
	dialledPlace,
	openSocket,
	type PartsConnectOptions,
} from "@barewire/endpoint";
import { socketError } from "./errors.ts";
import { platform } from "./platform.ts";
import { attachSocket } from "./stream.ts";

/** `connect` over TCP and Unix domain sockets. */
export const connect: Connect = <Data>(url: string | URL, options?: ConnectOptions<Data> | PartsConnectOptions<Data>) =>
	openSocket(dial, url, options, platform);

function dial(target: DialTarget, attach: Attach, signal: AbortSignal): Promise<void> {
	const { path, secure, task } = target;
	return new Promise((resolve, reject) => {
		const socket = secure ? dialTls(target) : connectTcp(place(target));
		const abort = (): void => void socket.destroy();
		const failed = (error: Error): void => {
			signal.removeEventListener("abort", abort);
			reject(socketError(task, error));
		};
		signal.addEventListener("abort", abort, { once: true });
		socket.once("error", failed);
		socket.once(secure ? "secureConnect" : "connect", () => {
			signal.removeEventListener("abort", abort);
			socket.off("error", failed);
			attachSocket(socket, dialledPlace(path, secure), attach);
			resolve();
		});
	});
}

function dialTls(target: DialTarget): NetSocket {
	const { hostname, ca } = target;
	return connectTls({
		...place(target),
		ALPNProtocols: ["http/1.1"],
		// RFC 6066 §3: a server name is a name, never an address.
		...(isIP(hostname) === 0 ? { servername: hostname } : null),
		...(ca === null ? null : { ca: [...ca] }),
	});
}

function place({ hostname, port, path }: DialTarget) {
	const half = { allowHalfOpen: true, noDelay: true };
	return path === null ? { ...half, host: hostname, port } : { ...half, path };
}
