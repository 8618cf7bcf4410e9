import type { ConnectionOptions, Timeouts as ConnectionTimeouts, KeepAlive, Rates } from "@barewire/connection";
import type { FramingLimits } from "@barewire/framing";
import type { HttpLimits } from "@barewire/http1";
import type { Accepted } from "./accept.ts";
import type { AdmissionLimits } from "./admission.ts";
import type { TrustedProxies } from "./client-address.ts";
import type { CompressionOptions } from "./compression.ts";
import type { ReceivesMessages, ReceivesParts } from "./handlers.ts";
import type { Observe } from "./observe.ts";
import type { SlowPolicy } from "./publish.ts";
import type { Some } from "./some.ts";
import type { Address } from "./stream.ts";

/** Which connection a request came on: the five-tuple is TCP, `local` and `remote`. */
export interface ConnectionInfo {
	readonly local: Address;
	readonly remote: Address;
	/** Whether this hop is TLS. */
	readonly secure: boolean;
	/**
	 * The client's IP address: that of `remote`, or what `trustedProxies` tell. IPv6 as RFC 5952 has it; an IPv4-mapped address as IPv4. "": there is
	 * none, as over a Unix domain socket.
	 */
	readonly client: string;
}

/** What an application does with requests. */
export interface RequestHandlers<Data> {
	/** Answers an ordinary HTTP request. Without it, they get 426. */
	fetch?: ((request: Request, info: ConnectionInfo) => Response | Promise<Response>) | undefined;
	/**
	 * Decides on an opening handshake before the 101: `accept(…)` lets the client in, any `Response` refuses it.
	 * Without it, everybody is let in whose origin is allowed.
	 */
	upgrade?:
		| ((request: Request, info: ConnectionInfo) => Accepted<Data> | Response | Promise<Accepted<Data> | Response>)
		| undefined;
}

/** How much of a thing is let in, and how much may wait. */
export interface Limits extends FramingLimits, HttpLimits, Rates {
	/**
	 * Bytes of waiting output above which `send` returns false. Less than `maxBufferedBytes`, or Infinity. Default 64 KiB, or half of
	 * `maxBufferedBytes` where that is less.
	 */
	readonly highWaterMark: number;
	/**
	 * Bytes that one connection may hold: what was received and is not taken, and what was sent and has not left. Default 64 MiB, or 1 MiB
	 * more than twice `maxMessageSize` where that is more. A `send` that would make it more throws (ERR_BUFFER_FULL). Where more was received, nothing is read until less
	 * is held.
	 */
	readonly maxBufferedBytes: number;
}

/** Those of a server. */
export interface ServerLimits extends Limits, AdmissionLimits {
	/** Bytes that all connections may hold together. Default 512 MiB. */
	readonly maxServerBytes: number;
}

/** All in milliseconds; Infinity: never. */
export interface Timeouts extends ConnectionTimeouts {
	/**
	 * Time in which a peer must take some of the output that waits for it, of HTTP or WebSocket. Then the connection is cut. Default
	 * 300,000.
	 */
	readonly stalled: number;
}

/** What both roles may be told. */
export interface CommonOptions extends Some<Pick<ConnectionOptions, "serverExtensions" | "clientExtensions">> {
	limits?: Some<Limits> | undefined;
	/** Milliseconds; Infinity: never. */
	timeouts?: Some<Timeouts> | undefined;
	/** Keepalive pings; false: none. */
	keepAlive?: Some<KeepAlive> | false | undefined;
	/** Compresses messages (permessage-deflate, RFC 7692) with peers that can. Default false. */
	compression?: boolean | CompressionOptions | undefined;
}

/** What `serve` takes besides where to listen and how messages are received. */
export interface ServerSettings<Data> extends CommonOptions, RequestHandlers<Data> {
	limits?: Some<ServerLimits> | undefined;
	/**
	 * Which pages may connect. `"same-origin"` (the default): those of this server; a list: those of these origins
	 * (`"https://example.com"`); `"any"`: all. Behind a proxy that ends TLS, name the public origin. Clients that send no
	 * `Origin` field are no browsers and are not concerned.
	 */
	origins?: "same-origin" | "any" | readonly string[] | undefined;
	/** The proxies that are believed when they tell whose requests they pass on, for `info.client`. Default: none. */
	trustedProxies?: TrustedProxies | undefined;
	/** What `publish` does about a subscriber that takes its messages slower than they come: see `PublishOptions`. Default `"wait"`. */
	slow?: SlowPolicy | undefined;
	/** Is told of what happens with connections: see `Observed`. It is called in the midst of things: note it, and return. */
	observe?: Observe | undefined;
}

/** `upgrade` makes each socket's `data`. It can be left out where there may be none. */
type MakesData<Data> = undefined extends Data ? unknown : { upgrade: NonNullable<RequestHandlers<Data>["upgrade"]> };

/** Everything that `serve` takes besides where to listen. */
export type ServerOptions<Data = undefined> = ServerSettings<Data> & ReceivesMessages<Data> & MakesData<Data>;

/** The same, with messages in parts. */
export type PartsServerOptions<Data = undefined> = ServerSettings<Data> & ReceivesParts<Data> & MakesData<Data>;
