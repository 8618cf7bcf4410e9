import type { Extension } from "./extension.ts";
import type { FramingLimits } from "./limits.ts";

export interface ReaderOptions {
	/**
	 * What to accept of the peer; {@link FramingLimits} names the defaults. Readers that are given the same object share it:
	 * it must not be changed.
	 */
	readonly limits?: Partial<FramingLimits>;
	/** The negotiated extensions, in the order of the server's Sec-WebSocket-Extensions field. */
	readonly extensions?: readonly Extension[];
	/**
	 * Decodes one whole text message or close reason; null: not UTF-8. It must be strict and keep a byte order mark.
	 * Default: a fatal `TextDecoder`.
	 */
	readonly decodeText?: (bytes: Uint8Array) => string | null;
}
