/** The options of a compressor. */
export interface DeflaterOptions {
	/** The base-2 logarithm of the window, 8 to 15: the compressor never refers further back. */
	readonly windowBits: number;
	/** The compression level: 1 is the fastest, 9 gives the smallest result, 0 does not compress. */
	readonly level: number;
	/** Memory for the search of matches, 1 to 9, as defined by zlib. */
	readonly memoryLevel: number;
}

/** The compressor of one direction (RFC 1951). Between two calls it may be reset or replaced with a new one. */
export interface Deflater {
	/**
	 * Compresses the bytes, and ends with an empty block without compression (a sync flush in zlib). The last four bytes are 00 00 ff
	 * ff. Later data may refer back to earlier data.
	 *
	 * @param payload It is not kept and not written to. It is never empty.
	 * @returns Owned by the caller.
	 */
	deflate(payload: Uint8Array): Uint8Array;
	/** Resets the window, so that earlier data has no effect. */
	reset(): void;
	/** Frees its memory. Nothing is called afterwards. */
	close(): void;
}

/** The reason why bytes can't be decompressed: the output exceeds the limit, or they are not DEFLATE data. */
export type InflateFailure = "too-big" | "corrupt";

/** The decompressor of one direction (RFC 1951). */
export interface Inflater {
	/**
	 * Decompresses the bytes, and continues where the last call stopped, even inside a block. A block with BFINAL does not end the
	 * data: the following data begins with an empty window.
	 *
	 * @param payload It is not kept and not written to.
	 * @param limit The maximum number of output bytes. More output is "too-big", and no memory is used for it. The kind of failure
	 * must not depend on how the data is split into calls.
	 * @param most 1 or more: after this many output bytes, only the consumed part of the payload is finished, and the rest is `left`.
	 * Default Infinity: the whole payload is consumed.
	 * @returns Owned by the caller. After a failure the inflater can only be reset or closed.
	 */
	inflate(payload: Uint8Array, limit: number, most?: number): Uint8Array | InflateFailure;
	/**
	 * The number of bytes at the end of the latest payload that were not consumed: the next call begins with them. Absent: always 0.
	 */
	readonly left?: number;
	/**
	 * Ends a message. Appends 00 00 ff ff (RFC 7692 §7.2.2), and checks whether they end the block that the last bytes of the message
	 * have begun, without further output.
	 *
	 * @returns The number of output bytes since the window was last empty: later data can't refer to bytes before them. null: the
	 * message was truncated, or its tail was not removed.
	 */
	endMessage(): number | null;
	/** Resets the window, so that earlier data has no effect. */
	reset(): void;
	/** Frees its memory. Nothing is called afterwards. */
	close(): void;
}

/** An implementation of DEFLATE. A compressor and a decompressor have independent lifetimes, so each is an object. */
export interface Codec {
	deflater(options: DeflaterOptions): Deflater;
	/** Creates a decompressor for data with a window of this many bits, 8 to 15. */
	inflater(windowBits: number): Inflater;
}
