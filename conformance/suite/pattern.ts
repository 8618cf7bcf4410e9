/** After so many bytes the pattern begins again: no piece of the usual sizes looks like its neighbour. */
const PERIOD = 1 << 24;

/** One period. The cases take gigabytes of it, so it is made once, when the first piece is asked for. */
let period: Uint8Array | null = null;

/** Bytes that tell where they belong: a piece that is lost, doubled or out of place does not go unnoticed. */
export function pattern(length: number, from: number = 0): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	if (length < 4096) {
		for (let i = 0; i < length; i++) bytes[i] = byteAt(from + i);
		return bytes;
	}
	period ??= Uint8Array.from({ length: PERIOD }, (_, at) => byteAt(at));
	for (let done = 0; done < length; ) {
		const at = (from + done) % PERIOD;
		const piece = period.subarray(at, Math.min(PERIOD, at + length - done));
		bytes.set(piece, done);
		done += piece.length;
	}
	return bytes;
}

function byteAt(at: number): number {
	return (at ^ ((at >> 8) * 31) ^ ((at >> 16) * 17)) & 0xff;
}

/** Fails at the first byte that differs: an assertion's own diff of megabytes takes minutes. */
export function assertBytes(actual: Uint8Array, expected: Uint8Array, what: string = "the bytes"): void {
	if (actual.length !== expected.length)
		throw new Error(`${what}: ${actual.length} came instead of ${expected.length}`);
	if (Buffer.compare(actual, expected) === 0) return;
	const at = expected.findIndex((byte, i) => actual[i] !== byte);
	throw new Error(`${what}: ${actual[at]} instead of ${expected[at]} at ${at}`);
}
