import { NO_BYTES } from "./bytes.ts";

/**
 * One bump allocator for all writers of the module. An output piece is a view of it, and an idle writer uses none of it. Committed
 * bytes are never written again. When a slab is full, a new one is created, and the old one lives as long as its views.
 *
 * A view keeps its whole slab alive, so a peer that reads its output slowly can keep this many bytes in memory.
 */
export const SLAB_SIZE: number = 64 * 1024;

export let slab: Uint8Array = NO_BYTES;
/** The start of the free part of the slab. */
export let slabFill: number = 0;

/** Reserves `size` free bytes, at most `SLAB_SIZE`, and returns their position. */
export function reserveInSlab(size: number): number {
	// If the buffer of the slab was transferred, its length is 0, and it is replaced here too.
	if (slab.length - slabFill < size) {
		slab = new Uint8Array(SLAB_SIZE);
		slabFill = 0;
	}
	return slabFill;
}

/** All bytes before `end` are written and must not change any more. */
export function commitToSlab(end: number): void {
	slabFill = end;
}
