import { DEFAULT_TIMEOUTS } from "@barewire/connection";
import { UsageError } from "@barewire/errors";
import type { IncomingMessage } from "./incoming-message.ts";
import {
	type Check,
	type Checks,
	checkOptions,
	DEFAULT_BACKLOG,
	pem,
	SERVER_CHECKS,
	text,
	wholeNumber,
} from "./options.ts";
import type { Server } from "./server.ts";
import type { CommonOptions, PartsServerOptions, ServerOptions } from "./server-options.ts";

/** A server's certificate and its private key, both in PEM: the text itself, not the name of a file. */
export interface ServerTls {
	key: string | Uint8Array;
	/** The certificate, followed by those of the authorities between it and the root. */
	cert: string | Uint8Array;
}

/** Where a server listens. */
export interface ListenOptions {
	/** A host name or an address. Default `127.0.0.1`: this machine only. `0.0.0.0` and `::` mean all addresses. */
	hostname?: string | undefined;
	/** 0: the system chooses the port, and `server.address` has it. */
	port?: number | undefined;
	/** A Unix domain socket instead of host name and port. This is not the path of a URL: use `upgrade` for that. */
	path?: string | undefined;
	/**
	 * A listening socket that the process has inherited, instead of host name and port: the number of its descriptor, or
	 * `"systemd"` for the one that systemd has passed (LISTEN_FDS, LISTEN_PID). Not on Deno.
	 */
	fd?: number | "systemd" | undefined;
	/** How many connections may wait to be accepted. Default 4096; the system may lower it. On Bun it is always 512. */
	backlog?: number | undefined;
	/** Speaks `https:` and `wss:` instead of `http:` and `ws:`. */
	tls?: ServerTls | undefined;
}

/** For a server that gets its streams from other code. */
export type ListensNowhere = { readonly [Name in keyof ListenOptions]?: never };

/** All options of `serve`. */
export type ServeOptions<Data = undefined> = ServerOptions<Data> & ListenOptions;

/** The same, with messages in parts. */
export type PartsServeOptions<Data = undefined> = PartsServerOptions<Data> & ListenOptions;

/**
 * Listens on one port, or one Unix domain socket, for HTTP and WebSocket. Resolves once connections are accepted. Rejects
 * with a `UsageError` (ERR_OPTION) that names a wrong option, or with a `TransportError`.
 *
 * `Data` is the type of `socket.data`: write `serve<Data>`. It is inferred only if `upgrade` has no parameter whose type
 * has to be inferred too.
 */
export interface Serve {
	(options: ServeOptions): Promise<Server>;
	(options: PartsServeOptions): Promise<Server<undefined, IncomingMessage>>;
	<Data>(options: ServeOptions<Data>): Promise<Server<Data>>;
	<Data>(options: PartsServeOptions<Data>): Promise<Server<Data, IncomingMessage>>;
	// Options of either kind. If none fits, TypeScript's error names what the last type of the union lacks: `upgrade`, and not
	// `receive`.
	<Data>(options: PartsServeOptions<Data> | ServeOptions<Data>): Promise<Server<Data, never>>;
}

/** Where to listen, with the defaults filled in. */
export interface ListenPlace {
	readonly hostname: string;
	readonly port: number;
	/** If set: a Unix domain socket, instead of host name and port. */
	readonly path: string | null;
	/** If set: an inherited socket, instead of host name and port. */
	readonly fd: number | "systemd" | null;
	readonly backlog: number;
	readonly tls: ServerTls | null;
	/** How long the TLS handshake of a client may take, in milliseconds. */
	readonly handshakeTimeout: number;
	/** For error messages: "listen on 127.0.0.1:80". */
	readonly task: string;
}

const TLS_CHECKS: Checks = { key: pem, cert: pem };

/** Rejects names that the runtimes would only report as not resolvable, or would handle in different ways. */
const host: Check = (value) => {
	if (typeof value === "string") {
		const name = withoutBrackets(value);
		if (/^[\d.]+$/.test(name) ? IPV4.test(name) : IPV6_OR_NAME.test(name)) return null;
	}
	return "a host name, an IPv4 address such as 127.0.0.1 or an IPv6 address such as ::1, without scheme, port and zone";
};

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** Checks the form only: the system decides whether the address is valid. */
const IPV6_OR_NAME = /^(?:[\da-f.]*:[\da-f.]*:[\da-f.:]*|[^\s:/?#@%[\]]+)$/i;

/** Also accepts an IPv6 address in the form of a URL (RFC 3986 §3.2.2). */
function withoutBrackets(hostname: string): string {
	return hostname.replace(/^\[(.*:.*)\]$/, "$1");
}

const SERVE_CHECKS: Checks = {
	hostname: host,
	port: wholeNumber(0, 65_535),
	path: text,
	fd: (value) =>
		value === "systemd" ? null : wholeNumber(0, 2 ** 31 - 1)(value) && 'the number of a descriptor, or "systemd"',
	backlog: wholeNumber(1, 2 ** 31 - 1),
	tls: (value) => {
		checkOptions(value, TLS_CHECKS, "tls.");
		const { key, cert } = value as Partial<ServerTls>;
		if (key !== undefined && cert !== undefined) return null;
		return `an object with \`key\` and \`cert\` (\`${key === undefined ? "key" : "cert"}\` is missing)`;
	},
	...SERVER_CHECKS,
};

/** Checks all options of `serve`. Throws a `UsageError` (ERR_OPTION) that names the wrong one. */
export function listenPlace(options: ListenOptions & Pick<CommonOptions, "timeouts">): ListenPlace {
	checkOptions(options, SERVE_CHECKS);
	const { port, path, fd, backlog = DEFAULT_BACKLOG, tls = null } = options;
	const places = [port, path, fd].filter((place) => place !== undefined);
	if (places.length !== 1)
		throw new UsageError(
			"ERR_OPTION",
			"give one of the options `port` (0 lets the system choose), `path` (a Unix domain socket; the path of a URL is for `upgrade` to look at) and `fd` (an inherited socket)",
		);
	if (path !== undefined && options.hostname !== undefined)
		throw new UsageError("ERR_OPTION", "the options `path` and `hostname` exclude each other");
	if (fd !== undefined) requireInheritedOnly(options);
	const hostname = withoutBrackets(options.hostname ?? "127.0.0.1");
	const inherited = fd === "systemd" ? "the socket of systemd" : `descriptor ${fd}`;
	const task = `listen on ${fd === undefined ? (path ?? authority(hostname, port ?? 0)) : inherited}`;
	const handshakeTimeout = options.timeouts?.handshake ?? DEFAULT_TIMEOUTS.handshake;
	return { hostname, port: port ?? 0, path: path ?? null, fd: fd ?? null, backlog, tls, handshakeTimeout, task };
}

/** Whoever has made the socket has chosen its address and its queue. */
function requireInheritedOnly({ hostname, backlog }: ListenOptions): void {
	const other = hostname !== undefined ? "hostname" : backlog !== undefined ? "backlog" : null;
	if (other !== null) throw new UsageError("ERR_OPTION", `the options \`fd\` and \`${other}\` exclude each other`);
}

/** Host name and port in the form of a URL (RFC 3986 §3.2). */
export function authority(hostname: string, port: number): string {
	return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
