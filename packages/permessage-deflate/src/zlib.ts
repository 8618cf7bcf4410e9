import { UsageError } from "@barewire/errors";
import type { Codec, DeflaterOptions } from "./codec.ts";
import { type Flush, type RawStream, SMALLEST_WINDOW_BITS, streamCodec } from "./stream-codec.ts";

/** What is used of a runtime's zlib module: `import * as zlib from "node:zlib"` has it. */
export interface ZlibModule {
	createDeflateRaw(options: { windowBits: number; level: number; memLevel: number; chunkSize: number }): ZlibStream;
	createInflateRaw(options: { windowBits: number; chunkSize: number }): ZlibStream;
}

/** A stream that such a module makes. */
interface ZlibStream {
	close(): void;
	reset(): void;
}

/** The module's streams write to memory of ours and need none of their own; it takes no less. */
const SMALLEST_CHUNK = 64;

/**
 * The part of a stream below its asynchronous surface: one call is one call of zlib. `_processChunk`, by which others drive
 * these streams, goes through it as well; but it closes the stream behind itself, so that global functions have to be
 * replaced meanwhile, and it has no say in where the output goes, nor in how much of it there is.
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
	/** What the last call has left: of the output, of the input. */
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
 * The codec on a runtime's own zlib, driven synchronously. Each message is compressed or decompressed within the call that
 * sends or receives it.
 *
 * @throws UsageError `ERR_ZLIB` when the module's streams have no such handle
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
	// What can't be driven is to be known at the start, and not with the first message.
	inflate(SMALLEST_WINDOW_BITS).close();
	return streamCodec({ deflate, inflate });
}
