import type { ConnectionOptions, KeepAlive, Timeouts } from "@barewire/connection";
import type { FramingLimits } from "@barewire/framing";
import type { HttpLimits } from "@barewire/http1";
import type { Accepted } from "./accept.ts";
import type { CompressionOptions } from "./compression.ts";
import type { ReceivesMessages, ReceivesParts } from "./handlers.ts";
import type { Address } from "./stream.ts";

/** Which connection a request came on: the five-tuple is TCP, `local` and `remote`. */
export interface ConnectionInfo {
	readonly local: Address;
	readonly remote: Address;
	/** Whether this hop is TLS. */
	readonly secure: boolean;
}

/** What an application does with requests. */
export interface RequestHandlers<Data> {
	/** Answers an ordinary HTTP request. Without it, they get 426. */
	fetch?(request: Request, info: ConnectionInfo): Response | Promise<Response>;
	/**
	 * Decides on an opening handshake before the 101: `accept(…)` lets the client in, any `Response` refuses it.
	 * Without it, everybody is let in whose origin is allowed.
	 */
	upgrade?(request: Request, info: ConnectionInfo): Accepted<Data> | Response | Promise<Accepted<Data> | Response>;
}

/** How much of a thing is let in, and how much may wait. */
export interface Limits extends FramingLimits, HttpLimits {
	/** Bytes of waiting output above which `send` returns false. */
	readonly highWaterMark: number;
	/** Bytes that may wait to be sent on one socket. Default 64 MiB. A `send` that would make it more throws (ERR_BUFFER_FULL). */
	readonly maxBufferedBytes: number;
}

/** What both roles may be told. */
export interface CommonOptions extends Pick<ConnectionOptions, "serverExtensions" | "clientExtensions"> {
	limits?: Partial<Limits>;
	/** Milliseconds; Infinity: never. */
	timeouts?: Partial<Timeouts>;
	/** Keepalive pings; false: none. */
	keepAlive?: Partial<KeepAlive> | false;
	/** Compresses messages (permessage-deflate, RFC 7692) with peers that can. Default false. */
	compression?: boolean | CompressionOptions;
}

/** What `serve` takes besides where to listen and how messages are received. */
export interface ServerSettings<Data> extends CommonOptions, RequestHandlers<Data> {
	/**
	 * Which pages may connect. `"same-origin"` (the default): those of this server; a list: those of these origins
	 * (`"https://example.com"`); `"any"`: all. Behind a proxy that ends TLS, name the public origin. Clients that send no
	 * `Origin` field are no browsers and are not concerned.
	 */
	origins?: "same-origin" | "any" | readonly string[];
}

/** Everything that `serve` takes besides where to listen. */
export interface ServerOptions<Data> extends ServerSettings<Data>, ReceivesMessages<Data> {}

/** The same, with messages in parts. */
export interface PartsServerOptions<Data> extends ServerSettings<Data>, ReceivesParts<Data> {}
