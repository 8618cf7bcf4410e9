import type { Address } from "@barewire/transport-node";

/** The two ends of a connected socket, as the server sees them. */
export interface Ends {
	readonly local: Address;
	readonly remote: Address;
}

/** "127.0.0.1:8080", or "[::1]:8080". */
export function place(address: Address): string {
	if (address.transport === "unix") return address.path;
	const { hostname, port } = address;
	return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** What tells one connected socket from all others: protocol, local address and port, remote address and port. */
export function fiveTuple({ local, remote }: Ends): string {
	return `tcp ${place(local)} ↔ ${place(remote)}`;
}

/** The machine that the peer is on, as far as the server can tell. */
export function hostOf({ remote }: Pick<Ends, "remote">): string {
	return remote.transport === "tcp" ? remote.hostname : remote.path;
}
