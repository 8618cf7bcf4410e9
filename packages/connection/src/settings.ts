import { UsageError } from "@barewire/errors";
import { DEFAULT_FRAMING_LIMITS, type Extension, type FramingLimits } from "@barewire/framing";
import type { ClientExtension, ServerExtension } from "@barewire/handshake";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "@barewire/http1";
import type { Rates } from "./rate-limit.ts";

/** All in milliseconds; Infinity: never. */
export interface Timeouts {
	/** From the first byte awaited to a complete head: of a request, or of the handshake's response. */
	readonly handshake: number;
	/** Silence of an HTTP peer, between two requests or inside a body. */
	readonly httpIdle: number;
	/** Time for an answer whose HTTP client has ended its sending half: most have gone. Then the connection is cut. */
	readonly halfOpen: number;
	/** What a request's body has in hand. Waiting for it uses that up, each byte gives 4 ms back. Then the request fails with 408. */
	readonly body: number;
	/**
	 * What an unfinished message has in hand. Waiting for its rest uses that up, each byte gives 50 ms back. Then the connection fails
	 * with 1008. Of a message in parts: what is too short to be given out, such as a header that is cut.
	 */
	readonly message: number;
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
	// Above the 60 seconds after which the usual load balancers give up an idle connection: they have to be the first.
	httpIdle: 75_000,
	halfOpen: 100,
	// Longer than a phone takes to go to another network.
	body: 30_000,
	// Twice what a source of the endpoint's `sendStream` may take for its next piece.
	message: 120_000,
	idle: Number.POSITIVE_INFINITY,
	closing: 10_000,
};

// 20 seconds stay below the idle limits of the usual proxies and address translators (30 to 60 seconds).
export const DEFAULT_KEEP_ALIVE: KeepAlive = { interval: 20_000, timeout: 20_000 };

export const DEFAULT_RATES: Rates = {
	maxMessagesPerSecond: Number.POSITIVE_INFINITY,
	maxBytesPerSecond: Number.POSITIVE_INFINITY,
};

/** So many bytes may a connection hold, unless the options say otherwise, or allow larger messages. */
export const DEFAULT_MAX_BUFFERED_BYTES: number = 64 * 1024 * 1024;

/** Any of a group. One that is undefined counts as absent. */
type Some<Group> = { readonly [Name in keyof Group]?: Group[Name] | undefined };

/** What a connection may be told. Everything has a default. */
export interface ConnectionOptions {
	readonly http?: Some<HttpLimits> | undefined;
	readonly framing?: Some<FramingLimits> | undefined;
	readonly timeouts?: Some<Timeouts> | undefined;
	readonly keepAlive?: Some<KeepAlive> | undefined;
	/** What a WebSocket peer may send in a second. Beyond it, it is read no further for a while. Default Infinity. */
	readonly rates?: Some<Rates> | undefined;
	/** Messages are received in parts. Default false: whole. */
	readonly parts?: boolean | undefined;
	/**
	 * Bytes that a connection may hold: what was received and not given out, and what waits to be sent, framed or not. Default 64 MiB, or 1 MiB
	 * more than twice `maxMessageSize` where that is more. What is sent and would make it more is refused (ERR_BUFFER_FULL).
	 */
	readonly maxBufferedBytes?: number | undefined;
	/** Fills the array with unpredictable bytes. A client needs it: the handshake's key and the masking keys come from it. */
	readonly random?: ((into: Uint8Array) => void) | undefined;
	/** A faster way to decode a whole text message; null: the bytes are not UTF-8. */
	readonly decodeText?: ((bytes: Uint8Array) => string | null) | undefined;
	/** Whole texts are received as bytes (`utf8` events), once it has said that they are UTF-8. Default: as strings. */
	readonly isUtf8?: ((bytes: Uint8Array) => boolean) | undefined;
	/** Whether a ping is answered. Default true. With false the owner calls `sendPong`, as RFC 6455 §5.5.2 asks it to. */
	readonly answersPings?: boolean | undefined;
	/** Whether the answer to the peer's Close frame has its reason besides its code (RFC 6455 §5.5.1). Default false. */
	readonly echoesReason?: boolean | undefined;
	/** Extensions that a server answers to, in the order of its preference. */
	readonly serverExtensions?: readonly ServerExtension<Extension>[] | undefined;
	/** Extensions that a client offers, in the order of its preference. */
	readonly clientExtensions?: readonly ClientExtension<Extension>[] | undefined;
}

/** What a WebSocket connection needs, with the defaults filled in. Made once and shared: a connection never copies them. */
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

/** The same for a connection that begins with HTTP, or was snapshot. */
export interface ConnectionSettings extends WebSocketSettings {
	readonly http: HttpLimits;
	readonly serverExtensions: readonly ServerExtension<Extension>[];
	readonly clientExtensions: readonly ClientExtension<Extension>[];
}

/**
 * Fills in the defaults. Throws a `UsageError` for what can't be one: ERR_INVALID_TIME, ERR_INVALID_LIMIT, and ERR_OPTION for a name
 * that is none.
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
		// While a message comes in, up to half of what it keeps alive may be other bytes of the same chunks.
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

/** What a number must be, and the code of the error when it is not. */
interface Kind {
	readonly code: string;
	readonly wanted: string;
	isRight(value: number): boolean;
}

/** A timer of 0 would be due again as soon as it is set, and one of NaN never. */
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

/** Below one in a second the bucket would never have room for one. */
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

/** The defaults of a group with what is given over them. Absent and undefined are the same. */
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
