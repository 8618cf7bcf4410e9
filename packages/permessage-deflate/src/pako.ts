import type { Codec } from "./codec.ts";
import { type Flush, type RawStream, SMALLEST_WINDOW_BITS, streamCodec } from "./stream-codec.ts";

/** The used part of the package pako, version 3: `import * as pako from "pako"` provides it. */
interface PakoModule {
	ZStream: new () => PakoStream;
	zlibDeflateInit2(
		stream: PakoStream,
		level: number,
		method: number,
		windowBits: number,
		memLevel: number,
		strategy: 0,
	): number;
	zlibDeflate(stream: PakoStream, flush: Flush): number;
	zlibDeflateReset(stream: PakoStream): number;
	zlibInflateInit2(stream: PakoStream, windowBits: number): number;
	zlibInflate(stream: PakoStream, flush: Flush): number;
	zlibInflateReset(stream: PakoStream): number;
}

/** The `z_stream` of zlib in pako. */
interface PakoStream {
	input: Uint8Array;
	next_in: number;
	avail_in: number;
	output: Uint8Array<ArrayBuffer>;
	next_out: number;
	avail_out: number;
}

const Z_DEFLATED = 8;
const Z_DEFAULT_STRATEGY = 0;
/** Results from Z_STREAM_ERROR down are failures, except Z_BUF_ERROR, which only means that input or room is missing. */
const Z_STREAM_ERROR = -2;
const Z_BUF_ERROR = -5;

class PakoRawStream implements RawStream {
	readonly #stream: PakoStream;
	readonly #step: (stream: PakoStream, flush: Flush) => number;
	readonly #restart: (stream: PakoStream) => number;

	constructor(
		stream: PakoStream,
		step: (stream: PakoStream, flush: Flush) => number,
		restart: (stream: PakoStream) => number,
	) {
		this.#stream = stream;
		this.#step = step;
		this.#restart = restart;
	}

	get availIn(): number {
		return this.#stream.avail_in;
	}

	get availOut(): number {
		return this.#stream.avail_out;
	}

	run(flush: Flush, input: Uint8Array, from: number, output: Uint8Array, at: number): boolean {
		const stream = this.#stream;
		stream.input = input;
		stream.next_in = from;
		stream.avail_in = input.length - from;
		stream.output = output as Uint8Array<ArrayBuffer>;
		stream.next_out = at;
		stream.avail_out = output.length - at;
		const result = this.#step(stream, flush);
		return result > Z_STREAM_ERROR || result === Z_BUF_ERROR;
	}

	reset(): void {
		this.#restart(this.#stream);
	}

	/** The garbage collector frees the memory. */
	close(): void {}
}

/** Creates a codec in plain JavaScript, for runtimes without zlib. It is several times slower, but fully compatible. */
export function pakoCodec(pako: PakoModule): Codec {
	return streamCodec({
		deflate({ windowBits, level, memoryLevel }) {
			const stream = new pako.ZStream();
			// In zlib's interface a negative number of bits means raw data without a header.
			const bits = -Math.max(windowBits, SMALLEST_WINDOW_BITS);
			pako.zlibDeflateInit2(stream, level, Z_DEFLATED, bits, memoryLevel, Z_DEFAULT_STRATEGY);
			return new PakoRawStream(stream, pako.zlibDeflate, pako.zlibDeflateReset);
		},
		inflate(windowBits) {
			const stream = new pako.ZStream();
			pako.zlibInflateInit2(stream, -Math.max(windowBits, SMALLEST_WINDOW_BITS));
			return new PakoRawStream(stream, pako.zlibInflate, pako.zlibInflateReset);
		},
	});
}
