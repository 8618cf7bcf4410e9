import type { Codec } from "@barewire/permessage-deflate";

/** The objects that stand for a smaller chunk, and for what is read of it, are garbage enough. */
const SMALLEST_CHUNK = 4 * 1024;

/** Bytes that have come since the last garbage: less leave too little behind to matter. */
const ENOUGH = 32 * 1024;
let bytesSince = 0;

/**
 * An array of so many elements has half as many bytes, at 8 an element. It must not be much larger: V8 gives an array of 128 KiB pages
 * of its own, beside the space that is to be filled.
 */
const ELEMENTS = ENOUGH / 16;

const NONE: readonly unknown[] = [];

/** Where the garbage is stored for a moment, so that the allocation is not optimised away. */
const holder: { garbage: readonly unknown[] } = { garbage: NONE };

/**
 * For the adapters of runtimes on V8, once for each chunk that comes: makes short-lived garbage on V8's heap, in proportion to the
 * bytes.
 *
 * A message's bytes lie outside of that heap, and are freed when the small object that stands for them is collected. V8
 * collects young objects when they fill a space of some MiB, which a server of large messages hardly ever does: it lets 30
 * to 60 MiB of dead bytes pile up. A little garbage beside each chunk fills that space after some MiB of bytes. None of
 * it is held, not even until the next array is made: what survives a collection makes V8 enlarge the space, and then more bytes
 * pile up.
 *
 * With a slow reader a server on Node grows by 5 to 10 MiB instead of 17 to 68, one on Deno by 13 to 18 instead of 45 to
 * 70 (`bench --only slow`). Messages of 1 MiB cost no more time, because memory is used again sooner (`bench --only 1MiB`).
 */
export function hastenScavenge(bytes: number): void {
	if (bytes < SMALLEST_CHUNK) return;
	bytesSince += bytes;
	for (; bytesSince >= ENOUGH; bytesSince -= ENOUGH) {
		holder.garbage = new Array(ELEMENTS);
		holder.garbage = NONE;
	}
}

/** The same for what a codec makes: beside what came, there is what it gives, which may be many times as much. */
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
