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

/** What a client trusts. */
export interface ClientTls {
	/** Certificates in PEM of the authorities to trust, instead of the runtime's own (on Deno: besides them). */
	ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
}

/** What `connect` takes besides how messages are received. */
interface ConnectSettings extends CommonOptions {
	/** Subprotocols, in the order of preference. */
	protocols?: readonly string[] | undefined;
	/** Further fields for the opening handshake, such as `authorization` or `cookie`. */
	headers?: HeaderFields | undefined;
	/** The `Origin` field; browsers send one, other clients need none. */
	origin?: string | undefined;
	/** Gives up connecting. A socket that is open already is not touched. */
	signal?: AbortSignal | undefined;
	/** A Unix domain socket to connect to; the URL then only says host and path of the request. */
	path?: string | undefined;
	/** For `wss:`. */
	tls?: ClientTls | undefined;
}

/** `data` can be left out where there may be none. */
type HasData<Data> = undefined extends Data ? { /** Becomes `socket.data`. */ data?: Data } : { data: Data };

/** Everything that `connect` takes. */
export type ConnectOptions<Data = undefined> = ConnectSettings & Omit<ReceivesMessages<Data>, "open"> & HasData<Data>;

/** The same, with messages in parts. */
export type PartsConnectOptions<Data = undefined> = ConnectSettings & Omit<ReceivesParts<Data>, "open"> & HasData<Data>;

/**
 * Opens a WebSocket. Resolves once the opening handshake is complete. Rejects with a `UsageError` for wrong options, a
 * `TransportError` when no stream could be made, a `HandshakeError` when the server did not switch, or the signal's reason.
 */
export interface Connect {
	<Data = undefined>(url: string | URL, options: PartsConnectOptions<Data>): Promise<Socket<Data, IncomingMessage>>;
	<Data = undefined>(url: string | URL, options: ConnectOptions<Data>): Promise<Socket<Data>>;
	(url: string | URL, options?: ConnectOptions): Promise<Socket>;
}

/** Where to dial. */
export interface DialTarget {
	readonly hostname: string;
	readonly port: number;
	readonly secure: boolean;
	/** Set: a Unix domain socket, instead of host name and port. */
	readonly path: string | null;
	/** The authorities to trust, in PEM. null: those that the runtime trusts. */
	readonly ca: readonly string[] | null;
	/** For messages: "connect to example.com:443". */
	readonly task: string;
}

/** The adapter's part: makes a stream, calls `attach` with it at once, or rejects with a `TransportError`. */
export type Dial = (target: DialTarget, attach: Attach, signal: AbortSignal) => Promise<void>;

const TLS_CHECKS: Checks = {
	// Node would take an empty one for none, and trust its own.
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

/** Above a server's: what a client meets is the answer that it has asked for, with cookies and policies of its server. */
const HEAD_LIMITS: Partial<Limits> = { maxHeadSize: 65_536, maxFieldCount: 500, maxLineSize: 32_768 };

/** A server that thinks in the midst of a message, such as one that streams what a model says, is no attack. */
const CLIENT_TIMEOUTS: Partial<Timeouts> = { message: 600_000 };

/**
 * Opens a WebSocket over a stream that `dial` makes. Rejects with a `UsageError`, a `TransportError`, a `HandshakeError`,
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
		// From the dialled stream on, the connection's own timer watches over the handshake.
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
				// Which messages it gives, the options say: `Connect` has the types.
				resolve(socket as Socket<Data, never>);
			},
			failed: (error: Error): void => {
				settle();
				reject(error);
			},
		};
		const attach: Attach = (stream) => {
			try {
				// Who gave up has had an answer, but not everything that dials can be stopped.
				dialling.signal.throwIfAborted();
				const driving = new Driver(context, stream);
				// Without `data`, there may be none: the types of `Connect` see to that.
				new ClientHandshake(driving, request, options.data as Data, outcome);
				driver = driving;
				return driving;
			} catch (error) {
				// That, or a field or a subprotocol that can't be sent: nothing has been written, and the stream is of no use.
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
