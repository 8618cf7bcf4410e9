import { NO_BYTES } from "./bytes.ts";

/**
 * One bump allocator for all writers of the module: an output piece is a view of it, and an idle writer owns none of
 * it. What has been committed is never written again; a full slab is left to its views and a new one begun.
 *
 * A view keeps its whole slab alive, so a peer that takes its output slowly can hold back this many bytes.
 */
export const SLAB_SIZE: number = 64 * 1024;

export let slab: Uint8Array = NO_BYTES;
/** Where the free part of the slab begins. */
export let slabFill: number = 0;

/** Makes sure of `size` free bytes, at most `SLAB_SIZE`, and gives their position. */
export function reserveInSlab(size: number): number {
	// A slab whose buffer somebody has transferred away has length 0 and is replaced here too.
	if (slab.length - slabFill < size) {
		slab = new Uint8Array(SLAB_SIZE);
		slabFill = 0;
	}
	return slabFill;
}

/** What lies before `end` has been written in full and stays as it is. */
export function commitToSlab(end: number): void {
	slabFill = end;
}
