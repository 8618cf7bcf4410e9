import { UsageError } from "@barewire/errors";
import type { Codec, DeflaterOptions } from "./codec.ts";
import { type Flush, type RawStream, SMALLEST_WINDOW_BITS, streamCodec } from "./stream-codec.ts";

/** The used part of a runtime's zlib module: `import * as zlib from "node:zlib"` provides it. */
export interface ZlibModule {
	createDeflateRaw(options: { windowBits: number; level: number; memLevel: number; chunkSize: number }): ZlibStream;
	createInflateRaw(options: { windowBits: number; chunkSize: number }): ZlibStream;
}

/** A stream of such a module. */
interface ZlibStream {
	close(): void;
	reset(): void;
}

/** The streams write to memory of this package and do not need their own buffer. This is the smallest accepted size. */
const SMALLEST_CHUNK = 64;

/**
 * The part of a stream below its asynchronous interface: one call is one call of zlib. `_processChunk`, which other libraries use,
 * also calls it. But `_processChunk` closes the stream afterwards, so global functions would have to be replaced during the call.
 * It also can't choose the output buffer or limit the size of the output.
 */
interface Handle {
	onerror: (message: string, errno: number, code: string) => void;
	writeSync(
		flush: number,
		input: Uint8Array,
		inputOffset: number,
		inputLength: number,
		output: Uint8Array,
		outputOffset: number,
		outputLength: number,
	): void;
}

class ZlibRawStream implements RawStream {
	readonly #stream: ZlibStream;
	readonly #handle: Handle;
	/** The unused bytes after the last call: of the output, of the input. */
	readonly #left: Uint32Array;
	#isSound = true;

	constructor(stream: ZlibStream) {
		const { _handle: handle, _writeState: left } = stream as ZlibStream & {
			_handle?: Handle;
			_writeState?: Uint32Array;
		};
		if (typeof handle?.writeSync !== "function" || left?.length !== 2)
			throw new UsageError(
				"ERR_ZLIB",
				"this zlib can't be driven synchronously: use pakoCodec(pako) of @barewire/permessage-deflate/pako",
			);
		this.#stream = stream;
		this.#handle = handle;
		this.#left = left;
		handle.onerror = () => {
			this.#isSound = false;
		};
	}

	get availIn(): number {
		return this.#left[1];
	}

	get availOut(): number {
		return this.#left[0];
	}

	run(flush: Flush, input: Uint8Array, from: number, output: Uint8Array, at: number): boolean {
		this.#handle.writeSync(flush, input, from, input.length - from, output, at, output.length - at);
		return this.#isSound;
	}

	reset(): void {
		this.#isSound = true;
		this.#stream.reset();
	}

	close(): void {
		this.#stream.close();
	}
}

/**
 * Creates a codec on the runtime's own zlib with synchronous calls. Each message is compressed or decompressed within the call that
 * sends or receives it.
 *
 * @throws UsageError `ERR_ZLIB` when the streams of the module have no such handle
 */
export function zlibCodec(zlib: ZlibModule): Codec {
	const deflate = ({ windowBits, level, memoryLevel }: DeflaterOptions): RawStream =>
		new ZlibRawStream(
			zlib.createDeflateRaw({
				windowBits: Math.max(windowBits, SMALLEST_WINDOW_BITS),
				level,
				memLevel: memoryLevel,
				chunkSize: SMALLEST_CHUNK,
			}),
		);
	const inflate = (windowBits: number): RawStream =>
		new ZlibRawStream(
			zlib.createInflateRaw({ windowBits: Math.max(windowBits, SMALLEST_WINDOW_BITS), chunkSize: SMALLEST_CHUNK }),
		);
	// Detect an unsupported module at the start, and not with the first message.
	inflate(SMALLEST_WINDOW_BITS).close();
	return streamCodec({ deflate, inflate });
}
