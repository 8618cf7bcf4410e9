import { type Address, tcpAddress } from "@barewire/endpoint";
import type { SocketHandler, SocketListener, TCPSocketListenOptions } from "bun";
import type { SocketOwner } from "./stream.ts";

/** How `Bun.listen` listens on a descriptor, which its types omit. */
type ListenOnDescriptor = (options: {
	readonly socket: SocketHandler<SocketOwner>;
	readonly tls: TCPSocketListenOptions["tls"];
	readonly data: SocketOwner;
	readonly allowHalfOpen: boolean;
	readonly fd: number;
}) => InheritedListener;

/** The listener of `node:net` in Bun asks in this way. A Unix domain socket has no port. */
interface InheritedListener extends SocketListener<SocketOwner> {
	getsockname(into: { address?: string; port?: number }): void;
}

/** Listens on a socket that the process has inherited. */
export function listenInherited(
	options: Omit<Parameters<ListenOnDescriptor>[0], "fd">,
	fd: number,
): { listener: SocketListener<SocketOwner>; address: Address } {
	const listener = (Bun.listen as unknown as ListenOnDescriptor)({ ...options, fd });
	const bound: { address?: string; port?: number } = {};
	listener.getsockname(bound);
	const { address = "", port } = bound;
	return { listener, address: port === undefined ? { transport: "unix", path: address } : tcpAddress(address, port) };
}
