import { UsageError } from "@barewire/errors";
import { DEFAULT_FRAMING_LIMITS, type Extension, type FramingLimits } from "@barewire/framing";
import type { ClientExtension, ServerExtension } from "@barewire/handshake";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "@barewire/http1";
import type { Rates } from "./rate-limit.ts";

/** All values are in milliseconds. Infinity: never. */
export interface Timeouts {
	/** Time for a complete head of a request or of the handshake's response, from when its first byte is awaited. */
	readonly handshake: number;
	/** The time in which an HTTP peer may send nothing, between two requests or inside a body. */
	readonly httpIdle: number;
	/**
	 * Time for a response after the HTTP client has ended its sending half, because most such clients have disconnected. Then the
	 * connection is closed at once.
	 */
	readonly halfOpen: number;
	/** The time budget for a request's body. Waiting uses it up, and each received byte gives back 4 ms. At 0, the request fails with 408. */
	readonly body: number;
	/**
	 * The time budget for an unfinished message. Waiting uses it up, and each received byte gives back 50 ms. At 0, the connection
	 * fails with 1008. For a message in parts, it applies only to bytes that can't be given out yet, such as an incomplete header.
	 */
	readonly message: number;
	/** Time without a message from a WebSocket peer. Then the connection is closed with 1001. */
	readonly idle: number;
	/** Time from the first Close frame (or the end of the last HTTP response) to the end of the stream. */
	readonly closing: number;
}

/** Keepalive pings (RFC 6455 §5.5.2), in milliseconds. */
export interface KeepAlive {
	/** The time between pings. Infinity: no pings. */
	readonly interval: number;
	/** If nothing is received from the peer within this time after a ping, the connection fails. */
	readonly timeout: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
	handshake: 10_000,
	// Above the 60 seconds after which common load balancers close an idle connection, because the load balancer must close first.
	httpIdle: 75_000,
	halfOpen: 100,
	// Longer than a phone needs to change to another network.
	body: 30_000,
	// Twice the time that a source of the endpoint's `sendStream` has for its next piece.
	message: 120_000,
	idle: Number.POSITIVE_INFINITY,
	closing: 10_000,
};

// 20 seconds are below the idle limits of common proxies and address translators (30 to 60 seconds).
export const DEFAULT_KEEP_ALIVE: KeepAlive = { interval: 20_000, timeout: 20_000 };

export const DEFAULT_RATES: Rates = {
	maxMessagesPerSecond: Number.POSITIVE_INFINITY,
	maxBytesPerSecond: Number.POSITIVE_INFINITY,
};

/** The number of bytes that a connection may hold, unless the options set another value or allow larger messages. */
export const DEFAULT_MAX_BUFFERED_BYTES: number = 64 * 1024 * 1024;

/** A subset of a group of options. undefined means absent. */
type Some<Group> = { readonly [Name in keyof Group]?: Group[Name] | undefined };

/** The options of a connection. Every option has a default. */
export interface ConnectionOptions {
	readonly http?: Some<HttpLimits> | undefined;
	readonly framing?: Some<FramingLimits> | undefined;
	readonly timeouts?: Some<Timeouts> | undefined;
	readonly keepAlive?: Some<KeepAlive> | undefined;
	/** The amount that a WebSocket peer may send per second. Above it, reading pauses. Default Infinity. */
	readonly rates?: Some<Rates> | undefined;
	/** Messages are received in parts. Default false: whole. */
	readonly parts?: boolean | undefined;
	/**
	 * Bytes that a connection may hold: received data that is not given out, and waiting output, framed or not. The default is 64
	 * MiB, or 1 MiB more than twice `maxMessageSize` if that is larger. A message that would exceed the limit is not accepted for
	 * sending (ERR_BUFFER_FULL).
	 */
	readonly maxBufferedBytes?: number | undefined;
	/** Fills the array with unpredictable bytes. Required for a client: the key of the handshake and the masking keys are made with it. */
	readonly random?: ((into: Uint8Array) => void) | undefined;
	/** A faster way to decode a whole text message; null: the bytes are not UTF-8. */
	readonly decodeText?: ((bytes: Uint8Array) => string | null) | undefined;
	/** If set, whole texts are received as bytes (`utf8` events) after this function confirms that they are UTF-8. Default: as strings. */
	readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined;
	/** Whether a ping is answered. Default true. If false, the owner must call `sendPong`, as RFC 6455 §5.5.2 requires. */
	readonly answersPings?: boolean | undefined;
	/** Whether the response to the peer's Close frame repeats its reason in addition to its code (RFC 6455 §5.5.1). Default false. */
	readonly echoesReason?: boolean | undefined;
	/** Extensions that a server accepts, in order of preference. */
	readonly serverExtensions?: readonly ServerExtension<Extension>[] | undefined;
	/** Extensions that a client offers, in order of preference. */
	readonly clientExtensions?: readonly ClientExtension<Extension>[] | undefined;
}

/**
 * The settings of a WebSocket connection, including the defaults. They are created once and shared: a connection never copies them.
 */
export interface WebSocketSettings {
	readonly framing: FramingLimits;
	readonly timeouts: Timeouts;
	readonly keepAlive: KeepAlive;
	readonly rates: Rates;
	readonly parts: boolean;
	readonly maxBufferedBytes: number;
	readonly random: ((into: Uint8Array) => void) | null;
	readonly decodeText: ((bytes: Uint8Array) => string | null) | null;
	readonly isUtf8: ((bytes: Uint8Array) => boolean) | null;
	readonly answersPings: boolean;
	readonly echoesReason: boolean;
}

/** The settings of a connection that begins with HTTP or is restored from a snapshot. */
export interface ConnectionSettings extends WebSocketSettings {
	readonly http: HttpLimits;
	readonly serverExtensions: readonly ServerExtension<Extension>[];
	readonly clientExtensions: readonly ClientExtension<Extension>[];
}

/**
 * Fills in the defaults. Throws a `UsageError` for an invalid value (ERR_INVALID_TIME, ERR_INVALID_LIMIT) or an unknown option name
 * (ERR_OPTION).
 */
export function connectionSettings(options: ConnectionOptions = {}): ConnectionSettings {
	const { http, framing, timeouts, keepAlive, rates, ...rest } = options;
	const settings: ConnectionSettings = {
		http: filled("http", DEFAULT_HTTP_LIMITS, http, HTTP_LIMIT),
		framing: filled("framing", DEFAULT_FRAMING_LIMITS, framing, LIMIT),
		timeouts: filled("timeouts", DEFAULT_TIMEOUTS, timeouts, TIME),
		keepAlive: filled("keepAlive", DEFAULT_KEEP_ALIVE, keepAlive, TIME),
		rates: filled("rates", DEFAULT_RATES, rates, RATE),
		parts: rest.parts ?? false,
		// While a message is received, up to half of the memory that it keeps alive may be other bytes of the same chunks.
		maxBufferedBytes:
			rest.maxBufferedBytes ??
			Math.max(
				DEFAULT_MAX_BUFFERED_BYTES,
				2 * (framing?.maxMessageSize ?? DEFAULT_FRAMING_LIMITS.maxMessageSize) + 2 ** 20,
			),
		random: rest.random ?? null,
		decodeText: rest.decodeText ?? null,
		isUtf8: rest.isUtf8 ?? null,
		answersPings: rest.answersPings ?? true,
		echoesReason: rest.echoesReason ?? false,
		serverExtensions: rest.serverExtensions ?? [],
		clientExtensions: rest.clientExtensions ?? [],
	};
	for (const name of Object.keys(rest)) requireName(name, name, settings);
	check("maxBufferedBytes", settings.maxBufferedBytes, SIZE);
	return settings;
}

/** The requirement for a number, and the error code when it is not met. */
interface Kind {
	readonly code: string;
	readonly wanted: string;
	isRight(value: number): boolean;
}

/** A timer of 0 would be due again immediately, and a timer of NaN would never be due. */
const TIME: Kind = {
	code: "ERR_INVALID_TIME",
	wanted: "a positive number of milliseconds, or Infinity",
	isRight: (value) => value > 0,
};

const SIZE: Kind = {
	code: "ERR_INVALID_LIMIT",
	wanted: "a positive number of bytes, or Infinity",
	isRight: (value) => value > 0,
};

const LIMIT: Kind = {
	code: "ERR_INVALID_LIMIT",
	wanted: "a number from 0 on, or Infinity",
	isRight: (value) => value >= 0,
};

/** With a rate below one per second, the bucket would never hold a whole unit. */
const RATE: Kind = {
	code: "ERR_INVALID_LIMIT",
	wanted: "a number from 1 on, or Infinity",
	isRight: (value) => value >= 1,
};

const HTTP_LIMIT: Kind = {
	code: "ERR_INVALID_LIMIT",
	wanted: "a positive integer, or Infinity",
	isRight: (value) => value > 0 && (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY),
};

/** The defaults of a group, overridden by the given values. Absent and undefined mean the same. */
function filled<Group extends object>(
	group: string,
	defaults: Group,
	given: Some<Group> | undefined,
	kind: Kind,
): Group {
	const settings = { ...defaults };
	for (const [name, value] of Object.entries(given ?? {})) {
		requireName(`${group}.${name}`, name, defaults);
		if (value === undefined) continue;
		check(`${group}.${name}`, value, kind);
		settings[name as keyof Group] = value as Group[keyof Group];
	}
	return settings;
}

function requireName(what: string, name: string, known: object): void {
	if (Object.hasOwn(known, name)) return;
	throw new UsageError("ERR_OPTION", `there is no option ${what}: use ${Object.keys(known).join(", ")}`);
}

function check(what: string, value: unknown, { code, wanted, isRight }: Kind): void {
	if (typeof value === "number" && isRight(value)) return;
	throw new UsageError(code, `${what} must be ${wanted}`);
}
