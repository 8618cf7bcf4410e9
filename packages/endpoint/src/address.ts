import type { Address } from "./stream.ts";

/** What is known of a stream without asking its socket; null: ask the socket. Shared by all streams of a listener. */
export interface Place {
	readonly local: Address | null;
	readonly remote: Address | null;
	/** Whether the connection uses TLS. */
	readonly secure: boolean;
}

/** A client of a Unix domain socket has no path of its own. */
const NO_PATH: Address = { transport: "unix", path: "" };

/** Wildcard bind addresses. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * What a listener with this address knows of its streams: if it is bound to one address, that is the local address of them
 * all.
 */
export function acceptedPlace(bound: Address, secure: boolean): Place {
	if (bound.transport === "unix") return { local: bound, remote: NO_PATH, secure };
	return { local: ANY_ADDRESS.has(bound.hostname) ? null : bound, remote: null, secure };
}

/** What a client knows of its stream before it connects. `path`: of a Unix domain socket, or null. */
export function dialledPlace(path: string | null, secure: boolean): Place {
	return path === null
		? { local: null, remote: null, secure }
		: { local: NO_PATH, remote: { transport: "unix", path }, secure };
}

/** The address of one end of a TCP connection, as the runtime reports it. */
export function tcpAddress(hostname: string | undefined, port: number | undefined): Address {
	return { transport: "tcp", hostname: hostname ?? "", port: port ?? 0 };
}
