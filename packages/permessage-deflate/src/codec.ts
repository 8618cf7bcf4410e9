/** What a compressor is made for. */
export interface DeflaterOptions {
	/** The base-2 logarithm of the window, 8 to 15: it never refers further back than that. */
	readonly windowBits: number;
	/** Effort: 1 is fastest, 9 is smallest, 0 doesn't compress. */
	readonly level: number;
	/** Memory for the search of matches, 1 to 9, as zlib counts it. */
	readonly memoryLevel: number;
}

/** One direction's compressor (RFC 1951). Between two calls it may be reset, or dropped for a new one, at any time. */
export interface Deflater {
	/**
	 * Compresses the bytes, and ends with an empty block without compression (zlib calls it a sync flush): the last four
	 * bytes are 00 00 ff ff. What comes next may refer back to what came before.
	 *
	 * @param payload Not kept and not written to; never empty.
	 * @returns Owned by the caller.
	 */
	deflate(payload: Uint8Array): Uint8Array;
	/** Forgets what came before. */
	reset(): void;
	/** Frees its memory. Nothing is called afterwards. */
	close(): void;
}

/** Why bytes can't be decompressed: they give more than the limit, or they are no DEFLATE data. */
export type InflateFailure = "too-big" | "corrupt";

/** One direction's decompressor (RFC 1951). */
export interface Inflater {
	/**
	 * Decompresses the bytes, and goes on where the last call has stopped, inside of a block too. A block with BFINAL ends
	 * nothing: what follows it begins with an empty window.
	 *
	 * @param payload Not kept and not written to.
	 * @param limit The most bytes that may come out. One more is "too-big", and no memory is spent on more. Which failure it is
	 * must not depend on how the data is cut into calls.
	 * @param most 1 or more: once so many bytes have come out, what has been taken of the payload is finished, and the rest is
	 * `left`. Default Infinity: the payload is taken whole.
	 * @returns Owned by the caller. After a failure the inflater can only be reset or closed.
	 */
	inflate(payload: Uint8Array, limit: number, most?: number): Uint8Array | InflateFailure;
	/** Bytes at the end of the latest payload that were not taken: the next call begins with them. Absent: there are never any. */
	readonly left?: number;
	/**
	 * The end of a message. Appends 00 00 ff ff (RFC 7692 §7.2.2), and tells whether that ends the block that the message's last
	 * bytes have begun, without another byte coming out.
	 *
	 * @returns How many bytes have come out since the window was last empty: what comes next can refer to no byte before them.
	 * null: the message was cut short, or its tail not removed.
	 */
	endMessage(): number | null;
	/** Forgets what came before. */
	reset(): void;
	/** Frees its memory. Nothing is called afterwards. */
	close(): void;
}

/** An implementation of DEFLATE. A compressor and a decompressor have lives of their own, so each is an object. */
export interface Codec {
	deflater(options: DeflaterOptions): Deflater;
	/** A decompressor for data of a window of so many bits, 8 to 15. */
	inflater(windowBits: number): Inflater;
}
