/** An array of so many elements takes about a quarter of the octets, at 8 an element. */
const ELEMENTS_PER_OCTET = 1 / 32;

/** Holds the latest, so that no compiler finds out that nobody wants it. */
const holder: { garbage: readonly unknown[] } = { garbage: [] };

/**
 * For `Platform.largeChunk` on V8: makes short-lived garbage on V8's heap, in proportion to the octets.
 *
 * A message's octets lie outside of that heap, and are freed when the small object that stands for them is collected. V8
 * collects young objects when they fill a space of some MiB, which a server of large messages hardly ever does: it lets 30
 * to 60 MiB of dead octets pile up. A little garbage beside each chunk fills that space after some MiB of octets. With a
 * slow reader a server on Node grows by 8 to 16 MiB instead of 17 to 62, one on Deno by 15 to 20 instead of 68 to 70, and
 * messages of 1 MiB cost no more time, because memory is used again sooner (`bench --only slow`).
 */
export function hastenScavenge(octets: number): void {
	holder.garbage = new Array(Math.floor(octets * ELEMENTS_PER_OCTET));
}
