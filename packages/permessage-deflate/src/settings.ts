import { UsageError } from "@barewire/errors";

/** How an endpoint compresses, and what it requests from its peers. Every option has a default. */
export interface DeflateOptions {
	/** Messages of fewer bytes are not compressed. Default 1024: smaller messages fit into one TCP segment anyway. */
	readonly threshold?: number | undefined;
	/** The compression level: 1 is the fastest, 9 gives the smallest result, 0 does not compress. Default 3. */
	readonly level?: number | undefined;
	/**
	 * The base-2 logarithm of the window that this endpoint compresses with, 8 to 15. Default 12, 4 KiB. If it is set, a client sends
	 * it to the server.
	 */
	readonly windowBits?: number | undefined;
	/** Memory for the search of matches, 1 to 9, as defined by zlib. Default 5. */
	readonly memoryLevel?: number | undefined;
	/** The window that the peer may compress with, 8 to 15, if the peer supports this parameter. Default 12 for servers, 15 for clients. */
	readonly peerWindowBits?: number | undefined;
	/** Whether this endpoint's messages may refer back to its earlier ones. Default true. */
	readonly contextTakeover?: boolean | undefined;
	/** Whether the peer's messages may refer back to its earlier ones. Default true. */
	readonly peerContextTakeover?: boolean | undefined;
	/**
	 * The maximum number of compressors with a context, and the maximum number of peers whose context a server agrees to keep. Other
	 * connections compress each message separately. Default 1024.
	 */
	readonly maxContexts?: number | undefined;
	/**
	 * Whether a connection can be moved to another process at any time. If true, a copy of the decompressor's window is kept, and the
	 * compressed bytes of a message that is received in fragments. Default false.
	 */
	readonly movable?: boolean | undefined;
}

/** All options are present. */
type Whole<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The options with their defaults filled in. */
export interface DeflateSettings extends Whole<Omit<DeflateOptions, "windowBits" | "peerWindowBits">> {
	/** null: the default, which is not sent to the peer. */
	readonly windowBits: number | null;
	/** null: the default of the role. */
	readonly peerWindowBits: number | null;
}

/** docs/compression.md describes the memory of a compressor with these settings, and the reasons for them. */
export const DEFAULT_DEFLATE_SETTINGS: DeflateSettings = {
	threshold: 1024,
	level: 3,
	windowBits: null,
	memoryLevel: 5,
	peerWindowBits: null,
	contextTakeover: true,
	peerContextTakeover: true,
	maxContexts: 1024,
	movable: false,
};

/** A window of 4 KiB: the default for this endpoint's compression, and for the value that a server requests from its clients. */
export const DEFAULT_WINDOW_BITS = 12;

/** RFC 7692 §7.1.2.1: "between 8 to 15, inclusive". */
export const MIN_WINDOW_BITS = 8;
export const MAX_WINDOW_BITS = 15;

/** Fills in the defaults. Throws a `UsageError` (ERR_INVALID_DEFLATE) that names the invalid option. */
export function deflateSettings(options: DeflateOptions = {}): DeflateSettings {
	// undefined means absent.
	const given = Object.entries(options).filter(([, value]) => value !== undefined);
	const settings: DeflateSettings = { ...DEFAULT_DEFLATE_SETTINGS, ...Object.fromEntries(given) };
	requireWhole(settings, "threshold", 0, Number.POSITIVE_INFINITY);
	requireWhole(settings, "level", 0, 9);
	if (settings.windowBits !== null) requireWhole(settings, "windowBits", MIN_WINDOW_BITS, MAX_WINDOW_BITS);
	requireWhole(settings, "memoryLevel", 1, 9);
	if (settings.peerWindowBits !== null) requireWhole(settings, "peerWindowBits", MIN_WINDOW_BITS, MAX_WINDOW_BITS);
	requireWhole(settings, "maxContexts", 0, Number.POSITIVE_INFINITY);
	return settings;
}

function requireWhole(settings: DeflateSettings, name: keyof DeflateSettings, least: number, most: number): void {
	const value = settings[name];
	const isWhole = typeof value === "number" && (Number.isInteger(value) || value === most);
	if (isWhole && value >= least && value <= most) return;
	throw new UsageError("ERR_INVALID_DEFLATE", `${name} must be a whole number from ${least} to ${most}, not ${value}`);
}
