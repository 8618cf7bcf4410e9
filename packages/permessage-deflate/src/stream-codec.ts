import type { Codec, Deflater, DeflaterOptions, InflateFault, Inflater } from "./codec.ts";
import { NO_OCTETS } from "./octets.ts";
import { OutputBuffer } from "./output-buffer.ts";

/** A stream of zlib, driven by hand. The words are those of zlib's manual. */
export interface RawStream {
	/** After `run`: octets of the input that were not taken, and of the output that were not written. */
	readonly availIn: number;
	readonly availOut: number;
	/** Goes on with `input[from…]`, writes to `output[at…]`, and flushes with Z_SYNC_FLUSH. false: the data is corrupt. */
	run(input: Uint8Array, from: number, output: Uint8Array, at: number): boolean;
	reset(): void;
	close(): void;
}

/** Makes streams of raw DEFLATE data. */
export interface RawStreams {
	deflate(options: DeflaterOptions): RawStream;
	inflate(windowBits: number): RawStream;
}

/**
 * zlib has no window of 8 bits for raw data. Its window of 9 bits will do: it refers back 250 octets at the most, as it keeps
 * 262 of the 512 for what is ahead, and a window of 8 bits has 256.
 */
export const SMALLEST_WINDOW_BITS = 9;

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
			if (!stream.run(payload, from, output.bytes, output.fill)) throw new Error("the compressor has failed");
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

	constructor(stream: RawStream) {
		this.#stream = stream;
	}

	inflate(payload: Uint8Array, limit: number): Uint8Array | InflateFault {
		if (payload.length === 0) return NO_OCTETS;
		const stream = this.#stream;
		// One more octet than may come out tells that too many do.
		output.begin(limit + 1);
		for (let from = 0; ; ) {
			const isSound = stream.run(payload, from, output.bytes, output.fill);
			from = payload.length - stream.availIn;
			output.fill = output.bytes.length - stream.availOut;
			if (!isSound || output.fill > limit) {
				output.drop();
				return isSound ? "too-big" : "corrupt";
			}
			if (stream.availOut === 0) output.grow();
			else if (from === payload.length) return output.take();
			// Neither input nor room is missing: a block with BFINAL has ended the stream. RFC 7692 §7.2.3.4 has one in the midst
			// of a message.
			else stream.reset();
		}
	}

	reset(): void {
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
