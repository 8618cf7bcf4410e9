import { UsageError } from "@barewire/errors";

/** How an endpoint compresses, and what it asks of its peers. Everything has a default. */
export interface DeflateOptions {
	/** Messages of fewer bytes leave as they are. Default 1024: what is smaller fits into one TCP segment anyway. */
	readonly threshold?: number | undefined;
	/** Effort: 1 is fastest, 9 is smallest, 0 doesn't compress. Default 3. */
	readonly level?: number | undefined;
	/**
	 * The base-2 logarithm of the window that this endpoint compresses with, 8 to 15. Default 12, 4 KiB. A client that is given
	 * one tells the server.
	 */
	readonly windowBits?: number | undefined;
	/** Memory for the search of matches, 1 to 9, as zlib counts it. Default 5. */
	readonly memoryLevel?: number | undefined;
	/** The window that the peer may compress with, 8 to 15, where it can be told. Default 12 for servers, 15 for clients. */
	readonly peerWindowBits?: number | undefined;
	/** Whether this endpoint's messages may refer back to its earlier ones. Default true. */
	readonly contextTakeover?: boolean | undefined;
	/** Whether the peer's messages may refer back to its earlier ones. Default true. */
	readonly peerContextTakeover?: boolean | undefined;
	/**
	 * How many compressors may hold a context at a time, and to how many peers a server promises to hold theirs. Others
	 * compress each message by itself. Default 1024.
	 */
	readonly maxContexts?: number | undefined;
	/**
	 * Whether a connection can be moved to another process at any time. What a decompressor remembers is then held a second time,
	 * and the compressed bytes of a message that comes in fragments. Default false.
	 */
	readonly movable?: boolean | undefined;
}

/** None of them is absent. */
type Whole<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** The options with their defaults filled in. */
export interface DeflateSettings extends Whole<Omit<DeflateOptions, "windowBits" | "peerWindowBits">> {
	/** null: the default, of which nobody is told. */
	readonly windowBits: number | null;
	/** null: the default of the role. */
	readonly peerWindowBits: number | null;
}

/** What a compressor takes with these, and why not more: docs/compression.md. */
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

/** A window of 4 KiB: what this endpoint compresses with, and what a server asks of its clients, if nobody says otherwise. */
export const DEFAULT_WINDOW_BITS = 12;

/** RFC 7692 §7.1.2.1: "between 8 to 15, inclusive". */
export const MIN_WINDOW_BITS = 8;
export const MAX_WINDOW_BITS = 15;

/** Fills in the defaults. Throws a `UsageError` (ERR_INVALID_DEFLATE) that names the option that can't be what it is. */
export function deflateSettings(options: DeflateOptions = {}): DeflateSettings {
	// An option that is undefined counts as absent.
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
