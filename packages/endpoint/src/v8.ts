import type { Codec } from "@barewire/permessage-deflate";

/** The objects that represent a smaller chunk, and what is parsed from it, are enough garbage. */
const SMALLEST_CHUNK = 4 * 1024;

/** Bytes that have come since the last garbage. With fewer bytes, too little memory waits to be freed to matter. */
const ENOUGH = 32 * 1024;
let bytesSince = 0;

/**
 * An array with this many elements has half of `ENOUGH` bytes, at 8 bytes per element. It must not be much larger: V8 gives
 * an array of 128 KiB its own pages, outside the space that has to be filled.
 */
const ELEMENTS = ENOUGH / 16;

const NONE: readonly unknown[] = [];

/** Stores the garbage for a moment, so that the allocation is not optimised away. */
const holder: { garbage: readonly unknown[] } = { garbage: NONE };

/**
 * For the adapters of runtimes on V8, called once for each received chunk: creates short-lived garbage on V8's heap, in
 * proportion to the bytes.
 *
 * The bytes of a message are outside that heap. They are freed when the small object that represents them is collected. V8
 * collects young objects when they fill a space of some MiB, which rarely happens on a server of large messages: 30 to 60
 * MiB of unused bytes accumulate. A little garbage for each chunk fills that space after some MiB of bytes. No garbage is
 * kept, not even until the next array is created: objects that survive a collection make V8 enlarge the space, and then
 * more bytes accumulate.
 *
 * With a slow reader, a server on Node grows by 5 to 10 MiB instead of 17 to 68, and one on Deno by 13 to 18 instead of 45
 * to 70 (`bench --only slow`). Messages of 1 MiB cost no more time, because memory is reused sooner (`bench --only 1MiB`).
 */
export function hastenScavenge(bytes: number): void {
	if (bytes < SMALLEST_CHUNK) return;
	bytesSince += bytes;
	for (; bytesSince >= ENOUGH; bytesSince -= ENOUGH) {
		holder.garbage = new Array(ELEMENTS);
		holder.garbage = NONE;
	}
}

/** Does the same for the output of a codec: its size comes in addition to that of the input, and may be many times larger. */
export function hastenedCodec(codec: Codec): Codec {
	return {
		deflater(options) {
			const deflater = codec.deflater(options);
			return {
				deflate: (payload) => noted(deflater.deflate(payload)),
				reset: () => deflater.reset(),
				close: () => deflater.close(),
			};
		},
		inflater(windowBits) {
			const inflater = codec.inflater(windowBits);
			return {
				inflate: (payload, limit, most) => noted(inflater.inflate(payload, limit, most)),
				get left() {
					return inflater.left ?? 0;
				},
				endMessage: () => inflater.endMessage(),
				reset: () => inflater.reset(),
				close: () => inflater.close(),
			};
		},
	};
}

function noted<Result>(result: Result): Result {
	if (result instanceof Uint8Array) hastenScavenge(result.length);
	return result;
}
