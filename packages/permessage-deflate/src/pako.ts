import type { Codec } from "./codec.ts";
import { type Flush, type RawStream, SMALLEST_WINDOW_BITS, streamCodec } from "./stream-codec.ts";

/** What is used of the package pako, version 3: `import * as pako from "pako"` has it. */
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

/** zlib's `z_stream`, as pako has it. */
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
/** From here on down to Z_BUF_ERROR, which only says that input or room is missing, zlib's results are failures. */
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

	/** Its memory is the engine's to collect. */
	close(): void {}
}

/** A codec in plain JavaScript, for where there is no zlib: slower by some times, the same on the wire. */
export function pakoCodec(pako: PakoModule): Codec {
	return streamCodec({
		deflate({ windowBits, level, memoryLevel }) {
			const stream = new pako.ZStream();
			// In zlib's interface a negative number of bits stands for raw data, without a header.
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
