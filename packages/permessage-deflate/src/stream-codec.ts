import { NO_BYTES } from "./bytes.ts";
import type { Codec, Deflater, DeflaterOptions, InflateFailure, Inflater } from "./codec.ts";
import { OutputBuffer } from "./output-buffer.ts";

/** All that can be made of the input is to be written, and a compressor ends at a byte. */
const Z_SYNC_FLUSH = 2;

/** A decompressor stops where the present block ends, or goes on to there. */
const Z_BLOCK = 5;

export type Flush = typeof Z_SYNC_FLUSH | typeof Z_BLOCK;

/** A stream of zlib, driven by hand. The words are those of zlib's manual. */
export interface RawStream {
	/** After `run`: bytes of the input that were not taken, and of the output that were not written. */
	readonly availIn: number;
	readonly availOut: number;
	/**
	 * Goes on with `input[from…]` and writes to `output[at…]`. false: the data is corrupt, and how much was taken and written is
	 * not known.
	 */
	run(flush: Flush, input: Uint8Array, from: number, output: Uint8Array, at: number): boolean;
	reset(): void;
	close(): void;
}

/** Makes streams of raw DEFLATE data. */
export interface RawStreams {
	deflate(options: DeflaterOptions): RawStream;
	inflate(windowBits: number): RawStream;
}

/**
 * zlib has no window of 8 bits for raw data. Its window of 9 bits will do: it refers back 250 bytes at the most, as it keeps
 * 262 of the 512 for what is ahead, and a window of 8 bits has 256.
 */
export const SMALLEST_WINDOW_BITS = 9;

/**
 * RFC 7692 §7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message." They are the rest of an
 * empty block whose first bits end the message. The fifth byte is not for taking: a decompressor that takes it was not where that
 * block is.
 */
const TAIL: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);

/** One byte of room, to see whether anything comes out. */
const SPARE: Uint8Array = /* @__PURE__ */ new Uint8Array(1);

/** All codecs are synchronous and none calls another, so one buffer does for all. */
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
			// Room is left: all is compressed and flushed.
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
	/** How many bytes have come out since the window was last empty. */
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
			// There is never more room than may be used, not even for a byte: a failure does not tell what came out before it, and
			// which of two broken rules is found must not depend on where the data is cut.
			if (!stream.run(Z_SYNC_FLUSH, input, from, output.bytes, output.fill)) return this.#failed("corrupt");
			from = input.length - stream.availIn;
			output.fill = output.bytes.length - stream.availOut;
			if (output.fill === limit) {
				const failure = this.#hasMore(input.subarray(from, from + 1));
				if (failure !== null) return this.#failed(failure);
			} else if (output.fill === output.bytes.length) {
				// What was taken is finished, as if the payload ended there: then no byte of it is still to come out, and whoever
				// replays as much is at the same place.
				if (output.fill >= most) input = payload.subarray(0, from);
				output.grow();
				continue;
			}
			if (from === input.length) {
				this.left = payload.length - from;
				this.#reach = output.fill - windowStart;
				return output.take();
			}
			// Neither input nor room is missing: a block with BFINAL has ended the stream. RFC 7692 §7.2.3.4 has one in the midst
			// of a message.
			stream.reset();
			windowStart = output.fill;
		}
	}

	/** All room is used. Whether more comes, of what was taken, or of the next byte if that is one of a block without compression. */
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

/** The codec that such streams make. */
export function streamCodec(streams: RawStreams): Codec {
	return {
		deflater: (options) => new StreamDeflater(streams.deflate(options)),
		inflater: (windowBits) => new StreamInflater(streams.inflate(windowBits)),
	};
}
