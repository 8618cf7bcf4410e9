import { NO_BYTES } from "./bytes.ts";
import type { Codec, Deflater, DeflaterOptions, InflateFailure, Inflater } from "./codec.ts";
import { OutputBuffer } from "./output-buffer.ts";

/** Write all possible output for the input. A compressor ends at a byte boundary. */
const Z_SYNC_FLUSH = 2;

/** A decompressor stops at the end of the current block. */
const Z_BLOCK = 5;

export type Flush = typeof Z_SYNC_FLUSH | typeof Z_BLOCK;

/** A zlib stream with direct calls. The names are those of the zlib manual. */
export interface RawStream {
	/** After `run`: the number of input bytes that were not consumed, and of output bytes that were not written. */
	readonly availIn: number;
	readonly availOut: number;
	/**
	 * Continues with `input[from…]` and writes to `output[at…]`. false: the data is corrupt, and the number of consumed and written
	 * bytes is unknown.
	 */
	run(flush: Flush, input: Uint8Array, from: number, output: Uint8Array, at: number): boolean;
	reset(): void;
	close(): void;
}

/** Creates streams of raw DEFLATE data. */
export interface RawStreams {
	deflate(options: DeflaterOptions): RawStream;
	inflate(windowBits: number): RawStream;
}

/**
 * zlib does not support a window of 8 bits for raw data. Its window of 9 bits can be used instead: it refers back at most 250
 * bytes, because it reserves 262 of the 512 bytes for lookahead, and a window of 8 bits has 256 bytes.
 */
export const SMALLEST_WINDOW_BITS = 9;

/**
 * RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message." They are the rest of an
 * empty block whose first bits are the end of the message. The fifth byte must not be consumed: if a decompressor consumes it, the
 * message did not end with that block.
 */
const TAIL: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);

/** One byte of room, to detect any output. */
const SPARE: Uint8Array = /* @__PURE__ */ new Uint8Array(1);

/** All codecs are synchronous and none calls another, so one buffer is enough for all. */
const output: OutputBuffer = /* @__PURE__ */ new OutputBuffer();

class StreamDeflater implements Deflater {
	readonly #stream: RawStream;

	constructor(stream: RawStream) {
		this.#stream = stream;
	}

	deflate(payload: Uint8Array): Uint8Array {
		const stream = this.#stream;
		output.begin(Number.POSITIVE_INFINITY);
		for (let from = 0; ; from = payload.length - stream.availIn) {
			if (!stream.run(Z_SYNC_FLUSH, payload, from, output.bytes, output.fill))
				throw new Error("the compressor has failed");
			output.fill = output.bytes.length - stream.availOut;
			// If room is left, everything is compressed and flushed.
			if (stream.availOut > 0) return output.take();
			output.grow();
		}
	}

	reset(): void {
		this.#stream.reset();
	}

	close(): void {
		this.#stream.close();
	}
}

class StreamInflater implements Inflater {
	readonly #stream: RawStream;
	left = 0;
	/** The number of output bytes since the window was last empty. */
	#reach = 0;

	constructor(stream: RawStream) {
		this.#stream = stream;
	}

	inflate(payload: Uint8Array, limit: number, most: number = limit): Uint8Array | InflateFailure {
		if (payload.length === 0) return NO_BYTES;
		const stream = this.#stream;
		output.begin(limit, most);
		let input = payload;
		let windowStart = -this.#reach;
		for (let from = 0; ; ) {
			// Never give more room than allowed, not even one byte: after a failure, the amount of output before it is unknown. If two
			// rules are broken, the one that is found must not depend on how the data was split.
			if (!stream.run(Z_SYNC_FLUSH, input, from, output.bytes, output.fill)) return this.#failed("corrupt");
			from = input.length - stream.availIn;
			output.fill = output.bytes.length - stream.availOut;
			if (output.fill === limit) {
				const failure = this.#hasMore(input.subarray(from, from + 1));
				if (failure !== null) return this.#failed(failure);
			} else if (output.fill === output.bytes.length) {
				// Finish the consumed input as if the payload ended there. Then all its output is written, and a replay of the same input
				// reaches the same state.
				if (output.fill >= most) input = payload.subarray(0, from);
				output.grow();
				continue;
			}
			if (from === input.length) {
				this.left = payload.length - from;
				this.#reach = output.fill - windowStart;
				return output.take();
			}
			// Input and room are left, so a block with BFINAL has ended the stream. RFC 7692 §7.2.3.4 allows one in the middle of a message.
			stream.reset();
			windowStart = output.fill;
		}
	}

	/**
	 * Called when all room is used. Checks whether more output follows, from the consumed input, or from the next byte if it belongs
	 * to a block without compression.
	 */
	#hasMore(next: Uint8Array): InflateFailure | null {
		for (const input of [NO_BYTES, next]) {
			if (!this.#stream.run(Z_SYNC_FLUSH, input, 0, SPARE, 0)) return "corrupt";
			if (this.#stream.availOut === 0) return "too-big";
		}
		return null;
	}

	#failed(failure: InflateFailure): InflateFailure {
		output.drop();
		return failure;
	}

	endMessage(): number | null {
		const stream = this.#stream;
		const isSound = stream.run(Z_BLOCK, TAIL, 0, SPARE, 0);
		return isSound && stream.availOut === 1 && stream.availIn === 1 ? this.#reach : null;
	}

	reset(): void {
		this.#reach = 0;
		this.#stream.reset();
	}

	close(): void {
		this.#stream.close();
	}
}

/** Creates a codec from such streams. */
export function streamCodec(streams: RawStreams): Codec {
	return {
		deflater: (options) => new StreamDeflater(streams.deflate(options)),
		inflater: (windowBits) => new StreamInflater(streams.inflate(windowBits)),
	};
}
