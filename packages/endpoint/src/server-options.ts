import type { ConnectionOptions, Timeouts as ConnectionTimeouts, KeepAlive, Rates } from "@barewire/connection";
import type { FramingLimits } from "@barewire/framing";
import type { HttpLimits } from "@barewire/http1";
import type { Accepted } from "./accept.ts";
import type { AdmissionLimits } from "./admission.ts";
import type { Backplane, Gap } from "./backplane/backplane.ts";
import type { TrustedProxies } from "./client-address.ts";
import type { CompressionOptions } from "./compression.ts";
import type { Anything, ReceivesMessages, ReceivesParts } from "./handlers.ts";
import type { Observe } from "./observe.ts";
import type { SlowPolicy } from "./publish.ts";
import type { Some } from "./some.ts";
import type { Address } from "./stream.ts";

/** The connection that a request came on: the five-tuple is TCP, `local` and `remote`. */
export interface ConnectionInfo {
	readonly local: Address;
	readonly remote: Address;
	/** Whether this hop is TLS. */
	readonly secure: boolean;
	/**
	 * The client's IP address: that of `remote`, or the one that `trustedProxies` report. IPv6 is written as in RFC 5952; an
	 * IPv4-mapped address as IPv4. "": there is none, for example over a Unix domain socket.
	 */
	readonly client: string;
}

/** How an application handles requests. */
export interface RequestHandlers<Data> {
	/** Answers an ordinary HTTP request. Without it, such requests get 426. */
	fetch?: ((request: Request, info: ConnectionInfo) => Response | Promise<Response>) | undefined;
	/**
	 * Decides on an opening handshake before the 101: `accept(…)` lets the client in, any `Response` refuses it. Without it,
	 * every client whose origin is allowed is let in.
	 */
	upgrade?:
		| ((request: Request, info: ConnectionInfo) => Accepted<Data> | Response | Promise<Accepted<Data> | Response>)
		| undefined;
}

/** Limits on what is received, and on what may wait. */
export interface Limits extends FramingLimits, HttpLimits, Rates {
	/**
	 * Bytes of waiting output above which `send` returns false. Less than `maxBufferedBytes`, or Infinity. Default 64 KiB, or
	 * half of `maxBufferedBytes` if that is less.
	 */
	readonly highWaterMark: number;
	/**
	 * Bytes that one connection may hold: what was received and is not taken, and what was sent and has not left. Default 64
	 * MiB, or 1 MiB more than twice `maxMessageSize` if that is more. A `send` that would exceed the limit throws
	 * (ERR_BUFFER_FULL). If the received bytes exceed it, reading stops until less is held.
	 */
	readonly maxBufferedBytes: number;
}

/** The limits of a server. */
export interface ServerLimits extends Limits, AdmissionLimits {
	/** Bytes that all connections may hold together. Default 512 MiB. */
	readonly maxServerBytes: number;
}

/** All in milliseconds; Infinity: never. */
export interface Timeouts extends ConnectionTimeouts {
	/**
	 * Time in which a peer must take some of the output that waits for it, of HTTP or WebSocket. Then the connection is cut.
	 * Default 300,000.
	 */
	readonly stalled: number;
}

/** Options of both roles. */
export interface CommonOptions extends Some<Pick<ConnectionOptions, "serverExtensions" | "clientExtensions">> {
	limits?: Some<Limits> | undefined;
	/** Milliseconds; Infinity: never. */
	timeouts?: Some<Timeouts> | undefined;
	/** Keepalive pings; false: none. */
	keepAlive?: Some<KeepAlive> | false | undefined;
	/** Compresses messages (permessage-deflate, RFC 7692) with peers that support it. Default false. */
	compression?: boolean | CompressionOptions | undefined;
}

/** The options of `serve` except where to listen and how messages are received. */
export interface ServerSettings<Data> extends CommonOptions, RequestHandlers<Data> {
	limits?: Some<ServerLimits> | undefined;
	/**
	 * The origins of pages that may connect. `"same-origin"` (the default): pages of this server; a list: pages of these
	 * origins (`"https://example.com"`); `"any"`: all pages. Behind a proxy that ends TLS, name the public origin. Clients
	 * that send no `Origin` field are not browsers and are not checked.
	 */
	origins?: "same-origin" | "any" | readonly string[] | undefined;
	/** The proxies that are trusted to report the client of a request, for `info.client`. Default: none. */
	trustedProxies?: TrustedProxies | undefined;
	/**
	 * What `publish` does about a subscriber that takes its messages more slowly than they come: see `PublishOptions`.
	 * Default `"wait"`.
	 */
	slow?: SlowPolicy | undefined;
	/**
	 * Connects the topics of several servers: what one of them publishes reaches the subscribers of all. Get one from a
	 * package such as `@barewire/backplane-ipc`. Default: the topics are those of this server alone.
	 */
	backplane?: Backplane | undefined;
	/** With a `backplane`: subscribers on this server have missed, or may have missed, messages of other servers. */
	gap?: ((gap: Gap) => Anything) | undefined;
	/** Receives the events of connections: see `Observed`. It is called during other work: record the event, and return. */
	observe?: Observe | undefined;
}

/** `upgrade` creates the `data` of each socket. It may be omitted if `Data` may be undefined. */
type MakesData<Data> = undefined extends Data ? unknown : { upgrade: NonNullable<RequestHandlers<Data>["upgrade"]> };

/** All options of `serve` except where to listen. */
export type ServerOptions<Data = undefined> = ServerSettings<Data> & ReceivesMessages<Data> & MakesData<Data>;

/** The same, with messages in parts. */
export type PartsServerOptions<Data = undefined> = ServerSettings<Data> & ReceivesParts<Data> & MakesData<Data>;
