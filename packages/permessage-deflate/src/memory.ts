// The approximate memory of zlib: its formulas, with a constant part between the values measured on Node, Deno and Bun
// (docs/compression.md).

/** Bytes of memory of a compressor. */
export function deflaterMemory(windowBits: number, memoryLevel: number): number {
	return 128 * 1024 + (4 << windowBits) + (256 << memoryLevel);
}

/** Bytes of memory of a decompressor. */
export function inflaterMemory(windowBits: number): number {
	return 16 * 1024 + (1 << windowBits);
}
