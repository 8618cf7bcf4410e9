import { UsageError } from "@barewire/errors";
import { fieldLines, type HeaderFields } from "./accept.ts";
import { ClientHandshake } from "./client-handshake.ts";
import { Context } from "./context.ts";
import { Driver } from "./driver.ts";
import type { ReceivesMessages, ReceivesParts, SocketHandlers } from "./handlers.ts";
import type { IncomingMessage } from "./incoming-message.ts";
import { authority } from "./listen-options.ts";
import { anything, type Checks, COMMON_CHECKS, checkOptions, list, pem, text, withoutUndefined } from "./options.ts";
import { type Platform, setDeadline, webPlatform } from "./platform.ts";
import type { CommonOptions, Limits, Timeouts } from "./server-options.ts";
import type { Socket } from "./socket.ts";
import type { Attach } from "./stream.ts";
import { transportError } from "./transport-error.ts";
import { parseWebSocketUrl } from "./url.ts";

/** What a TLS client trusts. */
export interface ClientTls {
	/** Certificates in PEM of the trusted authorities, instead of the runtime's own (on Deno: in addition to them). */
	ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
}

/** The options of `connect` except how messages are received. */
interface ConnectSettings extends CommonOptions {
	/** Subprotocols, in order of preference. */
	protocols?: readonly string[] | undefined;
	/** Additional fields for the opening handshake, such as `authorization` or `cookie`. */
	headers?: HeaderFields | undefined;
	/** The `Origin` field. Browsers send it; other clients do not need it. */
	origin?: string | undefined;
	/** Aborts connecting. It does not affect a socket that is open already. */
	signal?: AbortSignal | undefined;
	/** A Unix domain socket to connect to. The URL then only gives the host and path of the request. */
	path?: string | undefined;
	/** TLS options for `wss:`. */
	tls?: ClientTls | undefined;
}

/** `data` may be omitted if `Data` may be undefined. */
type HasData<Data> = undefined extends Data ? { /** Becomes `socket.data`. */ data?: Data } : { data: Data };

/** All options of `connect`. */
export type ConnectOptions<Data = undefined> = ConnectSettings & Omit<ReceivesMessages<Data>, "open"> & HasData<Data>;

/** The same, with messages in parts. */
export type PartsConnectOptions<Data = undefined> = ConnectSettings & Omit<ReceivesParts<Data>, "open"> & HasData<Data>;

/**
 * Opens a WebSocket. Resolves when the opening handshake is complete. Rejects with a `UsageError` for wrong options, a
 * `TransportError` when no stream could be opened, a `HandshakeError` when the opening handshake failed, or the signal's
 * reason.
 */
export interface Connect {
	<Data = undefined>(url: string | URL, options: PartsConnectOptions<Data>): Promise<Socket<Data, IncomingMessage>>;
	<Data = undefined>(url: string | URL, options: ConnectOptions<Data>): Promise<Socket<Data>>;
	(url: string | URL, options?: ConnectOptions): Promise<Socket>;
}

/** The address to connect to. */
export interface DialTarget {
	readonly hostname: string;
	readonly port: number;
	readonly secure: boolean;
	/** If set: a Unix domain socket, instead of host name and port. */
	readonly path: string | null;
	/** The trusted authorities, in PEM. null: those that the runtime trusts. */
	readonly ca: readonly string[] | null;
	/** For error messages: "connect to example.com:443". */
	readonly task: string;
}

/** Implemented by the adapter: opens a stream and calls `attach` with it at once, or rejects with a `TransportError`. */
export type Dial = (target: DialTarget, attach: Attach, signal: AbortSignal) => Promise<void>;

const TLS_CHECKS: Checks = {
	// Node would treat an empty value as missing, and trust its own authorities.
	ca: (value) =>
		[value].flat().every((item) => pem(item) === null && (item as string | Uint8Array).length > 0)
			? null
			: "a string or a Uint8Array in PEM that is not empty, or an array of such",
};

function texts(ca: NonNullable<ClientTls["ca"]>): string[] {
	return [ca].flat().map((each) => (typeof each === "string" ? each : new TextDecoder().decode(each)));
}

const CONNECT_CHECKS: Checks = {
	...COMMON_CHECKS,
	protocols: list,
	headers: anything,
	origin: text,
	data: anything,
	signal: (value) => (value instanceof AbortSignal ? null : "an AbortSignal"),
	path: text,
	tls: (value) => {
		checkOptions(value, TLS_CHECKS, "tls.");
		return null;
	},
};

/**
 * Higher than a server's limits: a client receives an answer that it has asked for, with the cookies and policies of its
 * server.
 */
const HEAD_LIMITS: Partial<Limits> = { maxHeadSize: 65_536, maxFieldCount: 500, maxLineSize: 32_768 };

/** A server may pause within a message, for example while it streams the output of a language model. That is not an attack. */
const CLIENT_TIMEOUTS: Partial<Timeouts> = { message: 600_000 };

/**
 * Opens a WebSocket over a stream that `dial` opens. Rejects with a `UsageError`, a `TransportError`, a `HandshakeError`,
 * or the signal's reason.
 */
export async function openSocket<Data>(
	dial: Dial,
	url: string | URL,
	options: ConnectSettings & (ReceivesMessages<Data> | ReceivesParts<Data>) & { data?: Data } = {},
	platform: Platform = webPlatform,
): Promise<Socket<Data, never>> {
	checkOptions(options, CONNECT_CHECKS);
	const parsed = parseWebSocketUrl(String(url));
	if (!parsed.ok) throw new UsageError("ERR_URL", parsed.message);
	const { protocols, headers, origin, signal = null, path = null, tls = {} } = options;
	signal?.throwIfAborted();
	const fields = fieldLines(headers);
	const limits = { ...HEAD_LIMITS, ...withoutUndefined(options.limits ?? {}) };
	const timeouts = { ...CLIENT_TIMEOUTS, ...withoutUndefined(options.timeouts ?? {}) };
	const context = new Context<Data>(platform, { ...options, limits, timeouts }, options as SocketHandlers<Data>);
	const request = {
		host: parsed.host,
		target: parsed.target,
		fields,
		...(protocols === undefined ? null : { protocols }),
		...(origin === undefined ? null : { origin }),
	};
	const task = `connect to ${path ?? authority(parsed.hostname, parsed.port)}`;
	return new Promise<Socket<Data, never>>((resolve, reject) => {
		let driver: Driver<Data> | null = null;
		const dialling = new AbortController();
		const give = (up: unknown): void => {
			settle();
			dialling.abort(up);
			driver?.owner.terminate();
			reject(up);
		};
		const abort = (): void => give(signal?.reason);
		// Once there is a stream, the connection's own timer limits the opening handshake.
		const tooLate = (): void => {
			if (driver === null) give(transportError("ERR_CONNECTION_TIMED_OUT", task));
		};
		const cancelTimer = setDeadline(platform, tooLate, context.settings.timeouts.handshake);
		const settle = (): void => {
			cancelTimer();
			signal?.removeEventListener("abort", abort);
		};
		signal?.addEventListener("abort", abort, { once: true });
		const outcome = {
			opened: (socket: Socket<Data>): void => {
				settle();
				// The cast is safe: the options decide the type of the messages, and `Connect` has the types.
				resolve(socket as Socket<Data, never>);
			},
			failed: (error: Error): void => {
				settle();
				reject(error);
			},
		};
		const attach: Attach = (stream) => {
			try {
				// The caller's promise was rejected already, but some dialling can't be stopped.
				dialling.signal.throwIfAborted();
				const driving = new Driver(context, stream);
				// The cast is safe: the types of `Connect` allow no `data` only if `Data` may be undefined.
				new ClientHandshake(driving, request, options.data as Data, outcome);
				driver = driving;
				return driving;
			} catch (error) {
				// Connecting was aborted, or a field or a subprotocol can't be sent: nothing has been written, and the stream is not
				// needed.
				stream.destroy();
				outcome.failed(error as Error);
				return IGNORED;
			}
		};
		const { hostname, port, secure } = parsed;
		const ca = tls.ca === undefined ? null : texts(tls.ca);
		dial({ hostname, port, secure, path, ca, task }, attach, dialling.signal).catch(outcome.failed);
	});
}

const IGNORED = { received(): void {}, ended(): void {}, drained(): void {}, closed(): void {} };
