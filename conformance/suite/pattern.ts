/** Bytes that tell where they belong: a piece that is lost, doubled or out of place does not go unnoticed. */
export function pattern(length: number, from: number = 0): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	for (let i = 0; i < length; i++) {
		const at = from + i;
		// Of period 2^24: no piece of the usual sizes looks like its neighbour.
		bytes[i] = (at ^ ((at >> 8) * 31) ^ ((at >> 16) * 17)) & 0xff;
	}
	return bytes;
}

/** Fails at the first byte that differs: an assertion's own diff of megabytes takes minutes. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string = "the bytes"): void {
	if (actual.length !== expected.length)
		throw new Error(`${what}: ${actual.length} came instead of ${expected.length}`);
	if (Buffer.compare(actual, expected) === 0) return;
	const at = expected.findIndex((byte, i) => actual[i] !== byte);
	throw new Error(`${what}: ${actual[at]} instead of ${expected[at]} at ${at}`);
}
