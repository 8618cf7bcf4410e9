import { UsageError } from "@barewire/errors";
import { DEFAULT_FRAMING_LIMITS, type Extension, type FramingLimits } from "@barewire/framing";
import type { ClientExtension, ServerExtension } from "@barewire/handshake";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "@barewire/http1";

/** All in milliseconds; Infinity: never. */
export interface Timeouts {
	/** From the first byte awaited to a complete head: of a request, or of the handshake's response. */
	readonly handshake: number;
	/** Silence of an HTTP peer, between two requests or inside a body. */
	readonly httpIdle: number;
	/** Time without a message from a WebSocket peer; then it is closed with 1001. */
	readonly idle: number;
	/** From the first Close frame (or the end of the last HTTP response) to the end of the stream. */
	readonly closing: number;
}

/** Keepalive pings (RFC 6455 §5.5.2), in milliseconds. */
export interface KeepAlive {
	/** A ping is sent this often; Infinity: never. */
	readonly interval: number;
	/** Something must come from the peer within this time after a ping, or the connection fails. */
	readonly timeout: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
	handshake: 10_000,
	httpIdle: 60_000,
	idle: Number.POSITIVE_INFINITY,
	closing: 10_000,
};

// 20 seconds stay below the idle limits of the usual proxies and address translators (30 to 60 seconds).
export const DEFAULT_KEEP_ALIVE: KeepAlive = { interval: 20_000, timeout: 20_000 };

/** What a connection may be told. Everything has a default. */
export interface ConnectionOptions {
	readonly http?: Partial<HttpLimits>;
	readonly framing?: Partial<FramingLimits>;
	readonly timeouts?: Partial<Timeouts>;
	readonly keepAlive?: Partial<KeepAlive>;
	/** A faster way to decode a whole text message; null: the bytes are not UTF-8. */
	readonly decodeText?: (bytes: Uint8Array) => string | null;
	/** Extensions that a server answers to, in the order of its preference. */
	readonly serverExtensions?: readonly ServerExtension<Extension>[];
	/** Extensions that a client offers, in the order of its preference. */
	readonly clientExtensions?: readonly ClientExtension<Extension>[];
}

/** Options with their defaults filled in. Made once and shared by all connections: a connection never copies them. */
export interface ConnectionSettings {
	readonly http: HttpLimits;
	readonly framing: FramingLimits;
	readonly timeouts: Timeouts;
	readonly keepAlive: KeepAlive;
	readonly decodeText: ((bytes: Uint8Array) => string | null) | null;
	readonly serverExtensions: readonly ServerExtension<Extension>[];
	readonly clientExtensions: readonly ClientExtension<Extension>[];
}

/** Fills in the defaults. Throws a `UsageError` (ERR_INVALID_TIME) for a time that is none. */
export function connectionSettings(options: ConnectionOptions = {}): ConnectionSettings {
	return {
		http: { ...DEFAULT_HTTP_LIMITS, ...options.http },
		framing: { ...DEFAULT_FRAMING_LIMITS, ...options.framing },
		timeouts: times("timeouts", { ...DEFAULT_TIMEOUTS, ...options.timeouts }),
		keepAlive: times("keepAlive", { ...DEFAULT_KEEP_ALIVE, ...options.keepAlive }),
		decodeText: options.decodeText ?? null,
		serverExtensions: options.serverExtensions ?? [],
		clientExtensions: options.clientExtensions ?? [],
	};
}

/** A timer of 0 would be due again as soon as it is set, and one of NaN never. */
function times<T extends object>(group: string, given: T): T {
	for (const [name, value] of Object.entries(given)) {
		if (typeof value === "number" && value > 0) continue;
		throw new UsageError("ERR_INVALID_TIME", `${group}.${name} must be a positive number of milliseconds, or Infinity`);
	}
	return given;
}
